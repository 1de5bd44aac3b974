"""Every model and data test as the SQL of an engine, without the engine: nothing is connected to.

Needs dbt's adapters, and neither Spark nor Java.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from saydo.build.variables import rule_variables
from saydo.config import Feeds, Policy, load_bets, load_segments

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
_FEEDS = Feeds(feeds=[])
_BETS = load_bets(PROJECT.parent / "config" / "bets.yml")
_SEGMENTS = load_segments(PROJECT.parent / "config" / "segments.yml")
_ADAPTERS = {"duckdb": "DuckDB", "spark": "Spark"}


@dataclass(frozen=True)
class Compiled:
    """One model or data test: the file that a person edits, and what it became."""

    name: str
    file: str
    sql: str


def compile_all(
    engine: str,
    folder: Path,
    first: Policy | None = None,
    later: Policy | None = None,
    project: Path = PROJECT,
) -> list[Compiled]:
    """All models and data tests of a project: as a first build has them, and as a later one.

    Args:
        engine: duckdb or spark.
        folder: where dbt may write.
        first: the policy of the first build.
        later: the policy of the later one, which says what models there are.
        project: the folder with dbt_project.yml.

    Returns:
        One entry per SQL that came out, so two where the builds differ.
    """
    from dbt.cli.main import dbtRunner

    manifest = None

    def run(policy: Policy | None, *arguments: str) -> Any:
        told = rule_variables(_FEEDS, _FEEDS.all_kpis, policy or Policy())
        told["bets"] = [bet.for_models() for bet in _BETS.bets]
        told["segments"] = [segment.for_models() for segment in _SEGMENTS.segments]
        outcome = dbtRunner(manifest).invoke([
            "--quiet", "--no-use-colors", "--log-level-file", "none", "--no-write-json", *arguments,
            "--project-dir", str(project), "--profiles-dir", str(PROJECT), "--target", engine,
            "--target-path", str(folder), "--vars", json.dumps(told), "--no-populate-cache",
        ])  # fmt: skip
        assert outcome.success, outcome.exception or [r.message for r in outcome.result]
        return outcome.result

    # dbt's profile asks only whether pyspark can be imported.
    with patch.dict(sys.modules, pyspark=ModuleType("pyspark")):
        manifest = run(later, "parse")
        with _stand_in(engine, is_built=False):
            found = _compiled(run(first, "compile", "--full-refresh"))
        with _stand_in(engine, is_built=True):
            found += _compiled(run(later, "compile"))
    return list(dict.fromkeys(found))


def _compiled(results: Any) -> list[Compiled]:
    """Read at once: the next command compiles the same nodes anew."""
    return [
        Compiled(r.node.name, r.node.original_file_path, r.node.compiled_code)
        for r in results
        if r.node.resource_type in ("model", "test")
    ]


class _Handle:
    """A connection and its cursor: what is counted is there once, a list has one month in it."""

    def cursor(self) -> _Handle:
        return self

    def execute(self, sql: str, bindings: Any = None) -> _Handle:
        row = (1,) if "count(*)" in sql else ("2024-05-01", "2024-05")
        self._rows: list[tuple[Any, ...]] = [row]
        self.description = [(f"column_{n}", "string", *[None] * 5) for n, _ in enumerate(row)]
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def close(self) -> None:
        pass

    cancel = rollback = close


@contextmanager
def _stand_in(engine: str, is_built: bool) -> Iterator[None]:
    """Connections that lead nowhere; every table is there already, or none is."""
    module = importlib.import_module(f"dbt.adapters.{engine}")
    adapter = getattr(module, f"{_ADAPTERS[engine]}Adapter")

    def open_(connection: Any) -> Any:
        connection.handle, connection.state = _Handle(), "open"
        return connection

    def get_relation(self: Any, database: str, schema: str, identifier: str) -> Any:
        path = {"database": database, "schema": schema, "identifier": identifier}
        return self.Relation.create(**path, type="table") if is_built else None

    with (
        patch.object(adapter.ConnectionManager, "open", staticmethod(open_)),
        patch.object(adapter, "get_relation", get_relation),
    ):
        yield
