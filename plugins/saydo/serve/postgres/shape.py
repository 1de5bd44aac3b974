"""What a release's tables look like in PostgreSQL: columns, types, keys, indexes, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import yaml

from saydo.errors import ReleaseRefused
from saydo.release.content import table_columns, table_names
from saydo.settings import PROJECT

_MARTS = PROJECT / "dbt_project" / "models" / "marts"

# As PostgreSQL itself writes them, so that they compare with what is there. Texts compare byte by
# byte, as in DuckDB: the same order in both, and an index in a third of the time.
_TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
    "DATE": "date",
    # An instant in UTC without a zone, as released: with one, a day or a month of it would depend
    # on the session that asks, and differ from the files.
    "TIMESTAMP": "timestamp without time zone",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_LONGEST_NAME = 63


@dataclass(frozen=True)
class Column:
    """A column: its PostgreSQL type as `format_type` writes it, and its description."""

    name: str
    type: str
    comment: str | None = None

    @property
    def sql_type(self) -> str:
        """The type as it is declared."""
        return f'{self.type} collate "C"' if self.type == "text" else self.type


@dataclass(frozen=True)
class Table:
    """A table of a release. `key` has the columns of its grain, never null if `is_primary`."""

    name: str
    columns: tuple[Column, ...]
    comment: str | None
    key: tuple[str, ...] = ()
    is_primary: bool = False
    indexes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Declared:
    """What a mart's YAML says of its keys."""

    key: tuple[str, ...] = ()
    never_null: frozenset[str] = frozenset()
    indexes: tuple[tuple[str, ...], ...] = ()


def released_tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[Table]:
    """The tables of an attached release.

    Raises:
        ReleaseRefused: a column that PostgreSQL has no type or no name for.
    """
    return [_table(connection, catalog, name) for name in table_names(connection, catalog, "main")]


def _table(connection: duckdb.DuckDBPyConnection, catalog: str, name: str) -> Table:
    comments = dict(
        connection.execute(
            "select column_name, comment from duckdb_columns() where database_name = ? "
            "and schema_name = 'main' and table_name = ?",
            [catalog, name],
        ).fetchall()
    )
    ((comment,),) = connection.execute(
        "select comment from duckdb_tables() where database_name = ? and schema_name = 'main' "
        "and table_name = ?",
        [catalog, name],
    ).fetchall()
    columns = tuple(
        Column(column, _type(name, column, kind), comments[column])
        for column, kind in table_columns(connection, catalog, "main", name).items()
    )
    known = {column.name for column in columns}
    declared = declarations().get(name, Declared())
    # A release of an earlier version may not have them.
    key = declared.key if known.issuperset(declared.key) else ()
    return Table(
        name,
        columns,
        comment,
        key,
        is_primary=bool(key) and declared.never_null.issuperset(key),
        indexes=tuple(index for index in declared.indexes if known.issuperset(index)),
    )


def _type(table: str, column: str, kind: str) -> str:
    if len(column.encode()) > _LONGEST_NAME:
        raise ReleaseRefused(
            f"{table}.{column}: PostgreSQL takes names of {_LONGEST_NAME} bytes; shorten it in the "
            "model"
        )
    if decimal := _DECIMAL.fullmatch(kind):
        return f"numeric({decimal[1]},{decimal[2]})"
    if kind not in _TYPES:
        raise ReleaseRefused(
            f"{table}.{column} is {kind}, which is not served: cast it in the model"
        )
    return _TYPES[kind]


@cache
def declarations() -> dict[str, Declared]:
    """By mart: its grain, as the tests of its YAML hold it, and the indexes of `config.meta`."""
    found = {}
    for file in sorted(_MARTS.rglob("*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            found[model["name"]] = _declared(model)
    return found


def _declared(model: dict[str, Any]) -> Declared:
    tests = [test for test in model.get("data_tests", []) if isinstance(test, dict)]
    keys = [_columns(test, "unique_combination") for test in tests]
    keys += [
        (column["name"],)
        for column in model.get("columns", [])
        if "unique" in column.get("data_tests", [])
    ]
    never_null = {name for test in tests for name in _columns(test, "never_null")}
    meta = model.get("config", {}).get("meta", {})
    return Declared(
        next((key for key in keys if key), ()),
        frozenset(never_null),
        tuple(tuple(index) for index in meta.get("indexes", [])),
    )


def _columns(test: dict[str, Any], name: str) -> tuple[str, ...]:
    """The columns that a data test is given; none of a test of another name, or of some rows."""
    body = test.get(name) or {}
    if body.get("config", {}).get("where"):
        return ()
    return tuple(body.get("arguments", {}).get("columns", ()))
