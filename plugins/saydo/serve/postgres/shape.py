"""What a release's tables look like in PostgreSQL: columns, types, keys, indexes, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from saydo.errors import ReleaseRefused
from saydo.marts import mart
from saydo.release.content import table_columns, table_names

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
    declared = mart(name)
    # A release of an earlier version may not have them.
    key = next((key for key in declared.keys if known.issuperset(key)), ())
    return Table(
        name,
        columns,
        comment,
        key,
        is_primary=bool(key) and declared.required.issuperset(key),
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
