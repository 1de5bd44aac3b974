"""A delivered file as a relation: its columns found, its options checked, nothing guessed.

CSV and JSON columns are read as text, so that what a value was is decided in one place, by the
canonical type, and a bad value can be kept as it was written. Parquet keeps its own types.
"""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from saydo.config import Feed
from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing.engine import literal, quoted

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_HEAD_BYTES = 1 << 20
_OPTIONS: dict[str, dict[str, tuple[type, ...]]] = {
    "csv": {
        "delim": (str,),
        "quote": (str,),
        "escape": (str,),
        "header": (bool,),
        "names": (list,),
        "skip": (int,),
        "nullstr": (str, list),
        "encoding": (str,),
        "comment": (str,),
    },
    "json": {"format": (str,), "maximum_object_size": (int,)},
    "parquet": {"binary_as_string": (bool,)},
}


@dataclass(frozen=True)
class Relation:
    """A file as the engine sees it. `types` maps each of its columns to the engine's type."""

    sql: str
    types: dict[str, str]
    first_line: int  # line number of the first record
    has_rejects: bool  # the engine keeps records it could not split in `reject_errors`
    header: tuple[str, ...] = ()  # the header of a CSV, as written
    csv: tuple[Path, dict[str, str]] | None = None  # what `sql` reads, and the reader's settings
    line_column: str | None = None  # a column that holds the line number, if not the row order


def refusal(feed: Feed, file_name: str, what: str, advice: str) -> DeliveryRefused:
    """The error for a delivery that may not go in."""
    return DeliveryRefused(f"feed {feed.name}: file {file_name!r}: {what}; {advice}")


def compression_of(file: Path) -> str:
    """`gzip`, `zstd` or `none`, by extension."""
    return COMPRESSIONS.get(file.suffix.lower(), "none")


def open_plain(file: Path, compression: str) -> BinaryIO:
    """The file's bytes without the compression. A cut-off stream raises EOFError or OSError."""
    if compression == "gzip":
        return gzip.open(file, "rb")  # type: ignore[return-value]
    if compression == "zstd":
        import pyarrow  # slow to import, and few files need it

        return pyarrow.input_stream(str(file), compression="zstd")
    return file.open("rb")


def check_options(feed: Feed) -> None:
    """Refuse reader options that are not on the list of the feed's format.

    Raises:
        ConfigError: an unknown option, or one of the wrong type.
    """
    allowed = _OPTIONS[feed.format]
    for name, value in feed.options.items():
        if name not in allowed:
            near = get_close_matches(name, allowed, 1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"valid: {', '.join(allowed)}"
            raise ConfigError(
                f"feeds.{feed.name}.options: unknown {feed.format} option {name!r}; {hint}"
            )
        if type(value) not in allowed[name]:
            kinds = " or ".join(kind.__name__ for kind in allowed[name])
            raise ConfigError(f"feeds.{feed.name}.options.{name}: must be {kinds}")


def relation(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str
) -> Relation:
    """Find the columns of a delivered file and say how to read it.

    Args:
        connection: may open `file` and nothing else.
        feed: its format and options.
        file: the path to read, whose extension is the delivered one's.
        file_name: what to call it in messages.

    Raises:
        DeliveryRefused: the file is empty or cannot be read as what the feed says it is.
    """
    if file.stat().st_size == 0:
        raise refusal(feed, file_name, "it is empty (zero bytes)", "deliver it again")
    make = {"csv": _csv, "json": _json, "parquet": _parquet}[feed.format]
    try:
        return make(connection, feed, file, file_name)
    except (duckdb.Error, OSError, EOFError) as error:
        raise unreadable(feed, file_name, error) from None


def unreadable(feed: Feed, file_name: str, error: Exception) -> DeliveryRefused:
    """The refusal for a file the engine gave up on. The engine's text may quote rows: not kept."""
    if isinstance(error, (EOFError, OSError)):
        return refusal(
            feed, file_name, "its compressed stream is cut off or damaged", "deliver it again"
        )
    kind = type(error).__name__.removesuffix("Exception") or "reading"
    return refusal(
        feed,
        file_name,
        f"it cannot be read as {feed.format} ({kind} error): damaged, cut off or another format",
        "deliver it again, or change feeds."
        f"{feed.name}.format, .options or the file's extension (.gz, .zst)",
    )


def _csv(connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str) -> Relation:
    options: dict[str, Any] = {"delim": ",", "quote": '"', "escape": '"', "header": True} | (
        feed.options
    )
    compression = compression_of(file)
    with open_plain(file, compression) as stream:
        head = stream.read(_HEAD_BYTES)
    encoding = str(options.get("encoding", "utf-8"))
    codec = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    try:
        text = head.decode(codec, errors="ignore" if len(head) == _HEAD_BYTES else "replace")
    except LookupError:
        raise ConfigError(
            f"feeds.{feed.name}.options.encoding: unknown encoding {encoding!r}"
        ) from None
    skip = int(options.get("skip", 0))
    header = _header(text, options, skip) if options["header"] else []
    names = list(options.get("names") or header)
    if not names:
        raise refusal(
            feed,
            file_name,
            "it has no header line",
            f"deliver one, or give feeds.{feed.name}.options.names",
        )
    if header and not all(header):
        header_names = [name or f"column{i}" for i, name in enumerate(names, 1)]
        names = header_names
    twice = {name.lower() for name in names if [n.lower() for n in names].count(name.lower()) > 1}
    if twice:
        raise refusal(
            feed,
            file_name,
            f"its header names a column twice: {', '.join(sorted(twice))}",
            "deliver it with each column named once",
        )
    settings = {
        "header": str(bool(options["header"])).lower(),
        "auto_detect": "false",
        "delim": literal(options["delim"]),
        "quote": literal(options["quote"]),
        "escape": literal(options["escape"]),
        "skip": str(skip),
        "compression": literal(compression),
        "store_rejects": "true",
        "rejects_limit": "0",
        "null_padding": "false",
    }
    if "nullstr" in options:
        nulls = options["nullstr"] if isinstance(options["nullstr"], list) else [options["nullstr"]]
        settings["nullstr"] = "[" + ", ".join(literal(str(null)) for null in nulls) + "]"
    if "comment" in options:
        settings["comment"] = literal(options["comment"])
    if codec != "utf-8-sig":
        settings["encoding"] = literal(encoding)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    arguments = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return Relation(
        f"read_csv({literal(str(file))}, columns = {{{columns}}}, {arguments})",
        dict.fromkeys(names, "VARCHAR"),
        skip + (2 if options["header"] else 1),
        True,
        tuple(header),
        (file, settings),
    )


def _header(text: str, options: dict[str, Any], skip: int) -> list[str]:
    lines = io.StringIO(text, newline="")
    for _ in range(skip):
        lines.readline()
    quote = options["quote"]
    rows = csv.reader(
        lines,
        delimiter=options["delim"],
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    comment = options.get("comment")
    for row in rows:
        if row and not (comment and row[0].startswith(comment)):
            return [name.strip() for name in row]
    return []


def _json(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str
) -> Relation:
    compression = compression_of(file)
    with open_plain(file, compression) as stream:
        head = stream.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")
    layout = str(feed.options.get("format", "auto"))
    if layout not in ("auto", "array", "newline_delimited"):
        raise ConfigError(
            f"feeds.{feed.name}.options.format: must be auto, array or newline_delimited"
        )
    if layout == "auto":
        layout = "array" if head.startswith(b"[") else "newline_delimited"
    packed = literal("uncompressed" if compression == "none" else compression)
    shared = f"{literal(str(file))}, format = {literal(layout)}, compression = {packed}"
    if "maximum_object_size" in feed.options:
        shared += f", maximum_object_size = {int(feed.options['maximum_object_size'])}"
    if layout == "newline_delimited":
        shared += ", ignore_errors = true"
    found = connection.execute(
        f"describe select * from read_json({shared}, sample_size = -1, maximum_depth = 1)"
    ).fetchall()
    names = [row[0] for row in found]
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return Relation(
        f"read_json({shared}, columns = {{{columns}}})", dict.fromkeys(names, "VARCHAR"), 1, False
    )


def _parquet(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str
) -> Relation:
    as_text = str(bool(feed.options.get("binary_as_string", False))).lower()
    sql = (
        f"read_parquet({literal(str(file))}, hive_partitioning = false, "
        f"binary_as_string = {as_text})"
    )
    found = connection.execute(f"describe select * from {sql}").fetchall()
    return Relation(sql, {row[0]: row[1] for row in found}, 1, False)


def column_list(types: dict[str, str]) -> str:
    """The file's columns as one engine struct, to be kept as JSON."""
    return "{" + ", ".join(f"{literal(name)}: {quoted(name)}" for name in types) + "}"
