"""The published marts as their YAML describes them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from saydo.errors import ConfigError
from saydo.settings import PROJECT

MODELS = PROJECT / "dbt_project" / "models"
_BLOCK = re.compile(r"\{% docs (\w+) %\}\n(.*?)\n\{% enddocs %\}", re.S)
_REFERENCE = re.compile(r"""\{\{\s*doc\(\s*['"](\w+)['"]\s*\)\s*\}\}""")


class Column(NamedTuple):
    """A column of a mart: its name, its type in DuckDB, what it means."""

    name: str
    data_type: str
    description: str


class Mart(NamedTuple):
    """A published table: one row per what, who answers for it, its columns in their order."""

    name: str
    description: str
    owner: str
    columns: tuple[Column, ...]


@cache
def marts(models: Path = MODELS) -> tuple[Mart, ...]:
    """Every published mart, by name.

    Args:
        models: the models folder of the dbt project.

    Raises:
        ConfigError: there is no mart; or a mart or a column of one has no description, or refers
            to a `docs` block that there is not. A dataset that nobody explains is not handed out.
    """
    blocks = {
        name: text
        for page in sorted(models.rglob("*.md"))
        for name, text in _BLOCK.findall(page.read_text(encoding="utf-8"))
    }
    found = [
        _mart(file, model, blocks)
        for file in sorted((models / "marts").rglob("*.yml"))
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    ]
    if not found:
        raise ConfigError(f"no mart is described below {models / 'marts'}")
    return tuple(sorted(found))


def _mart(file: Path, model: dict[str, Any], blocks: dict[str, str]) -> Mart:
    name = model["name"]
    columns = tuple(
        Column(
            column["name"],
            column["data_type"],
            _said(column, f"column {column['name']!r} of mart {name!r}", file, blocks),
        )
        for column in model.get("columns", [])
    )
    owner = model["config"]["meta"]["owner"]
    return Mart(name, _said(model, f"mart {name!r}", file, blocks), owner, columns)


def _said(entry: dict[str, Any], what: str, file: Path, blocks: dict[str, str]) -> str:
    """A description as one line, what it refers to filled in."""

    def block(reference: re.Match[str]) -> str:
        if reference[1] not in blocks:
            raise ConfigError(f"{file.name}: {what} refers to doc('{reference[1]}'): no such block")
        return blocks[reference[1]]

    text = " ".join(_REFERENCE.sub(block, entry.get("description") or "").split())
    if not text:
        raise ConfigError(f"{file.name}: {what} has no description; say there what it is")
    return text
