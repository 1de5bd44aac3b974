"""The rows of one delivered file, typed and in memory: what is wrong, and who they are about."""

from __future__ import annotations

import json
from dataclasses import dataclass

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES, landed_columns
from saydo.landing.engine import enum_sql
from saydo.landing.lines import set_aside
from saydo.landing.mapping import FILTERED, Mapping
from saydo.landing.pseudonyms import (
    hmac_sql,
    hold_key,
    identifier_key_sql,
    name_sql,
    pseudonym_key,
)
from saydo.landing.relations import Relation, column_list
from saydo.settings import Settings
from saydo.sql import literal, quoted

# SQL of where the first of some quarantined rows is, in words.
FIRST_PLACE = (
    "first(coalesce(_place, 'line ' || line_number || case when _element is null then '' "
    "else ', column ' || column_name end) order by line_number, column_name)"
)

# SQL of the column that quarantined rows are counted by: elements of one list are one.
COLUMN = (
    "case when list_contains(json_keys(_file_columns), column_name) then column_name "
    "else regexp_replace(column_name, '\\[[0-9]+\\]', '[]', 'g') end"
)


@dataclass(frozen=True)
class Hashed:
    """A delivered column and the key that stands for it in raw."""

    column: str
    key: str
    table: str
    typed_by: str | None = None  # of an identifier: the column that says of which type it is


def hashed_columns(feed: Feed) -> list[Hashed]:
    """The columns of a feed that raw holds a key of."""
    return [
        Hashed(c.name, c.hashed_as, quoted("keys " + c.name), c.typed_by)
        for c in SOURCES[feed.source].columns
        if c.hashed_as and c.name in feed.columns
    ]


def stage(connection: duckdb.DuckDBPyConnection, relation: Relation, mapping: Mapping) -> None:
    """Read the file once into the table `staged`; the order of its rows is the file's."""
    connection.execute(f"create temp table staged as {mapping.sql}")
    set_aside(connection, relation)


def line_sql(
    connection: duckdb.DuckDBPyConnection, relation: Relation, table: str = "staged"
) -> tuple[str, str]:
    """SQL of a row's line number in a table that holds the file in order, and the join it needs."""
    if relation.line_column:
        return f"{table}._line", ""
    # Written once and in the file's order, a table numbers its rows from 0 without a gap.
    number = f"{table}.rowid + {relation.first_line}"
    if not connection.execute("select count(*) from line_shifts").fetchone()[0]:
        return number, ""
    return (
        f"{number} + coalesce(line_shifts.shift, 0)",
        f"asof left join line_shifts on {table}.rowid >= line_shifts.first_row",
    )


def make_keys(
    connection: duckdb.DuckDBPyConnection, settings: Settings, feed: Feed, key: bytes | None = None
) -> None:
    """Pseudonyms of the distinct values of each hashed column, to be joined back.

    `key` stands for the home's own where they are only compared with each other.
    """
    hold_key(connection, key or pseudonym_key(settings))
    types, country = settings.feeds.all_identifier_types, settings.feeds.business.country
    for hashed in hashed_columns(feed):
        column = quoted(hashed.column)
        if hashed.typed_by:
            key = identifier_key_sql(hashed.typed_by, column, types, country)
        elif hashed.column == "account_id":
            key = identifier_key_sql("'account_id'", column, types, country)
        elif hashed.column == "birth_date":
            key = hmac_sql(f"cast({column} as varchar)")
        else:
            key = hmac_sql(name_sql(column))
        by = f"{hashed.typed_by}, {column}" if hashed.typed_by else column
        # Of each value once: a keyed hash costs more than all else that is done to a row.
        connection.execute(
            f"create temp table {hashed.table} as select {by}, {key} as key from "
            f"(select distinct {by} from staged where _error = 0 and {column} is not null)"
        )


def joins_sql(connection: duckdb.DuckDBPyConnection, feed: Feed) -> str:
    """The joins of `staged` with the key tables."""
    parts = []
    for hashed in hashed_columns(feed):
        column = quoted(hashed.column)
        on = f"{hashed.table}.{column} = staged.{column}"
        if hashed.typed_by and not _has_one_type(connection, hashed):
            on += f" and {hashed.table}.{hashed.typed_by} = staged.{hashed.typed_by}"
        kind = "join" if hashed.typed_by or hashed.column == "account_id" else "left join"
        parts.append(f"{kind} {hashed.table} on {on}")
    return " ".join(parts)


def _has_one_type(connection: duckdb.DuckDBPyConnection, hashed: Hashed) -> bool:
    row = connection.execute(
        f"select min({hashed.typed_by}) is not distinct from max({hashed.typed_by}) "
        f"from {hashed.table}"
    ).fetchone()
    return bool(row and row[0])


def raw_names_sql(feed: Feed) -> dict[str, str]:
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


def loaded_sql(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    feed: Feed,
    measures: tuple[str, ...],
    batch_id: str,
    sequence: int,
) -> str:
    """Select of the good rows in the raw schema."""
    line, join = line_sql(connection, relation)
    names = raw_names_sql(feed) | {
        "_feed": _constant(feed.name),
        "_batch_id": _constant(batch_id),
        "_batch_sequence": f"cast({sequence} as bigint)",
        "_line_number": f"cast({line} as bigint)",
    }
    columns = landed_columns(SOURCES[feed.source], measures)
    listed = ", ".join(
        f"{names.get(name, 'staged.' + quoted(name))} as {quoted(name)}" for name in columns
    )
    joins = f"{joins_sql(connection, feed)} {join}"
    return f"select {listed} from staged {joins} where _error = 0{kept_sql(connection)}"


def _constant(value: str) -> str:
    return f"cast({literal(value)} as {enum_sql([value])})"


def kept_sql(connection: duckdb.DuckDBPyConnection) -> str:
    """One more condition where rows of `staged` were dropped as repeats, else nothing."""
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
        "create or replace temp table checks (number bigint, column_name varchar, "
        "reason_code varchar, reason varchar, at_element boolean, cell varchar)"
    )
    rows = ", ".join(
        f"({number}, nullif({literal(check.column)}, ''), {literal(check.code)}, "
        f"trim({literal(check.column + ' ' + check.reason)}), {check.at_element}, "
        f"{literal(check.cell) if check.cell else 'null'})"
        for number, check in enumerate(mapping.checks, FILTERED + 1)
    )
    connection.execute(f"insert into checks values {rows}")
    line, join = line_sql(connection, relation)
    constants = (
        f"{literal(feed.name)} as _feed, {literal(batch_id)} as _batch_id, "
        f"{literal(json.dumps(relation.file_types))} as _file_columns"
    )
    column, raw, element = "column_name", "_raw", "cast(null as varchar)"
    if relation.shape:
        element = "cast(staged._element as varchar)"
        column = f"case when at_element then coalesce({element}, column_name) else column_name end"
        raw = "cast(rows.raw as varchar)"
        join += (
            f" join (select rowid as row_id, to_json({column_list(relation.file_types)}) as raw "
            f"from {relation.shape.table}) as rows on rows.row_id = staged._row"
        )
    broken = (
        f"select {literal(file_name)} as file_name, cast({line} as bigint) as line_number, "
        f"{column} as column_name, reason_code, reason, {raw} as raw_text, {constants}, "
        f"{element} as _element, {_place(relation, element, line)} as _place "
        f"from staged {join} join checks on checks.number = staged._error where _error > {FILTERED}"
    )
    split = (
        f"select {literal(file_name)}, line, column_name, 'unreadable_line', "
        f"'the line cannot be read: ' || error, raw_text, {constants}, null, null "
        "from rejected_lines"
    )
    return f"{broken} union all {split} order by line_number"


def _place(relation: Relation, element: str, line: str) -> str:
    """SQL of where a workbook holds it: the cell, or the row where it is of no single one."""
    if not relation.cells:
        return "cast(null as varchar)"
    names, cells = (
        ", ".join(map(literal, part)) for part in (relation.cells, relation.cells.values())
    )
    sheet = next(iter(relation.cells.values())).rpartition("!")[0]
    return (
        f"coalesce(case when at_element then map([{names}], [{cells}])[{element}] else cell end "
        f"|| {line}, {literal(sheet + '!')} || {line} || ':' || {line})"
    )


def restricted_sql(connection: duckdb.DuckDBPyConnection, feed: Feed) -> str | None:
    """Select of the clear columns, by account_key and version (`updated_at`).

    Linkage compares names and addresses; what is handed over names the account_id. None if the feed
    is not of accounts.
    """
    if feed.source != "accounts":
        return None
    clear = [c for c in SOURCES[feed.source].columns if c.restricted]
    names = raw_names_sql(feed)
    listed = ", ".join(f"staged.{quoted(c.name)}" for c in clear)
    return (
        f"select {names['account_key']} as account_key, {names['updated_at']} as updated_at, "
        f"{listed} from staged {joins_sql(connection, feed)} "
        f"where _error = 0{kept_sql(connection)}"
    )
