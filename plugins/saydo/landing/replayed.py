"""Quarantined rows as the file had them, to be landed again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.errors import ConfigError
from saydo.landing.ledger import Batch
from saydo.landing.reader import relation
from saydo.landing.relations import ELEMENT, Relation
from saydo.landing.shapes import shaped
from saydo.sql import literal, quoted

_LINE = "saydo line"
# What stays in quarantine of a file whose rows make several: it is no row, whatever the mapping.
_WHOLE = ("unreadable_line", "repeated_header", "empty_record")


def replayed_rows(
    connection: duckdb.DuckDBPyConnection, feed: Feed, batch: Batch, quarantine: Path, work: Path
) -> tuple[Relation, str]:
    """The canonical rows that a batch has in quarantine, with their delivered lines.

    Returns:
        The relation, and select of what cannot be read still, as it is in quarantine.

    Raises:
        ConfigError: the batch's delivered rows made other canonical rows than the feed says now.
    """
    if batch.is_reshaped != bool(feed.unpivot or feed.unnest):
        raise _other_shape(batch)
    unreadable = _collect(connection, feed, batch, quarantine, work)
    types = dict(_columns(connection, "replayed"))
    types.pop(_LINE)
    found = Relation("replayed", types, 0, False, line_column=_LINE)
    found = shaped(connection, feed, found, batch.file_name, work, lambda: 0)
    if found.shape:
        # Its other rows are where they belong: only those that are in quarantine are landed.
        line, element = quoted(str(found.line_column)), f"cast({quoted(ELEMENT)} as varchar)"
        asked = (
            f"exists (select 1 from wanted where line_number = rows.{line} "
            f"and (element = {element} or element is null))"
        )
        found = replace(
            found, sql=f"(select * from {found.sql} as rows where {asked} order by {line})"
        )
    return found, unreadable


def check_replayed(connection: duckdb.DuckDBPyConnection, batch: Batch, found: Relation) -> int:
    """Whether `staged` holds just what was in quarantine.

    Returns:
        How many lines could be split into columns now, and make no canonical row.

    Raises:
        ConfigError: the feed's shape was changed, so that some of it is not there.
    """
    if not found.shape:
        return 0
    missing, emptied = connection.execute(
        "select count(*) filter (where element is not null), count(*) filter (where element is "
        "null) from wanted where not exists (select 1 from staged where _line = line_number and "
        "(element is null or element = cast(_element as varchar)))"
    ).fetchone()
    if missing:
        raise _other_shape(batch)
    return int(emptied)


def _other_shape(batch: Batch) -> ConfigError:
    return ConfigError(
        f"batch {batch.batch_id} was landed with another unpivot or unnest than its feed has now; "
        "the next run lands its file again"
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    rows = connection.execute(f"describe {table}").fetchall()
    return [(row[0], row[1]) for row in rows]


def _collect(
    connection: duckdb.DuckDBPyConnection, feed: Feed, batch: Batch, quarantine: Path, work: Path
) -> str:
    """Fill `replayed` with the quarantined rows as the file had them, each with its line number.

    Returns:
        Select of the lines that still cannot be split into columns, as they are in quarantine.
    """
    source = f"read_parquet({literal(str(quarantine))}, hive_partitioning = false)"
    (types_json,) = connection.execute(f"select any_value(_file_columns) from {source}").fetchone()
    structure = literal(types_json)
    whole = ", ".join(map(literal, _WHOLE)) if batch.is_reshaped else "'unreadable_line'"
    rows = f"select line_number, raw_text from {source} where reason_code not in ({whole})"
    if batch.is_reshaped:
        # Several canonical rows are of one delivered row, which each of them brought along.
        rows = f"select line_number, any_value(raw_text) as raw_text from ({rows}) group by 1"
        connection.execute(
            "create temp table wanted as select line_number, _element as element "
            f"from {source} where reason_code not in ({whole})"
        )
    connection.execute(
        f"create temp table replayed as select line_number as {quoted(_LINE)}, "
        f"unnest(from_json(raw_text, {structure})) from ({rows}) order by line_number"
    )
    lines = connection.execute(
        f"select line_number, raw_text from {source} where reason_code = 'unreadable_line' "
        "order by line_number"
    ).fetchall()
    read: list[int] = []
    if lines and feed.format == "csv":
        read = _split_again(connection, feed, batch, json.loads(types_json), lines, work)
    listed = ", ".join(map(str, read)) or "null"
    if batch.is_reshaped and read:
        connection.execute(f"insert into wanted select unnest({read}), null")
    return (
        f"select * from {source} where reason_code in ({whole}) and (reason_code <> "
        f"'unreadable_line' or coalesce(line_number not in ({listed}), true))"
    )


def _split_again(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    batch: Batch,
    types: dict[str, str],
    lines: list[tuple[int, str]],
    work: Path,
) -> list[int]:
    """Read set-aside lines through the feed's reader options as they are now.

    Returns:
        The line numbers that could be read; their rows are in `replayed`.
    """
    # Lines that were set aside are UTF-8, whatever the file was, and hold no header.
    options = {k: v for k, v in feed.options.items() if k not in ("header", "skip", "encoding")}
    plain = feed.model_copy(
        update={"options": {**options, "header": False, "names": list(types)}, "header_rows": 1}
    )
    file = work / "lines.data"
    file.write_text("".join(f"{text}\n" for _, text in lines), encoding="utf-8")
    found = relation(connection, plain, file, batch.file_name)
    connection.execute(f"create temp table split as select * from {found.sql}")
    bad = {row[0] for row in connection.execute("select line from reject_errors").fetchall()}
    good = [line for position, (line, _) in enumerate(lines, 1) if position not in bad]
    (rows,) = connection.execute("select count(*) from split").fetchone()
    if rows != len(good):  # a line held several records: it stays where it is
        return []
    connection.execute("create temp table good (position bigint, line bigint)")
    if good:
        connection.executemany("insert into good values (?, ?)", list(enumerate(good)))
    connection.execute(
        f"insert into replayed by name select good.line as {quoted(_LINE)}, split.* "
        "from split join good on good.position = split.rowid"
    )
    return good
