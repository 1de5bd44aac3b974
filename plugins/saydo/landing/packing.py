"""Staged text of few values held as numbers of a list, which is copied and written far faster."""

from __future__ import annotations

import duckdb

from saydo.config import Feed
from saydo.landing.mapping import Mapping
from saydo.landing.staged import hashed_columns
from saydo.sql import quoted

# One block of rows in a hundred is looked at before a whole column is: most text never repeats.
_SAMPLE = "rowid % 204800 < 2048"
_FEW = 1000


def pack(connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, repeats: int) -> None:
    """Pack the keys and the text, where files that each hold the list whole are smaller.

    Args:
        connection: holds `staged` and the key tables.
        feed: the mapping.
        mapping: the staged columns.
        repeats: how often a list will be written.
    """
    (rows,) = connection.execute("select count(*) from staged").fetchone()
    most = rows // (2 * max(repeats, 1))
    for hashed in hashed_columns(feed):
        _pack(connection, hashed.table, "key", most)
    for name in _repeating_text(connection, mapping):
        _pack(connection, "staged", name, most, "where _error = 0")


def _repeating_text(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> list[str]:
    """The text columns that go to raw as they are and have few values in a sample."""
    found = connection.execute("describe staged").fetchall()
    texts = {name for name, type_, *_ in found if type_ == "VARCHAR"}
    names = [
        column.name
        for column in mapping.columns
        if column.name in texts and not (column.restricted or column.hashed_as)
    ]
    if not names:
        return []
    listed = ", ".join(f"count(distinct {quoted(name)})" for name in names)
    counts = connection.execute(f"select {listed} from staged where {_SAMPLE}").fetchone()
    return [name for name, count in zip(names, counts, strict=True) if 0 < count <= _FEW]


def _pack(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, most: int, good: str = ""
) -> None:
    """Pack one column. The list is written with the file: no value of a bad row is in it."""
    held, type_, values = quoted(column), quoted(f"packed {table} {column}"), quoted("values")
    connection.execute(
        f"create or replace temp table {values} as "
        f"select distinct {held} as value from {table} {good}"
    )
    # A list has no null; a row's null stays one without it.
    connection.execute(f"delete from {values} where value is null")
    (count,) = connection.execute(f"select count(*) from {values}").fetchone()
    if 0 < count <= most:
        connection.execute(f"create type {type_} as enum (select value from {values})")
        # What only a bad row holds is not in the list and becomes null here: quarantine has that
        # row as it was delivered.
        connection.execute(
            f"alter table {table} alter {held} type {type_} using try_cast({held} as {type_})"
        )
