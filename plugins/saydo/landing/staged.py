"""The rows of one delivered file, typed and in memory: what is wrong, who they are about, which
repeat a key. Everything is set-based; only the few rows that share a key are looked at singly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import duckdb
import numpy as np

from saydo.config import Feed
from saydo.contract import SOURCES, landed_columns
from saydo.landing.engine import enum_sql, literal, quoted
from saydo.landing.lines import set_aside
from saydo.landing.mapping import FILTERED, Mapping
from saydo.landing.pseudonyms import (
    hmac_sql,
    hold_key,
    identifier_key_sql,
    name_sql,
    pseudonym_key,
)
from saydo.landing.reader import Relation
from saydo.settings import Settings


@dataclass(frozen=True)
class Hashed:
    """A delivered column and the key that stands for it in raw."""

    column: str
    key: str
    table: str


def hashed_columns(feed: Feed) -> list[Hashed]:
    """The columns of a feed that raw holds a key of."""
    return [
        Hashed(c.name, c.hashed_as, quoted("keys " + c.name))
        for c in SOURCES[feed.source].columns
        if c.hashed_as and c.name in feed.columns
    ]


def stage(connection: duckdb.DuckDBPyConnection, relation: Relation, mapping: Mapping) -> None:
    """Read the file once into the table `staged`; the order of its rows is the file's."""
    connection.execute(f"create temp table staged as {mapping.sql}")
    set_aside(connection, relation)


def _line(connection: duckdb.DuckDBPyConnection, relation: Relation) -> tuple[str, str]:
    """SQL of a staged row's line number, and the join it needs."""
    if relation.line_column:
        return "staged._line", ""
    number = f"staged.rowid + {relation.first_line}"
    if not connection.execute("select count(*) from line_shifts").fetchone()[0]:
        return number, ""
    return (
        f"{number} + coalesce(line_shifts.shift, 0)",
        "asof left join line_shifts on staged.rowid >= line_shifts.first_row",
    )


def make_keys(connection: duckdb.DuckDBPyConnection, settings: Settings, feed: Feed) -> None:
    """Pseudonyms of the distinct values of each hashed column, to be joined back."""
    hold_key(connection, pseudonym_key(settings))
    types = settings.feeds.all_identifier_types
    for hashed in hashed_columns(feed):
        column = quoted(hashed.column)
        by_type = hashed.column == "id_value"
        if by_type:
            key = identifier_key_sql("id_type", column, types)
        elif hashed.column == "account_id":
            key = identifier_key_sql("'account_id'", column, types)
        elif hashed.column == "birth_date":
            key = hmac_sql(f"cast({column} as varchar)")
        else:
            key = hmac_sql(name_sql(column))
        by = f"id_type, {column}" if by_type else column
        connection.execute(
            f"create temp table {hashed.table} as select {by}, {key} as key from "
            f"(select distinct {by} from staged where _error = 0 and {column} is not null)"
        )


def _joins(connection: duckdb.DuckDBPyConnection, feed: Feed) -> str:
    parts = []
    for hashed in hashed_columns(feed):
        column = quoted(hashed.column)
        on = f"{hashed.table}.{column} = staged.{column}"
        if hashed.column == "id_value" and not _has_one_type(connection, hashed):
            on += f" and {hashed.table}.id_type = staged.id_type"
        kind = "join" if hashed.column in ("id_value", "account_id") else "left join"
        parts.append(f"{kind} {hashed.table} on {on}")
    return " ".join(parts)


def _has_one_type(connection: duckdb.DuckDBPyConnection, hashed: Hashed) -> bool:
    row = connection.execute(
        f"select min(id_type) is not distinct from max(id_type) from {hashed.table}"
    ).fetchone()
    return bool(row and row[0])


def _raw_name_sql(feed: Feed) -> dict[str, str]:
    """Each raw column by name (plumbing apart) to its SQL over `staged` and the key tables."""
    source = SOURCES[feed.source]
    keys = {hashed.key: f"{hashed.table}.key" for hashed in hashed_columns(feed)}
    names = {}
    for column in source.columns:
        if column.hashed_as:
            names[column.hashed_as] = keys.get(column.hashed_as, "cast(null as varchar)")
        elif not column.restricted:
            names[column.name] = f"staged.{quoted(column.name)}"
    return names


def key_hashes(connection: duckdb.DuckDBPyConnection, feed: Feed) -> np.ndarray:
    """A 64-bit hash of the key of every good row, in no order: eight bytes a row."""
    names, joins = _raw_name_sql(feed), _joins(connection, feed)
    if _keys_are_distinct(connection, feed):
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
        key = "id_type, key" if hashed.column == "id_value" else "key"
        row = connection.execute(
            f"select count(*) = count(distinct hash({key})) from {hashed.table}"
        ).fetchone()
        if not row or not row[0]:
            return False
    return True


def drop_repeats(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: Mapping, may_repeat: bool
) -> tuple[int, int]:
    """Fill `dropped` with the rows that repeat a key: the newest stays (version, then last line).

    Args:
        connection: holds `staged` and the key tables.
        feed: the mapping.
        mapping: the columns by which rows are compared.
        may_repeat: whether two keys have the same hash; else there is nothing to look for.

    Returns:
        Rows dropped, and how many of those differ from the row that stays.
    """
    if not may_repeat:
        connection.execute("create temp table dropped (row_id bigint, is_changed boolean)")
        return 0, 0
    source = SOURCES[feed.source]
    names = _raw_name_sql(feed)
    key = ", ".join(names[part] for part in source.key)
    values = ", ".join(f"staged.{quoted(column.name)}" for column in mapping.columns)
    version = (
        f"staged.{quoted(source.version_column)} desc nulls last, " if source.version_column else ""
    )
    connection.execute(
        "create temp table repeated as select key_hash from "
        f"(select hash({key}) as key_hash from staged {_joins(connection, feed)} where _error = 0) "
        "group by key_hash having count(*) > 1"
    )
    connection.execute(
        "create temp table dropped as select row_id, is_changed from ("
        "select staged.rowid as row_id, "
        f"row_number() over newest > 1 as is_repeat, hash({values}) <> "
        f"first_value(hash({values})) over newest as is_changed "
        f"from staged {_joins(connection, feed)} where _error = 0 and hash({key}) in "
        "(select key_hash from repeated) "
        f"window newest as (partition by {key} order by {version}staged.rowid desc)) "
        "where is_repeat"
    )
    row = connection.execute(
        "select count(*), count(*) filter (where is_changed) from dropped"
    ).fetchone()
    return int(row[0]), int(row[1])


def loaded_sql(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    feed: Feed,
    measures: tuple[str, ...],
    batch_id: str,
    sequence: int,
) -> str:
    """Select of the good rows in the raw schema."""
    line, join = _line(connection, relation)
    names = _raw_name_sql(feed) | {
        "_feed": _constant(feed.name),
        "_batch_id": _constant(batch_id),
        "_batch_sequence": f"cast({sequence} as bigint)",
        "_line_number": f"cast({line} as bigint)",
    }
    columns = landed_columns(SOURCES[feed.source], measures)
    listed = ", ".join(
        f"{names.get(name, 'staged.' + quoted(name))} as {quoted(name)}" for name in columns
    )
    joins = f"{_joins(connection, feed)} {join}"
    return f"select {listed} from staged {joins} where _error = 0{_kept(connection)}"


def _constant(value: str) -> str:
    return f"cast({literal(value)} as {enum_sql([value])})"


def _kept(connection: duckdb.DuckDBPyConnection) -> str:
    if not connection.execute("select count(*) from dropped").fetchone()[0]:
        return ""
    return " and staged.rowid not in (select row_id from dropped)"


def quarantine_sql(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    mapping: Mapping,
    feed: Feed,
    file_name: str,
    batch_id: str,
) -> str:
    """Select of the quarantined rows: those that break a rule, and lines that cannot be split."""
    connection.execute(
        "create temp table checks (number bigint, column_name varchar, reason_code varchar, "
        "reason varchar)"
    )
    rows = ", ".join(
        f"({number}, nullif({literal(check.column)}, ''), {literal(check.code)}, "
        f"trim({literal(check.column + ' ' + check.reason)}))"
        for number, check in enumerate(mapping.checks, FILTERED + 1)
    )
    connection.execute(f"insert into checks values {rows}")
    line, join = _line(connection, relation)
    constants = (
        f"{literal(feed.name)} as _feed, {literal(batch_id)} as _batch_id, "
        f"{literal(json.dumps(relation.types))} as _file_columns"
    )
    broken = (
        f"select {literal(file_name)} as file_name, cast({line} as bigint) as line_number, "
        f"column_name, reason_code, reason, _raw as raw_text, {constants} "
        f"from staged {join} join checks on checks.number = staged._error where _error > {FILTERED}"
    )
    split = (
        f"select {literal(file_name)}, line, column_name, 'unreadable_line', "
        f"'the line cannot be read: ' || error, raw_text, {constants} from rejected_lines"
    )
    return f"{broken} union all {split} order by line_number"


def restricted_sql(connection: duckdb.DuckDBPyConnection, feed: Feed) -> str | None:
    """Select of the clear columns for linkage, by account_key and version (`updated_at`).

    None if the feed has no clear column.
    """
    clear = [c for c in SOURCES[feed.source].columns if c.restricted and c.name != "account_id"]
    if feed.source != "accounts" or not any(c.name in feed.columns for c in clear):
        return None
    names = _raw_name_sql(feed)
    listed = ", ".join(f"staged.{quoted(c.name)}" for c in clear)
    return (
        f"select {names['account_key']} as account_key, {names['updated_at']} as updated_at, "
        f"{listed} from staged {_joins(connection, feed)} "
        f"where _error = 0{_kept(connection)}"
    )
