"""The published marts, as the YAML beside their models describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from saydo.errors import ConfigError

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
# The one in C where there is one: forty files are read, in every publish, too.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BLOCK = re.compile(r"\{% docs (\w+) %\}\n(.*?)\n\{% enddocs %\}", re.S)
_REFERENCE = re.compile(r"""\{\{\s*doc\(\s*['"](\w+)['"]\s*\)\s*\}\}""")


class Column(NamedTuple):
    """A column of a mart: its name, its type in DuckDB, what it means (empty if nobody said)."""

    name: str
    data_type: str
    description: str


class Mart(NamedTuple):
    """A published table, and what its data tests promise of every row.

    `keys` are combinations of columns that no two rows share, the grain first; `required` the
    columns that are never null; `values` the only ones a column may have beside null; `indexes`
    those that servers keep (`config.meta.indexes`).
    """

    name: str
    topic: str | None = None
    owner: str | None = None
    description: str = ""
    columns: tuple[Column, ...] = ()
    required: frozenset[str] = frozenset()
    keys: tuple[tuple[str, ...], ...] = ()
    values: dict[str, list[Any]] = {}  # noqa: RUF012 - read, never written
    indexes: tuple[tuple[str, ...], ...] = ()


def mart(name: str) -> Mart:
    """The mart of that name; one that the project does not know has its name alone."""
    return marts().get(name, Mart(name))


@cache
def marts(models: Path = MODELS) -> dict[str, Mart]:
    """Every published mart, by name and in the order of names.

    Args:
        models: the models folder of the dbt project.

    Raises:
        ConfigError: a description refers to a `docs` block that there is not.
    """
    blocks = {
        name: text
        for page in sorted(models.rglob("*.md"))
        for name, text in _BLOCK.findall(page.read_text(encoding="utf-8"))
    }
    found = [
        _mart(file, model, blocks)
        for file in (models / "marts").rglob("*.yml")
        for model in yaml.load(file.read_text(encoding="utf-8"), _LOADER).get("models", [])  # noqa: S506
    ]
    return {each.name: each for each in sorted(found, key=lambda each: each.name)}


def _mart(file: Path, model: dict[str, Any], blocks: dict[str, str]) -> Mart:
    meta = model.get("config", {}).get("meta", {})
    required, keys, values = set(), [], {}
    for kind, arguments in _tests(model):
        if kind == "never_null":
            required |= set(arguments["columns"])
        elif kind == "unique_combination":
            keys.append(tuple(arguments["columns"]))
    for column in model.get("columns", []):
        for kind, arguments in _tests(column):
            if kind == "not_null":
                required.add(column["name"])
            elif kind == "unique":
                keys.append((column["name"],))
            elif kind == "accepted_values":
                values[column["name"]] = arguments["values"]
    return Mart(
        name=model["name"],
        topic=file.parent.name,
        owner=meta.get("owner"),
        description=_said(model, file, blocks),
        columns=tuple(
            Column(column["name"], column.get("data_type", ""), _said(column, file, blocks))
            for column in model.get("columns", [])
        ),
        required=frozenset(required),
        keys=tuple(dict.fromkeys(keys)),
        values=values,
        indexes=tuple(tuple(index) for index in meta.get("indexes", [])),
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


def _said(entry: dict[str, Any], file: Path, blocks: dict[str, str]) -> str:
    """A description as one line, what it refers to filled in."""

    def block(reference: re.Match[str]) -> str:
        if reference[1] not in blocks:
            raise ConfigError(
                f"{file.name}: {entry['name']} refers to doc('{reference[1]}'): no such block"
            )
        return blocks[reference[1]]

    return " ".join(_REFERENCE.sub(block, entry.get("description") or "").split())
