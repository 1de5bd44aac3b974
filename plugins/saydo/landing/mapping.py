"""A feed's mapping as one SQL statement: every row typed, and the first thing wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES, SQL_TYPES, Column
from saydo.errors import ConfigError
from saydo.landing.bounds import bound_checks
from saydo.landing.checks import Check, error_checks, type_checks, value_checks
from saydo.landing.engine import enum_sql
from saydo.landing.expressions import Expression, expression_over, parse_expression
from saydo.landing.relations import (
    BEFORE_WHERE,
    ELEMENT,
    FAULT,
    ROW,
    Relation,
    Shape,
    column_list,
)
from saydo.landing.typing_sql import naive_sql, typed_sql
from saydo.settings import Settings
from saydo.sql import literal, quoted

FILTERED = 1  # value of `_error` for rows the feed's `where` leaves out; 0: nothing wrong
_FIRST_CHECK = 2
PLACES = ("file_name", "line_number")  # of a row: every expression can read them
_SIGNED = "correct the sign, or declare the measure with is_signed: true"


@dataclass(frozen=True)
class Mapping:
    """The mapping of a feed over one file's columns. `checks[_error - 2]` says what is wrong."""

    sql: str  # select of the typed columns, `_error` and `_raw` (JSON of the file's row, if wrong)
    columns: tuple[Column, ...]  # every canonical column of the source, measures included
    checks: tuple[Check, ...]


def canonical_columns(settings: Settings, feed: Feed) -> tuple[Column, ...]:
    """The feed's canonical columns, the declared measures included."""
    source = SOURCES[feed.source]
    measures = settings.feeds.all_measures if source.has_measures else ()
    return (
        *source.columns,
        *(
            Column(m.name, "number", least=None if m.is_signed else 0, advice=_SIGNED)
            for m in measures
        ),
    )


def parse_mapping(feed: Feed) -> dict[str, Expression]:
    """The feed's expressions by canonical column, `where` included under that name.

    Raises:
        ConfigError: an expression is not a scalar one; feed and column are named.
    """
    parsed = {}
    for column, text in {**feed.columns, **({"where": feed.where} if feed.where else {})}.items():
        try:
            parsed[column] = parse_expression(text)
        except ConfigError as error:
            raise ConfigError(f"{_place(feed, column)}: {error}") from None
    return parsed


def build_mapping(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    relation: Relation,
    parsed: dict[str, Expression],
    now: datetime,
) -> Mapping:
    """The statement that types every row of a file and finds the first thing wrong with it.

    Args:
        connection: binds the expressions, to learn their types.
        settings: identifier types, measures, tolerances.
        feed: the mapping.
        relation: the file, which has every column that `parsed` needs.
        parsed: from `parse_mapping`.
        now: the landing clock; events later than this are in the future.

    Raises:
        ConfigError: the engine cannot bind an expression (wrong types of arguments, …).
    """
    columns = canonical_columns(settings, feed)
    parsed = _over(feed, parsed, relation)
    found = found_types(connection, feed, relation, parsed)
    types = {column.typed_by for column in columns}
    values, typed, checks = [], [], []
    faults = [
        Check("", code, reason, f"{quoted(FAULT)} = {number}", at_element=True)
        for number, code, reason in (relation.shape.faults if relation.shape else ())
    ]
    checks += [fault for fault in faults if fault.code in BEFORE_WHERE]
    if relation.header:
        header = " and ".join(
            f"{quoted(name)} = {literal(text)}" for name, text in relation.header.items()
        )
        checks.append(Check("", "repeated_header", "the header line is repeated", header))
    if relation.text_file and not relation.csv and not relation.shape:
        empty = " and ".join(f"{quoted(name)} is null" for name in relation.file_types)
        checks.append(Check("", "empty_record", "the record holds no value", empty))
    where = []
    if "where" in parsed:
        held = quoted("value where")
        if parsed["where"].can_fail:
            checks.append(
                Check("", "filter_failed", "the feed's `where` fails on it", f"{held} is null")
            )
            held += ".v"
        where = [f"when not coalesce(cast({held} as boolean), false) then {FILTERED}"]
    if relation.shape:
        where += _no_answer(relation.shape, parsed)
    before_filter = len(checks)
    checks += [fault for fault in faults if fault.code not in BEFORE_WHERE]
    for name, expression in parsed.items():
        call = f"({expression.sql}\n)"
        net = f"try(struct_pack(v := {call}))" if expression.can_fail else call
        values.append(f"{net} as {quoted('value ' + name)}")
    for column in columns:
        if column.name not in parsed:
            typed.append(f"cast(null as {SQL_TYPES[column.type]}) as {quoted(column.name)}")
            continue
        held = quoted("value " + column.name)
        value = f"{held}.v" if parsed[column.name].can_fail else held
        sql = typed_sql(
            value,
            found[column.name],
            column.type,
            naive_sql(value, found[column.name]),
            settings.feeds.zone_of(feed),
        )
        text = sql
        allowed = column.allowed
        if column.name in types:
            allowed = tuple(settings.feeds.all_identifier_types)
        if allowed:
            sql = f"try_cast({text} as {enum_sql(allowed)})"
        typed.append(f"{sql} as {quoted('typed ' + column.name)}")
        if feed.format == "xlsx":
            checks += error_checks(column, value, found[column.name])
        checks += type_checks(column, parsed[column.name], held, value, found[column.name], text)
    checks += value_checks(settings, [column for column in columns if column.name in parsed])
    checks += bound_checks(settings, feed, columns, parsed, found, now)
    checks = [_placed(check, relation, parsed) for check in checks]
    return Mapping(
        _statement(relation, values, typed, columns, set(parsed), checks, where, before_filter),
        columns,
        tuple(checks),
    )


def _placed(check: Check, relation: Relation, parsed: dict[str, Expression]) -> Check:
    """A check that knows what of the delivered row it is about."""
    expression = parsed.get(check.column or "where")
    if expression is None or not (relation.shape or relation.cells):
        return check
    at_element = bool(relation.shape) and expression.reads(relation.shape.columns)
    cells = {name.lower(): cell for name, cell in relation.cells.items()}
    cell = cells.get(expression.columns[0].lower()) if len(expression.columns) == 1 else None
    return replace(check, at_element=check.at_element or at_element, cell=cell)


def _no_answer(shape: Shape, parsed: dict[str, Expression]) -> list[str]:
    """The arm for an answer that every expression over it makes null: the feed leaves it out."""
    gone = []
    for name, expression in parsed.items():
        if name != "where" and expression.reads({shape.value}):
            held = quoted("value " + name)
            gone.append(f"{held} is not null and {held}.v" if expression.can_fail else held)
    return [f"when {' and '.join(f'{item} is null' for item in gone)} then {FILTERED}"] * bool(gone)


def _over(feed: Feed, parsed: dict[str, Expression], relation: Relation) -> dict[str, Expression]:
    """The expressions as they are run over the file's columns."""
    over = {}
    for name, expression in parsed.items():
        try:
            over[name] = expression_over(expression, relation.types)
        except ConfigError as error:
            raise ConfigError(f"{_place(feed, name)}: {error}") from None
    return over


def _place(feed: Feed, column: str) -> str:
    return f"feeds.{feed.name}.{'' if column == 'where' else 'columns.'}{column}"


def _statement(
    relation: Relation,
    values: list[str],
    typed: list[str],
    columns: tuple[Column, ...],
    mapped: set[str],
    checks: list[Check],
    where: list[str],
    before_filter: int,
) -> str:
    arms = [
        f"when {check.condition} then {number}" for number, check in enumerate(checks, _FIRST_CHECK)
    ]
    # A repeated header is one even where `where` would leave it out.
    arms = [*arms[:before_filter], *where, *arms[before_filter:]]
    error = f"case {' '.join(arms)} else 0 end" if arms else "0"
    named = ", ".join(
        f"{quoted('typed ' + c.name)} as {quoted(c.name)}" if c.name in mapped else quoted(c.name)
        for c in columns
    )
    return (
        f"with valued as (select *, {', '.join(values)} from {relation.sql}), "
        f"typed as (select *, {', '.join(typed)} from valued), "
        f"checked as (select *, cast({error} as usmallint) as _error from typed) "
        f"select {named}, _error, "
        f"{_raw(relation)} as _raw{_line(relation)} from checked"
    )


def _raw(relation: Relation) -> str:
    """The file's row as JSON where something is wrong with it; of one made of it, not here."""
    if relation.shape:
        return "cast(null as varchar)"
    row = f"cast(to_json({column_list(relation.file_types)}) as varchar)"
    return f"case when _error > {FILTERED} then {row} end"


def _line(relation: Relation) -> str:
    line = f", {quoted(relation.line_column)} as _line" if relation.line_column else ""
    return line + (
        f", {quoted(ROW)} as _row, {quoted(ELEMENT)} as _element" if relation.shape else ""
    )


def found_types(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    relation: Relation,
    parsed: dict[str, Expression],
) -> dict[str, str]:
    """The engine type of each expression over the file's columns."""

    def describe(names: list[str]) -> dict[str, str]:
        listed = ", ".join(f"({parsed[name].sql}\n) as {quoted(name)}" for name in names)
        rows = connection.execute(f"describe select {listed} from {relation.sql}").fetchall()
        return {row[0]: row[1] for row in rows}

    try:
        return describe(list(parsed))
    except duckdb.Error:
        for name in parsed:
            try:
                describe([name])
            except duckdb.Error as error:
                raise _unfit(feed, name, parsed[name], error) from None
        raise


def _unfit(feed: Feed, column: str, expression: Expression, error: duckdb.Error) -> ConfigError:
    message = str(error).split("\n")[0]
    hint = (
        ""
        if feed.format == "parquet"
        else f" ({feed.format} columns are text: cast them, as in try_cast(x as double))"
    )
    return ConfigError(f"{_place(feed, column)}: {expression.text!r} does not fit: {message}{hint}")
