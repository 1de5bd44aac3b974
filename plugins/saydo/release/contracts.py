"""A data contract beside each table of a release, in the Open Data Contract Standard 3.1.

What the columns are comes from what is released; who owns the table, its key and the values it may
hold from the YAML beside the model, which dbt has tested before. Nothing of a row is in it: the
same tables give the same contracts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from saydo import __version__
from saydo.release.database import TableContent
from saydo.settings import PROJECT

FOLDER = "contracts"
MODELS = PROJECT / "dbt_project" / "models" / "marts"
# Those in C where there are any: forty files are read, and forty written, in every publish.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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


class Rules(NamedTuple):
    """What the YAML of a model promises of its table, beside what the columns are.

    `keys` are combinations of columns that no two rows share; `values` the only ones a column may
    have beside null.
    """

    topic: str | None
    owner: str | None
    required: frozenset[str]
    keys: tuple[tuple[str, ...], ...]
    values: dict[str, list[Any]]


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
    rules, purpose = rules_of(name), table.told.table
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


def rules_of(name: str) -> Rules:
    """What the YAML of the mart says; of a table that has none, nothing."""
    file = next(MODELS.glob(f"*/{name}.yml"), None)
    if file is None:
        return Rules(None, None, frozenset(), (), {})
    (model,) = yaml.load(file.read_text(encoding="utf-8"), _LOADER)["models"]  # noqa: S506
    required, keys, values = set(), [], {}
    for kind, arguments in _tests(model):
        if kind == "never_null":
            required |= set(arguments["columns"])
        elif kind == "unique_combination":
            keys.append(tuple(arguments["columns"]))
    for column in model["columns"]:
        for kind, arguments in _tests(column):
            if kind == "not_null":
                required.add(column["name"])
            elif kind == "unique":
                keys.append((column["name"],))
            elif kind == "accepted_values":
                values[column["name"]] = arguments["values"]
    return Rules(
        topic=file.parent.name,
        owner=model.get("config", {}).get("meta", {}).get("owner"),
        required=frozenset(required),
        keys=tuple(dict.fromkeys(keys)),
        values=values,
    )


def _tests(entry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The data tests of a model or column: kind and arguments.

    One that is configured (to some rows, to warn) is no promise of the whole table.
    """
    for test in entry.get("data_tests", ()):
        if isinstance(test, str):
            yield test, {}
        else:
            ((kind, told),) = test.items()
            if "config" not in told:
                yield kind, told.get("arguments", {})


def _property(
    column: str, kind: str, description: str | None, rules: Rules, primary: tuple[str, ...]
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
