"""A delivered file as a relation: its columns found, its options checked, nothing guessed.

CSV and JSON columns are read as text, so that what a value was is decided in one place, by the
canonical type, and a bad value can be kept as it was written. Parquet keeps its own types.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from saydo.config import Feed
from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing.encodings import advice, looks_like
from saydo.landing.json_lines import mend
from saydo.landing.unpacking import MOST_TIMES, Damaged, Overpacked, compression_of, open_plain
from saydo.room import lack_of
from saydo.sql import literal, quoted

_START_BYTES = 1 << 20
_LONGEST_OBJECT = 16 << 20


@dataclass(frozen=True)
class Relation:
    """A file as the engine sees it. `types` maps each of its columns to the engine's type."""

    sql: str
    types: dict[str, str]
    first_line: int  # line number of the first record
    has_rejects: bool  # the engine keeps records it could not split in `reject_errors`
    header: dict[str, str] = field(default_factory=dict)  # of a CSV: each column's as written
    csv: tuple[Path, dict[str, str]] | None = None  # what `sql` reads, and the reader's settings
    line_column: str | None = None  # a column that holds the line number, if not the row order
    feed: str = ""
    text_file: Path | None = None  # a CSV, or JSON of one object a line
    set_aside: Path | None = None  # lines of JSON that are none, which `sql` does not read


def refusal(feed: Feed, file_name: str, what: str, advice: str) -> DeliveryRefused:
    """The error for a delivery that may not go in."""
    return DeliveryRefused(f"feed {feed.name}: file {file_name!r}: {what}; {advice}")


def lost_lines(feed: str, file_name: str) -> DeliveryRefused:
    """The error for a file of which the engine read fewer records than there are."""
    what = "lines of it were lost in reading; look for a quote left open"
    return DeliveryRefused(f"feed {feed}: file {file_name!r}: {what}")


def relation(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str
) -> Relation:
    """Find the columns of a delivered file and say how to read it.

    Args:
        connection: may open `file` and what lies beside it.
        feed: its format and options.
        file: what `readable` gave for it.
        file_name: what to call it in messages.

    Raises:
        DeliveryRefused: the file is empty or cannot be read as what the feed says it is.
    """
    if file.stat().st_size == 0:
        raise refusal(feed, file_name, "it is empty (zero bytes)", "deliver it again")
    make = {"csv": _csv, "json": _json, "parquet": _parquet}[feed.format]
    try:
        with open_plain(file) as stream:
            start = stream.read(_START_BYTES)
        return make(connection, feed, file, file_name, start)
    except duckdb.InterruptException:  # its stream is damaged: whoever found out tells
        raise
    except (duckdb.Error, Damaged) as error:
        raise unreadable(feed, file_name, error) from None


def _text(feed: Feed, file_name: str, start: bytes) -> str:
    """The first part of a text file.

    Raises:
        DeliveryRefused: it is wider than the engine's bytes, so that no line of it can be read.
    """
    seen = looks_like(start)
    if seen and seen[1].startswith(("utf-16", "utf-32")):
        raise refusal(feed, file_name, "it is not UTF-8", advice(feed.name, seen))
    return start.decode("utf-8-sig", "replace")


def unreadable(feed: Feed, file_name: str, error: Exception) -> DeliveryRefused:
    """The refusal for a file the engine gave up on. The engine's text may quote rows: not kept.

    Raises:
        Exception: `error` itself where memory or disk ran out, which is no fault of the file.
    """
    if lack_of(error):
        raise error
    if isinstance(error, Overpacked):
        return refusal(
            feed,
            file_name,
            f"it unpacks to more than {MOST_TIMES} times its size",
            "if that is right, deliver it unpacked",
        )
    if isinstance(error, Damaged):
        return refusal(
            feed, file_name, "its compressed stream is cut off or damaged", "deliver it again"
        )
    if "maximum_object_size" in str(error):
        return refusal(
            feed,
            file_name,
            "an object in it is longer than maximum_object_size",
            f"raise feeds.{feed.name}.options.maximum_object_size (bytes; 16777216 if not given)",
        )
    if "duplicate key" in str(error):
        return refusal(
            feed, file_name, "an object in it names a value twice", "deliver each value once"
        )
    kind = type(error).__name__.removesuffix("Exception").replace("Error", "") or "reading"
    return refusal(
        feed,
        file_name,
        f"it cannot be read as {feed.format} ({kind} error): damaged, cut off or another format",
        "deliver it again, or change feeds."
        f"{feed.name}.format, .options or the file's extension (.gz, .zst)",
    )


def _csv(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str, start: bytes
) -> Relation:
    options: dict[str, Any] = {"delim": ",", "quote": '"', "escape": '"', "header": True} | (
        feed.options
    )
    skip = int(options.get("skip", 0))
    text = _text(feed, file_name, start)
    header = _header(feed, file_name, text, options, skip) if options["header"] else []
    if any("\ufffd" in name for name in header) and (seen := looks_like(start)):
        raise refusal(feed, file_name, "its header is not UTF-8", advice(feed.name, seen))
    names = list(options.get("names") or header)
    if not names:
        raise refusal(
            feed,
            file_name,
            "it has no header line",
            f"deliver one, or give feeds.{feed.name}.options.names",
        )
    names = [name or f"column{i}" for i, name in enumerate(names, 1)]
    times = Counter(name.lower() for name in names)
    if twice := sorted(name for name, count in times.items() if count > 1):
        raise refusal(
            feed,
            file_name,
            f"its header names a column twice: {', '.join(twice)}",
            "deliver it with each column named once",
        )
    settings = {
        "header": str(bool(options["header"])).lower(),
        # Nothing is guessed: what a file happens to hold must not decide how it is read.
        "auto_detect": "false",
        "delim": literal(options["delim"]),
        "quote": literal(options["quote"]),
        "escape": literal(options["escape"]),
        "skip": str(skip),
        "compression": literal(compression_of(file)),
        # Every line that cannot be split is kept (0: without a limit), and one that is too short is
        # such a line, not a row with nulls: or rows would go without being counted.
        "store_rejects": "true",
        "rejects_limit": "0",
        "null_padding": "false",
    }
    if "nullstr" in options:
        nulls = options["nullstr"] if isinstance(options["nullstr"], list) else [options["nullstr"]]
        settings["nullstr"] = "[" + ", ".join(literal(str(null)) for null in nulls) + "]"
    if "comment" in options:
        settings["comment"] = literal(options["comment"])
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    arguments = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return Relation(
        f"read_csv({literal(str(file))}, columns = {{{columns}}}, {arguments})",
        dict.fromkeys(names, "VARCHAR"),
        skip + (2 if options["header"] else 1),
        True,
        {name: written for name, written in zip(names, header, strict=False) if written},
        (file, settings),
        feed=feed.name,
        text_file=file,
    )


def _header(feed: Feed, file_name: str, text: str, options: dict[str, Any], skip: int) -> list[str]:
    lines = io.StringIO(text, newline="")
    for _ in range(skip):
        lines.readline()
    quote = options["quote"]
    # Read by Python: the engine is told the names, and so cannot be asked for them.
    rows = csv.reader(
        lines,
        delimiter=options["delim"],
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    comment = options.get("comment")
    try:
        for row in rows:
            if row and not (comment and row[0].startswith(comment)):
                break
        else:
            return []
    except csv.Error:
        # It cannot even be split: told in the words for a header with a NUL in it.
        row = ["\0"]
    if any("\0" in name for name in row):
        raise refusal(
            feed,
            file_name,
            "its header line is damaged or no text",
            f"deliver it again, or change feeds.{feed.name}.format or .options",
        )
    return [name.strip() for name in row]


def _json(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str, start: bytes
) -> Relation:
    text = _text(feed, file_name, start)
    layout = str(feed.options.get("format", "auto"))
    if layout not in ("auto", "array", "newline_delimited"):
        raise ConfigError(
            f"feeds.{feed.name}.options.format: must be auto, array or newline_delimited"
        )
    if layout == "auto":
        layout = "array" if text.lstrip().startswith("[") else "newline_delimited"
    longest = int(feed.options.get("maximum_object_size", _LONGEST_OBJECT))
    text_file = file if layout == "newline_delimited" else None
    set_aside: Path | None = None

    def read(file: Path) -> tuple[str, list[str]]:
        packed = compression_of(file).replace("none", "uncompressed")
        shared = (
            f"{literal(str(file))}, format = {literal(layout)}, compression = {literal(packed)}, "
            f"maximum_object_size = {longest}"
        )
        # The whole file is looked through: what only a late object names is a column, too.
        found = connection.execute(
            f"describe select * from read_json({shared}, records = true, sample_size = -1, "
            "maximum_depth = 1)"
        ).fetchall()
        return shared, [row[0] for row in found]

    try:
        shared, names = read(file)
    except (duckdb.InvalidInputException, duckdb.BinderException) as error:
        # One line that is no JSON stops the engine for all. Such lines are written aside, and what
        # is left is read.
        if "maximum_object_size" in str(error) or text_file is None:
            mended = None
        else:
            mended = mend(file, longest)
        if mended is None:
            raise unreadable(feed, file_name, error) from None
        file, set_aside = mended
        shared, names = read(file)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return Relation(
        f"read_json({shared}, columns = {{{columns}}})",
        dict.fromkeys(names, "VARCHAR"),
        1,
        False,
        feed=feed.name,
        text_file=text_file,
        set_aside=set_aside,
    )


def _parquet(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str, start: bytes
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
