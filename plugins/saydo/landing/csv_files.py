"""A CSV as a relation: its header rows read here, its columns as text."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from saydo.config import Feed
from saydo.landing.encodings import advice, looks_like
from saydo.landing.headers import check_head, check_names, labels_of
from saydo.landing.relations import Relation, refusal, text_of
from saydo.landing.unpacking import compression_of
from saydo.sql import literal


@dataclass(frozen=True)
class _Head:
    """The header rows of a CSV: their fields, the lines they fill, the records the engine skips."""

    rows: list[list[str]]
    lines: int
    records: int


def csv_relation(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str, start: bytes
) -> Relation:
    """Find a CSV's columns. See `reader.relation`."""
    options: dict[str, Any] = {"delim": ",", "quote": '"', "escape": '"', "header": True} | (
        feed.options
    )
    skip = int(options.get("skip", 0))
    text = text_of(feed, file_name, start)
    head = _Head([], skip, skip)
    if options["header"]:
        head = _head(feed, file_name, text, options, skip)
    header = head.rows[0] if head.rows else []
    if any("\ufffd" in name for row in head.rows for name in row) and (seen := looks_like(start)):
        raise refusal(feed, file_name, "its header is not UTF-8", advice(feed.name, seen))
    names = list(options.get("names") or header)
    if not names:
        raise refusal(
            feed,
            file_name,
            "it has no header line",
            f"deliver one, or give feeds.{feed.name}.options.names",
        )
    names = check_names(feed, file_name, names)
    # Further header rows are skipped with the first: their texts may go over several lines.
    is_plain = feed.header_rows == 1
    settings = {
        "header": str(bool(options["header"]) and is_plain).lower(),
        # Nothing is guessed: what a file happens to hold must not decide how it is read.
        "auto_detect": "false",
        "delim": literal(options["delim"]),
        "quote": literal(options["quote"]),
        "escape": literal(options["escape"]),
        "skip": str(skip if is_plain else head.records),
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
        skip + (2 if options["header"] else 1) if is_plain else head.lines + 1,
        True,
        {name: written for name, written in zip(names, header, strict=False) if written},
        (file, settings),
        feed=feed.name,
        text_file=file,
        line_shift=0 if is_plain else head.lines - head.records,
        labels=labels_of(names, head.rows),
    )


def _head(feed: Feed, file_name: str, text: str, options: dict[str, Any], skip: int) -> _Head:
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
    found: list[list[str]] = []
    records = skip  # as the engine counts them: blank lines are some, comments are not
    try:
        for row in rows:
            is_comment = bool(row and comment and row[0].startswith(comment))
            records += not is_comment
            if row and not is_comment:
                found.append([name.strip() for name in row])
            if len(found) == feed.header_rows:
                break
    except csv.Error:
        # It cannot even be split: told in the words for a header with a NUL in it.
        found = [["\0"]]
    if any("\0" in name for row in found for name in row):
        raise refusal(
            feed,
            file_name,
            "its header line is damaged or no text",
            f"deliver it again, or change feeds.{feed.name}.format or .options",
        )
    check_head(feed, file_name, found)
    return _Head(found, skip + rows.line_num, records)
