"""A data contract beside each table of a release, in the Open Data Contract Standard 3.1.

What the columns are comes from what is released; who owns the table, its key and the values it may
hold from the YAML beside the model, which dbt has tested before. Nothing of a row is in it: the
same tables give the same contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from saydo import __version__
from saydo.marts import Mart, mart
from saydo.release.database import TableContent

FOLDER = "contracts"
# The one in C where there is one: forty files are written in every publish.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# By the beginning of the type; whatever else is published is text.
_LOGICAL_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "DECIMAL": "number",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}


def write_contracts(folder: Path, tables: Mapping[str, TableContent], database: str) -> None:
    """Write contracts/<table>.odcs.yaml of each table.

    Args:
        folder: the release's folder, which the paths in a contract are relative to.
        tables: what is released, by name.
        database: the name of the DuckDB file.
    """
    (folder / FOLDER).mkdir()
    for name, table in tables.items():
        content = contract(name, table, database)
        text = yaml.dump(content, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=100)
        (folder / FOLDER / f"{name}.odcs.yaml").write_text(text, encoding="utf-8")


def contract(name: str, table: TableContent, database: str) -> dict[str, Any]:
    """The contract of one table, as the standard spells it."""
    rules, purpose = mart(name), table.told.table
    keys = [key for key in rules.keys if table.columns.keys() >= set(key)]
    # A key of the standard has no null; where one may be null, uniqueness is a check of its own.
    primary = next((key for key in keys if rules.required >= set(key)), ())
    schema = {
        "name": name,
        "physicalName": name,
        "logicalType": "object",
        "physicalType": "table",
        "description": purpose,
        "properties": [
            _property(column, kind, table.told.columns.get(column), rules, primary)
            for column, kind in table.columns.items()
        ],
        "quality": [_unique(key) for key in keys if key != primary],
    }
    servers = [
        {"server": "duckdb", "type": "duckdb", "database": database, "schema": "main"},
        {"server": "parquet", "type": "local", "format": "parquet", "path": f"{name}.parquet"},
    ]
    return _filled(
        {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": f"saydo:{name}",
            "name": name,
            "version": __version__,
            "status": "active",
            "domain": rules.topic,
            "dataProduct": "saydo",
            "description": {"purpose": purpose} if purpose else None,
            "servers": servers,
            "schema": [_filled(schema)],
            "team": {"name": rules.owner} if rules.owner else None,
        }
    )


def _property(
    column: str, kind: str, description: str | None, rules: Mart, primary: tuple[str, ...]
) -> dict[str, Any]:
    return _filled(
        {
            "name": column,
            "logicalType": _LOGICAL_TYPES.get(kind.split("(")[0], "string"),
            "physicalType": kind,
            "description": description,
            "required": column in rules.required or None,
            "primaryKey": column in primary or None,
            "primaryKeyPosition": primary.index(column) + 1 if column in primary else None,
            "quality": [_among(rules.values[column])] if column in rules.values else None,
        }
    )


def _among(values: list[Any]) -> dict[str, Any]:
    return {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": values}}


def _unique(key: tuple[str, ...]) -> dict[str, Any]:
    return {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": list(key)}}


def _filled(content: dict[str, Any]) -> dict[str, Any]:
    """Without what is not there: the standard has no null."""
    return {key: value for key, value in content.items() if value not in (None, [])}
