"""Bytes of every kind: each file is landed, or told by name; nothing ends in an engine's error."""

from __future__ import annotations

import gzip
import json
import random
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from landing_home import HEADER, Home, payment

from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import check_feeds
from saydo.landing import encodings as encodings_module

LINES = [HEADER, *(payment(n) for n in range(3))]
CSV = ("\n".join(LINES) + "\n").encode()
JSON = b"".join(
    json.dumps(dict(zip(HEADER.split(","), line.split(","), strict=True))).encode() + b"\n"
    for line in LINES[1:]
)


def parquet(folder: Path) -> bytes:
    file = folder / "plain.parquet"
    duckdb.execute(f"copy (select 't1' as id, 1 as amount from range(1000)) to '{file}'")
    return file.read_bytes()


def bomb(unit: bytes) -> bytes:
    """A gzip of a thousand members: 10 GB, made by packing a thousandth of it."""
    return gzip.compress(unit * (10_000_000 // len(unit))) * 1000


def hostile(folder: Path) -> Iterator[tuple[str, str, str, bytes]]:
    """(what, format, suffix, content) of files that cannot be right."""
    chance = random.Random(7)
    wide = ",".join(f"c{n}" for n in range(10_000))
    for name, start in {
        "nul in the header": HEADER.replace("amount", "am\0ount"),
        "only NUL": "\0" * 1000,
        "quote left open": '"' + HEADER,
        "quotes": '"' * 1001,
        "a name in quotes with a quote": HEADER.replace("mail", '"ma""il"'),
        "a name that is SQL": HEADER.replace("mail", "mail'); drop table staged; --"),
        "twice": HEADER.replace("mail", "id"),
        "twice but for case": HEADER.replace("mail", "ID"),
        "empty names": ",,,,,",
        "blank": " ",
        "line ends": "\n\r\n\r\r\n",
        "wide": wide,
        "wide and twice": wide + ",c1",
        "one long name": "x" * 3_000_000,
    }.items():
        yield name, "csv", "", f"{start}\n{payment(1)}\n".encode()
    long_line = payment(1, kind="x" * 50_000_000)
    yield (
        "a line of 50 MB",
        "csv",
        "",
        f"{HEADER}\n{payment(2)}\n{long_line}\n{payment(3)}\n".encode(),
    )
    yield "an object of 50 MB", "json", "", JSON + b'{"id": "' + b"x" * 50_000_000 + b'"}\n'
    yield "an array cut off", "json", "", b'[{"id": 1}, {"id"'
    yield "brackets", "json", "", b"[" * 100_000
    yield "objects in objects", "json", "", b'{"a":' * 100_000
    yield "gzip cut off", "csv", ".gz", gzip.compress(CSV)[:-20]
    yield "gzip cut off", "json", ".gz", gzip.compress(JSON)[:30]
    yield "zstd cut off", "csv", ".zst", bytes(pa.compress(CSV, codec="zstd", asbytes=True))[:-9]
    yield "10 GB of NUL", "csv", ".gz", bomb(b"\0")
    yield "10 GB of CSV", "csv", ".gz", bomb(CSV)
    yield "10 GB of JSON", "json", ".gz", bomb(JSON)
    whole = parquet(folder)
    for keep in (4, len(whole) // 2, len(whole) - 1):
        yield "parquet cut off", "parquet", "", whole[:keep]
    for _ in range(3):
        damaged = bytearray(whole)
        for place in chance.sample(range(len(damaged)), 40):
            damaged[place] = chance.randrange(256)
        yield "parquet damaged", "parquet", "", bytes(damaged)
    for kind in ("csv", "csv.zst", "json.gz", "parquet"):
        format_, _, packed = kind.partition(".")
        suffix = f".{packed}" if packed else ""
        yield "noise", format_, suffix, chance.randbytes(5000)


def test_whatever_bytes_come_the_check_and_the_landing_say_so_by_feed_and_file(
    home: Home, tmp_path: Path
) -> None:
    for number, (what, format_, suffix, content) in enumerate(hostile(tmp_path)):
        name = f"payments_{number}.data{suffix}"
        file = home.deliver(content, name)
        home.feed(format=format_, path="payments_*", expect={"max_reject_ratio": 0})
        problems = [problem for problem in check_feeds(home.settings) if problem.feed == "payments"]
        assert problems, what
        with pytest.raises(DeliveryRefused) as error:
            home.land()
        assert f"feed payments: file {name!r}: " in str(error.value), what
        assert "example.com" not in f"{error.value} {problems}", what
        assert home.leftovers() == [], what
        file.unlink()


TOPICS = {"utf-16": "café €5", "utf-16-be": "ßÅŁ", "cp1252": "café €5", "Latin-1": "café",
          "iso-8859-15": "café €5", "UTF-8": "café €5 ☃"}  # fmt: skip


def written(encoding: str, text: str, mark: bytes = b"") -> bytes:
    lines = [HEADER + ",product", *(f"{payment(n)},{text} {n}" for n in range(2000))]
    return mark + "\r\n".join((*lines, "")).encode(encoding)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("encoding", TOPICS)
def test_a_text_reads_back_as_it_was_written(home: Home, encoding: str, suffix: str) -> None:
    home.feed(columns={"product_code": "product"}, options={"encoding": encoding})
    content = written(encoding, TOPICS[encoding])
    home.deliver(gzip.compress(content) if suffix else content, f"payments.csv{suffix}")
    home.land()
    rows = home.rows("product_code, _line_number")
    assert rows == [(f"{TOPICS[encoding]} {n}", n + 2) for n in range(2000)]
    assert check_feeds(home.settings) == []
    assert not list((home.folder / "tmp").iterdir()), "clear text stays behind"


@pytest.mark.parametrize(
    ("content", "looks_like", "option"),
    [
        (written("utf-16", "café"), "UTF-16 (its byte order mark says so)", "utf-16"),
        (written("utf-16-le", "café"), "UTF-16-LE (every other byte is NUL)", "utf-16-le"),
        (written("utf-16-be", "café"), "UTF-16-BE (every other byte is NUL)", "utf-16-be"),
        (written("cp1252", "café €5"), "Windows-1252", "windows-1252"),
        (written("latin-1", "café"), "Latin-1 (ISO-8859-1) or Windows-1252", "windows-1252"),
        (written("latin-1", "x").replace(b"mail", b"c\xe9"), "Latin-1", "windows-1252"),
    ],
)
@pytest.mark.parametrize("format_", ["csv", "json"])
def test_another_encoding_is_named_with_the_option_that_reads_it(
    home: Home, content: bytes, looks_like: str, option: str, format_: str
) -> None:
    if format_ == "json" and b"\0" not in content:
        content = JSON + b'{"id": "' + content.replace(b"\r\n", b" ") + b'"}\n' + JSON
    home.feed(format=format_, expect={"max_reject_ratio": 0})
    home.deliver(content)
    told = "; ".join(problem.reason for problem in check_feeds(home.settings))
    with pytest.raises(DeliveryRefused) as error:
        home.land()
    for message in (told, str(error.value)):
        assert looks_like in message
        assert f"set feeds.payments.options.encoding to {option}" in message


def test_a_byte_that_the_encoding_does_not_know_sends_its_line_to_quarantine(home: Home) -> None:
    home.feed(options={"encoding": "windows-1252"})
    lines = [HEADER, payment(1), payment(2, kind="ch\x81"), payment(3)]
    home.deliver("\n".join(lines).encode("latin-1"))
    home.land()
    assert home.rows("transaction_id, _line_number") == [("t1", 2), ("t3", 4)]
    ((line, reason),) = home.quarantined("line_number, reason")
    assert line == 3 and "invalid encoding" in reason


def test_text_in_another_encoding_is_copied_where_nobody_else_may_look(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    transcode = encodings_module._transcode

    def look(file: Path, target: Path, *more: object) -> int:
        lines = transcode(file, target, *more)
        seen.extend(stat.S_IMODE(path.stat().st_mode) for path in (target, target.parent))
        return lines

    monkeypatch.setattr(encodings_module, "_transcode", look)
    home.feed(options={"encoding": "latin-1"})
    home.deliver(written("latin-1", "café"))
    home.land()
    assert seen == [0o600, 0o700]


@pytest.mark.parametrize("name", ["utf-17", "rot13", "base64", "undefined", "a\0b"])
def test_an_encoding_that_is_none_is_refused(home: Home, name: str) -> None:
    home.feed(options={"encoding": name})
    home.deliver(CSV)
    with pytest.raises(ConfigError, match=r"feeds\.payments\.options\.encoding: unknown encoding"):
        home.land()


def test_lines_of_json_that_are_none_keep_their_text_number_and_reason(home: Home) -> None:
    good = JSON.splitlines()
    bad = [b'{"id":"2","amount":oops}', b'{"id":"3', b"[1, 2]", b"5", b'{"id":"x"} {"id":"y"}']
    content = b"\n\n".join((good[0], *bad, b'{"id": "caf\xe9"}', good[1]))
    home.feed(format="json", where="amount is not null")
    home.deliver(content + b"\n")
    (batch,) = (home.land(), home.ledger())[1]
    assert (batch.delivered_count, batch.loaded_count, batch.quarantined_count) == (8, 2, 6)
    assert home.rows("transaction_id, _line_number") == [("t0", 1), ("t1", 15)]
    found = home.quarantined("line_number, raw_text, reason")
    assert [row[:2] for row in found[:5]] == [
        (line, text.decode()) for line, text in zip(range(3, 13, 2), bad, strict=True)
    ]
    assert "no JSON (Expecting value, column 20)" in found[0][2]
    assert "no JSON object" in found[2][2] and "Latin-1" in found[5][2]


@pytest.mark.parametrize("record", ["{}", "null"])
def test_a_record_without_a_value_is_not_taken_for_one_that_a_filter_leaves_out(
    home: Home, record: str
) -> None:
    home.feed(format="json", where="amount is not null")
    home.deliver(JSON + record.encode() + b"\n")
    home.land()
    assert home.quarantined("line_number, reason_code") == [(4, "empty_record")]


def test_of_a_value_that_is_there_twice_none_is_taken(home: Home) -> None:
    home.feed(format="json")
    home.deliver(JSON + b'{"id": "1", "id": "2"}\n')
    with pytest.raises(DeliveryRefused, match="names a value twice"):
        home.land()
