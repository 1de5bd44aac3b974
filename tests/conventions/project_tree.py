"""The project's files and dbt models, as the convention tests read them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt_project" / "models"

REF = re.compile(r"""\bref\(\s*['"]([a-z0-9_]+)['"]\s*\)""")
SOURCE = re.compile(r"""\bsource\(\s*['"]([a-z0-9_]+)['"]\s*,\s*['"]([a-z0-9_]+)['"]\s*\)""")


_NOT_SQL = re.compile(r"--[^\n]*|\{#.*?#\}|/\*.*?\*/|\{\{.*?\}\}|\{%.*?%\}", re.S)
_TEXT = re.compile(r"'(?:[^']|'')*'")


def bare_sql(sql: str) -> str:
    """The SQL itself in lower case: without comments, Jinja and the content of texts."""
    return _TEXT.sub("''", _NOT_SQL.sub(" ", sql)).lower()


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files under version control that exist, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return tuple(sorted({ROOT / name for name in listed if name and (ROOT / name).is_file()}))


def files(*suffixes: str, under: str = "") -> list[Path]:
    """Tracked files below `under` with one of the suffixes."""
    base = ROOT / under
    return [f for f in tracked_files() if f.is_relative_to(base) and f.suffix in suffixes]


def shown(file: Path) -> str:
    """The path as a person of the project writes it."""
    return file.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Model:
    """One dbt model: its SQL, and the one entry of the YAML beside it (empty if there is none)."""

    name: str
    layer: str
    topic: str
    sql: str
    entry: dict
    entry_count: int

    @property
    def columns(self) -> dict[str, dict]:
        return {column["name"]: column for column in self.entry.get("columns", [])}


def read_model(sql_file: Path, models: Path = MODELS) -> Model:
    """The model of one .sql file below `models`."""
    layer, *topics = sql_file.relative_to(models).parts[:-1]
    yaml_file = sql_file.with_suffix(".yml")
    content = yaml.safe_load(yaml_file.read_text()) if yaml_file.exists() else {}
    entries = content.get("models", [])
    mine = [entry for entry in entries if entry.get("name") == sql_file.stem]
    return Model(
        name=sql_file.stem,
        layer=layer,
        topic="/".join(topics),
        sql=sql_file.read_text(),
        entry=mine[0] if mine else {},
        entry_count=len(entries),
    )


@cache
def all_models() -> dict[str, Model]:
    """Every model of the project by name."""
    return {f.stem: read_model(f) for f in files(".sql", under="dbt_project/models")}


@cache
def seed_names() -> frozenset[str]:
    """Names of the seeds, which any layer may read."""
    return frozenset(f.stem for f in files(".csv", under="dbt_project/seeds"))
