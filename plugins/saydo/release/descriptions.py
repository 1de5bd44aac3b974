"""What the columns of a release mean, where each kind of reader looks for it."""

from __future__ import annotations

import base64
from collections import defaultdict
from typing import NamedTuple

import duckdb
import pyarrow as pa


class Descriptions(NamedTuple):
    """Of a table and, by name, of its columns. What is not described is None, or left out."""

    table: str | None
    columns: dict[str, str]


NOTHING = Descriptions(None, {})


def described(
    connection: duckdb.DuckDBPyConnection, catalog: str, schema: str
) -> dict[str, Descriptions]:
    """The comments of each table of a schema, without the line feed that YAML leaves at an end."""
    tables = connection.execute(
        "select table_name, table_comment from information_schema.tables "
        "where table_catalog = ? and table_schema = ?",
        [catalog, schema],
    ).fetchall()
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for table, column, text in connection.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where database_name = ? and schema_name = ? order by table_name, column_index",
        [catalog, schema],
    ).fetchall():
        if text and text.strip():
            columns[table][column] = text.strip()
    return {
        name: Descriptions((text or "").strip() or None, columns[name]) for name, text in tables
    }


def parquet_metadata(
    connection: duckdb.DuckDBPyConnection, relation: str, told: Descriptions
) -> dict[str, str]:
    """The keys and texts that the Parquet file of a relation (a quoted name) has in its footer.

    `ARROW:schema` is the Arrow schema of the file with a `description` of each field: the format
    has no room for one, and pyarrow, DataFusion and R's arrow read that key. Its types are those
    that are written, so that nothing is read otherwise for it. `description` is the table's, for
    readers that look at keys.
    """
    schema = connection.execute(f"from {relation} limit 0").to_arrow_table().schema
    fields = [
        field.with_metadata({"description": told.columns[field.name]})
        if field.name in told.columns
        else field
        for field in schema
    ]
    table = {"description": told.table} if told.table else {}
    arrow = pa.schema(fields, metadata=table).serialize().to_pybytes()
    return table | {"ARROW:schema": base64.b64encode(arrow).decode("ascii")}
