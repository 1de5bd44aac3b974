"""A delivered file as a relation: its columns found, its options checked, nothing guessed.

CSV and JSON columns are read as text, so that what a value was is decided in one place, by the
canonical type, and a bad value can be kept as it was written. Parquet keeps its own types.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.landing.csv_files import csv_relation
from saydo.landing.json_files import json_relation
from saydo.landing.relations import Relation, nothing_in, unreadable
from saydo.landing.unpacking import Damaged, open_plain
from saydo.landing.workbooks import workbook_relation
from saydo.sql import literal

_START_BYTES = 1 << 20


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
    if file.stat().st_size == 0 and feed.format != "xlsx":  # of a workbook, a sheet without rows
        raise nothing_in(feed, file_name)
    make = {
        "csv": csv_relation,
        "json": json_relation,
        "parquet": _parquet,
        "xlsx": workbook_relation,
    }[feed.format]
    try:
        with open_plain(file) as stream:
            start = stream.read(_START_BYTES)
        return make(connection, feed, file, file_name, start)
    except duckdb.InterruptException:  # its stream is damaged: whoever found out tells
        raise
    except (duckdb.Error, Damaged) as error:
        raise unreadable(feed, file_name, error) from None


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
