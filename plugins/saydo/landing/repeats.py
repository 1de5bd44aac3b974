"""Rows of one delivered file that share a key. Only these few are looked at singly."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from saydo.config import Feed
from saydo.contract import SOURCES
from saydo.landing.mapping import Mapping
from saydo.landing.relations import Relation
from saydo.landing.staged import hashed_columns, joins_sql, line_sql, raw_names_sql
from saydo.sql import quoted


@dataclass(frozen=True)
class Repeats:
    """Rows that share a key with another of their file.

    `dropped` are all that do not stay. Of those, `conflicting` differ from another row of the same
    version, and `equal` ones do not; the others are older versions.
    """

    dropped: int
    conflicting: int
    equal: int


def key_hashes(connection: duckdb.DuckDBPyConnection, feed: Feed) -> np.ndarray:
    """A 64-bit hash of the key of every good row, in no order: eight bytes a row."""
    names, joins = raw_names_sql(feed), joins_sql(connection, feed)
    if _keys_are_distinct(connection, feed):
        # The delivered values tell rows apart as well as their keys would, and need no join.
        names |= {hashed.key: f"staged.{quoted(hashed.column)}" for hashed in hashed_columns(feed)}
        joins = ""
    key = ", ".join(names[part] for part in SOURCES[feed.source].key)
    query = f"select hash({key}) as key_hash from staged {joins} where _error = 0"
    return np.asarray(connection.execute(query).fetchnumpy()["key_hash"])


def has_repeats(hashes: np.ndarray) -> bool:
    """Whether a hash is there twice. Sorts in place; the engine can work in the meantime."""
    hashes.sort()
    return bool((hashes[1:] == hashes[:-1]).any())


def _keys_are_distinct(connection: duckdb.DuckDBPyConnection, feed: Feed) -> bool:
    """Whether different delivered values have different keys, so that either tells rows apart."""
    for hashed in hashed_columns(feed):
        key = f"{hashed.typed_by}, key" if hashed.typed_by else "key"
        row = connection.execute(
            f"select count(*) = count(distinct hash({key})) from {hashed.table}"
        ).fetchone()
        if not row or not row[0]:
            return False
    return True


def drop_repeats(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, may_repeat: bool
) -> Repeats:
    """Fill `dropped` with the rows that repeat a key: the newest stays (version, then last line).

    Args:
        connection: holds `staged` and the key tables.
        feed: the mapping.
        mapping: the columns by which rows are compared, as raw holds them.
        may_repeat: whether two keys have the same hash; else there is nothing to look for.
    """
    if not may_repeat:
        connection.execute(
            "create temp table dropped (row_id bigint, other_id bigint, is_equal boolean)"
        )
        return Repeats(0, 0, 0)
    source = SOURCES[feed.source]
    names = raw_names_sql(feed)
    key = ", ".join(names[part] for part in source.key)
    values = ", ".join(
        names.get(column.hashed_as or column.name, f"staged.{quoted(column.name)}")
        for column in mapping.columns
    )
    version = f"staged.{quoted(source.version_column)}" if source.version_column else "null"
    joins = joins_sql(connection, feed)
    # First by hash, which is cheap, to find the few rows that may repeat; then these few by the key
    # itself, since two keys may have one hash.
    connection.execute(
        "create temp table repeated as select key_hash from "
        f"(select hash({key}) as key_hash from staged {joins} where _error = 0) "
        "group by key_hash having count(*) > 1"
    )
    connection.execute(
        "create temp table dropped as select row_id, other_id, is_equal from ("
        "select staged.rowid as row_id, row_number() over newest > 1 as is_repeat, "
        "nullif(first_value(staged.rowid) over of_version, staged.rowid) as other_id, "
        f"hash({values}) = first_value(hash({values})) over of_version as is_equal "
        f"from staged {joins} where _error = 0 and hash({key}) in "
        "(select key_hash from repeated) "
        f"window newest as (partition by {key} order by {version} desc nulls last, "
        f"staged.rowid desc), of_version as (partition by {key}, {version} "
        "order by staged.rowid desc)) where is_repeat"
    )
    row = connection.execute(
        "select count(*), count(*) filter (where other_id is not null and not is_equal), "
        "count(*) filter (where other_id is not null and is_equal) from dropped"
    ).fetchone()
    return Repeats(*map(int, row))


def conflicting_lines(
    connection: duckdb.DuckDBPyConnection, relation: Relation, most: int
) -> list[tuple[int, int]]:
    """Lines of rows that share a key with other values, in pairs: the first few of the file."""
    line, join = line_sql(connection, relation)
    return connection.execute(
        f"with lines as (select staged.rowid as row_id, {line} as line from staged {join}) "
        "select dropped_lines.line, other_lines.line from dropped "
        "join lines as dropped_lines using (row_id) "
        "join lines as other_lines on other_lines.row_id = dropped.other_id "
        f"where not dropped.is_equal order by 1, 2 limit {most}"
    ).fetchall()
