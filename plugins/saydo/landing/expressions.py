"""A user's SQL expression: proved to be one scalar expression before it is run."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import Any

import duckdb

from saydo.engine import open_without_home
from saydo.errors import ConfigError
from saydo.landing.failing import kind_of, nodes_of, numbers_compared
from saydo.sql import literal, quoted

_SCALAR_CLASSES = {
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "LAMBDA",
    "OPERATOR",
    "TYPE",  # of a cast; the engine lists it from 2.0 on
}
_REFUSED_CLASSES = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window function",
    "STAR": "a star",
    "PARAMETER": "a parameter",
    "DEFAULT": "a default",
    "POSITIONAL_REFERENCE": "a positional reference",
}
# Scalar functions of the engine that look outside the row.
_REFUSED_FUNCTIONS = {
    "current_database",
    "current_query",
    "current_schema",
    "current_schemas",
    "current_setting",
    "current_user",
    "error",
    "getenv",
    "getvariable",
    "in_search_path",
    "nextval",
    "currval",
    "parse_duckdb_log_message",
    "session_user",
    "sleep_ms",
    "user",
    "version",
    "write_log",
}
_DOTTED = re.compile(r'(?:"(?:[^"]|"")*"|\w+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|\w+))*')


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text, the columns it reads, whether a value can make it fail.

    `sql` is what is run: over a file's types, text that is compared with a number is cast first,
    and a path into JSON is the name of one column.
    """

    text: str
    columns: tuple[str, ...]
    can_fail: bool
    sql: str

    def reads(self, names: Collection[str | None]) -> bool:
        """Whether it reads one of these columns, which are in lower case."""
        return any(column.lower() in names for column in self.columns)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """A connection that only parses: an empty database that can open no file."""
    return open_without_home()


@cache
def _pure_functions() -> frozenset[str]:
    rows = (
        _parser()
        .execute(
            "select distinct function_name from duckdb_functions() "
            "where function_type in ('scalar', 'macro') "
            "and coalesce(stability, 'CONSISTENT') = 'CONSISTENT'"
        )
        .fetchall()
    )
    return frozenset(name for (name,) in rows) - _REFUSED_FUNCTIONS


def _tree(text: str) -> dict[str, Any]:
    """The syntax tree of `text` as the only item of a select with nothing else in it."""
    if "\0" in text:
        raise ConfigError(f"{text!r} is not one SQL expression: it holds a NUL character")
    select = f"select ({text}\n)"
    # A literal, here and on all the way of a landing: a bound parameter makes the engine's client
    # import pandas, which takes longer than a small file.
    query = f"select json_serialize_sql({literal(select)})"
    answer = _parser().cursor().execute(query).fetchone()
    parsed = json.loads(answer[0])
    if parsed["error"]:
        message = parsed.get("error_message", "").split("\n")[0]
        hint = f"; a column of that name is written {quoted(text)}" if text.isidentifier() else ""
        raise ConfigError(f"{text!r} is not one SQL expression: {message}{hint}")
    node = parsed["statements"][0]["node"]
    is_plain = (
        len(parsed["statements"]) == 1
        and node["type"] == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and not node["select_list"][0].get("alias")
        and node["from_table"]["type"] == "EMPTY"
        and not node["cte_map"]["map"]
        and not any(
            node.get(part)
            for part in ("modifiers", "where_clause", "group_expressions", "having", "qualify")
        )
        and node.get("sample") is None
    )
    if not is_plain:
        raise ConfigError(f"{text!r} is more than one SQL expression; give one, with no `from`")
    return node["select_list"][0]


def _lambda_names(tree: dict[str, Any]) -> set[str]:
    names: set[str] = set()
    for node in nodes_of(tree):
        if node["class"] == "LAMBDA":
            names |= {n["column_names"][0].lower() for n in nodes_of(node["lhs"])}
    return names


@cache
def parse_expression(text: str) -> Expression:
    """Check one expression by its syntax tree, without any column list.

    Raises:
        ConfigError: it is not a single scalar expression, or calls a function that looks beyond
            the row (a file, a table, the environment, the clock, chance).
    """
    tree = _tree(text)
    columns: dict[str, None] = {}
    own = _lambda_names(tree)
    for node in nodes_of(tree):
        kind = node["class"]
        if kind not in _SCALAR_CLASSES:
            what = _REFUSED_CLASSES.get(kind, kind.lower())
            raise ConfigError(f"{text!r} contains {what}; only the row's own columns can be used")
        if kind == "COLUMN_REF" and node["column_names"][0].lower() not in own:
            columns[node["column_names"][0]] = None
        if kind == "FUNCTION":
            name = node["function_name"].lower()
            if name not in _pure_functions() and not node.get("is_operator"):
                raise ConfigError(
                    f"{text!r} calls {name}(), which is not a function of the row's values alone"
                )
    return Expression(text, tuple(columns), True, text)


def expression_over(expression: Expression, types: dict[str, str]) -> Expression:
    """The expression as it is run over columns of these engine types.

    Raises:
        ConfigError: it compares a text that is no plain column with a number: the engine would
            round the text to the number's type, or refuse it.
    """
    lower = {name.lower(): found for name, found in types.items()}
    tree = _tree(expression.sql)
    sql = numbers_compared(expression.sql, tree, lower)
    is_total = sql == expression.sql and kind_of(tree, lower) is not None
    return replace(expression, can_fail=not is_total, sql=sql)


def dotted_names(expression: Expression, roots: set[str]) -> tuple[str, dict[str, list[str]]]:
    """An expression's SQL with each path as one quoted name, and the paths by that name.

    Args:
        expression: over columns of JSON.
        roots: columns whose paths are meant, in lower case.
    """
    tree = _tree(expression.text)
    own = _lambda_names(tree)
    source, paths, places = f"select ({expression.text}".encode(), {}, {}
    for node in nodes_of(tree):
        names = node.get("column_names", []) if node["class"] == "COLUMN_REF" else []
        if len(names) > 1 and names[0].lower() in roots - own:
            places[node["query_location"]] = ".".join(names)
            paths[".".join(names)] = names
    for place in sorted(places, reverse=True):
        rest = source[place:].decode() if place < len(source) else ""
        found = _DOTTED.match(rest)
        if found is None:  # the engine did not say where it stands
            raise ConfigError(f"{expression.text!r}: the path {places[place]} cannot be followed")
        source = source[:place] + (quoted(places[place]) + rest[found.end() :]).encode()
    return source.decode().removeprefix("select ("), paths


def is_column(text: str) -> bool:
    """Whether an expression is nothing but one column."""
    return _tree(text)["class"] == "COLUMN_REF"


def nearest(name: str, columns: Iterable[str]) -> str:
    """`; did you mean …?` or nothing."""
    near = get_close_matches(name, list(columns), 1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def validate_expression(expression: str, columns: Iterable[str]) -> Expression:
    """Check one expression over the given columns (case does not matter, as in SQL).

    Raises:
        ConfigError: as `parse_expression`, or it names a column that is not there.
    """
    parsed = parse_expression(expression)
    known = {column.lower(): column for column in columns}
    for name in parsed.columns:
        if name.lower() not in known:
            raise ConfigError(
                f"{expression!r} names the column {name!r}, which is not there"
                f"{nearest(name, known.values())}"
            )
    return parsed


def value_of(expression: str, type_: str, **columns: str | None) -> object:
    """What one expression gives for a row of texts, in a database that holds nothing else.

    Raises:
        ConfigError: as `validate_expression`, or it cannot be of that type whatever the row.
        duckdb.Error: it fails on this row.
    """
    validate_expression(expression, columns)
    row = ", ".join(
        f"cast({'null' if text is None else literal(text)} as varchar) as {quoted(name)}"
        for name, text in columns.items()
    )
    query = f"select cast(({expression}\n) as {type_}) from (select {row})"
    cursor = _parser().cursor()
    try:
        cursor.execute(f"describe {query}")
    except duckdb.Error as error:
        raise ConfigError(f"{expression!r} does not fit: {str(error).split(chr(10))[0]}") from None
    ((value,),) = cursor.execute(query).fetchall()
    return value
