"""One dbt invocation in this process, and what came of each node."""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from saydo.build import inputs, spark_errors
from saydo.build.spark_adapter import mended_adapter
from saydo.build.spark_session import spark_session
from saydo.build.spark_tables import bring_over
from saydo.build.spark_workers import Workers
from saydo.build.variables import RUN_VARIABLES
from saydo.contract import SOURCES, landed_columns
from saydo.engine import memory_limit, spill_folder
from saydo.errors import SaydoError
from saydo.estimate import ESTIMATORS
from saydo.lineage.project import keep_project
from saydo.room import raise_lack
from saydo.settings import Settings


@dataclass
class NodeResult:
    """One model, seed or test: how it ended, how long it took, and where its SQL is."""

    name: str
    kind: str  # model | seed | snapshot | test | estimate
    status: str  # success | pass | warn | fail | error | skipped
    seconds: float
    message: str | None
    compiled_path: str | None
    relation: str | None  # quoted, for tables only
    rows: int | None = None
    failures: int | None = None  # rows that a test found
    description: str = ""
    built_at: str | None = None  # when it ended, ISO in UTC


def invoke(
    settings: Settings,
    arguments: list[str],
    variables: dict[str, Any],
    layer: str = "dbt",
    reads_raw: bool = False,
) -> list[NodeResult]:
    """Run one dbt command and return a result per node, whether they succeeded or not.

    The project is parsed without the day, which only the SQL of the models reads: dbt parses anew
    whenever a variable changes, and a new day would cost more so than most days' rows.

    Args:
        settings: the home, and the engine that builds.
        arguments: dbt's command and its options.
        variables: the `--vars`.
        layer: names the application of Spark.
        reads_raw: it is the first of a build: Spark is told anew where the sources' files are.

    Raises:
        ConfigError: the engine is not installed.
        SaydoError: dbt stopped before it ran a node (the project does not parse, no such node), or
            the engine could not be reached.
    """
    with _parsed(settings, variables, layer) as (manifest, workers):
        keep_project(settings, manifest, {each.name: each.reads for each in ESTIMATORS})
        if settings.engine == "spark" and reads_raw:
            operation = [
                "run-operation",
                "register_sources",
                "--args",
                json.dumps(_sources(settings)),
            ]
            _succeed(settings, operation, _run(settings, operation, variables, manifest))
        statements = spark_errors.Statements() if settings.engine == "spark" else None
        outcome = _run(settings, arguments, variables, manifest, statements)
        results = list(getattr(outcome.result, "results", ()))
        nodes = [_node_result(result) for result in results]
        if statements:
            _tell_errors(nodes, results, statements)
    if settings.engine == "spark":
        bring_over(settings, results)
        for node in nodes:
            if workers and workers.lost and node.status == "error":
                node.message = workers.lost  # not what was cancelled for it
    return nodes


def parse_for_tools(settings: Settings, variables: dict[str, Any]) -> dict[str, str]:
    """Parse the project into dbt_project/target, where `mf` and others look for its manifests.

    Returns:
        the environment that profiles.yml reads, with which they reach the candidate.

    Raises:
        SaydoError: the project does not parse.
    """
    embedded = settings.model_copy(update={"engine": "duckdb"})
    with spill_folder(embedded, "parse") as spill, _environment(embedded, spill):
        told = {name: value for name, value in os.environ.items() if name.startswith("SAYDO_DBT_")}
        folder = inputs.DBT_PROJECT / "target"
        _succeed(embedded, ["parse"], _run(embedded, ["parse"], variables, written_to=folder))
    return {name: value for name, value in told.items() if name != "SAYDO_DBT_SPILL"}


def document(
    settings: Settings, variables: dict[str, Any]
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """dbt's page of documentation, and the manifest and the catalog that belong into it.

    Raises:
        SaydoError: dbt stopped before it was done.
    """
    with _parsed(settings, variables, "docs") as (manifest, _):
        catalog = _run(settings, ["docs", "generate", "--no-compile"], variables, manifest).result
        known = manifest.writable_manifest().to_dict(omit_none=True)
    page = (_target(settings) / "index.html").read_text(encoding="utf-8")
    return page, known, catalog.to_dict(omit_none=True)


@contextlib.contextmanager
def _parsed(
    settings: Settings, variables: dict[str, Any], layer: str
) -> Iterator[tuple[Any, Workers | None]]:
    """The project's manifest, and the engine running for as long as it is used."""
    # Always the same path: dbt parses the whole project anew where one in its profile changes.
    with (
        _without_collecting(),
        spill_folder(settings, "build") as spill,
        _environment(settings, spill),
        _engine(settings, layer) as workers,
    ):
        timeless = {n: value for n, value in variables.items() if n not in RUN_VARIABLES}
        yield parse(settings, timeless), workers


def parse(settings: Settings, variables: dict[str, Any]) -> Any:
    """The project's manifest; SaydoError if it does not parse."""
    return _run(settings, ["parse"], variables).result


@contextlib.contextmanager
def _engine(settings: Settings, layer: str) -> Iterator[Workers | None]:
    """What dbt connects to, and nothing of it left open afterwards."""
    if settings.engine == "spark":
        with spark_session(settings, layer) as workers, mended_adapter():
            yield workers
        return
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    try:
        yield None
    finally:
        # dbt keeps its connections after it returns, and with them the lock on the warehouse file.
        DuckDBConnectionManager.close_all_connections()


def _run(
    settings: Settings,
    arguments: list[str],
    variables: dict[str, Any],
    manifest: Any = None,
    statements: spark_errors.Statements | None = None,
    written_to: Path | None = None,
) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(manifest, [statements] if statements else []).invoke([
        "--quiet", "--no-use-colors", "--log-level", "none", "--log-level-file", "info",
        "--log-path", str(_logs(settings)), "--no-send-anonymous-usage-stats",
        "--write-json" if written_to else "--no-write-json", *arguments,
        "--project-dir", str(inputs.DBT_PROJECT), "--profiles-dir", str(_profiles(settings)),
        "--target", settings.engine, "--target-path", str(written_to or _target(settings)),
        "--vars", json.dumps(variables),
    ])  # fmt: skip
    if outcome.result is None:
        _succeed(settings, arguments, outcome)
    return outcome


def _succeed(settings: Settings, arguments: list[str], outcome: Any) -> None:
    if not outcome.success:
        what = str(outcome.exception)
        if settings.engine == "spark":
            what = spark_errors.told(what, exit_code=spark_errors.java_exit_code())
        raise_lack(f"{type(outcome.exception).__name__}: {what}")
        raise SaydoError(
            f"dbt could not run `{' '.join(arguments)}`: {what}; "
            f"its log is {_logs(settings) / 'dbt.log'}"
        )


def _logs(settings: Settings) -> Path:
    return settings.state / "dbt" / "logs"


def _sources(settings: Settings) -> dict[str, Any]:
    """What `register_sources` is told: the columns of each table of raw as Spark's DDL."""
    measures = tuple(measure.name for measure in settings.feeds.all_measures)
    return {
        "raw_columns": {
            name: ", ".join(
                f"`{column}` {'string' if kind == 'varchar' else kind}"
                for column, kind in landed_columns(source, measures).items()
            )
            for name, source in SOURCES.items()
        }
    }


def _target(settings: Settings) -> Path:
    """A folder for each engine: dbt would parse anew whenever one followed the other."""
    return settings.state / "dbt" / ("target" if settings.engine == "duckdb" else settings.engine)


def _profiles(settings: Settings) -> Path:
    own = settings.spark.profiles if settings.engine == "spark" else None
    return own or inputs.DBT_PROJECT


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """No garbage collection: what dbt makes stays as long as its command runs, and looking through
    it would be a fifth of its start. Nor a last one when the process ends, which is half a second.
    """
    was_on = gc.isenabled()
    gc.disable()
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def _environment(settings: Settings, spill: Path) -> Iterator[None]:
    """The variables profiles.yml and the sources read, restored afterwards."""
    ours = {
        "SAYDO_DBT_WAREHOUSE": str(settings.warehouse),
        "SAYDO_DBT_RAW": str(settings.raw),
        "SAYDO_DBT_STATE": str(settings.state),
        "SAYDO_DBT_THREADS": str(settings.threads),
        "SAYDO_DBT_MEMORY": memory_limit(settings),
        "SAYDO_DBT_SPILL": str(spill),
        "SAYDO_DBT_TABLES": str(settings.spark_tables),
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _tell_errors(
    nodes: list[NodeResult], results: list[Any], statements: spark_errors.Statements
) -> None:
    exit_code = spark_errors.java_exit_code()
    for node, result in zip(nodes, results, strict=True):
        if node.status == "error" and node.message:
            statement = statements.of(result.node)
            node.message = spark_errors.told(node.message, statement, exit_code)


def _node_result(result: Any) -> NodeResult:
    node = result.node
    kind = str(node.resource_type)
    is_table = kind == "seed" or node.config.get("materialized") in ("table", "incremental")
    compiled = getattr(node, "compiled_path", None)
    return NodeResult(
        name=node.name,
        kind=kind,
        status=str(result.status),
        seconds=round(result.execution_time, 2),
        message=result.message,
        compiled_path=str(compiled) if compiled else None,
        relation=node.relation_name if is_table and kind != "test" else None,
        failures=result.failures,
        description=getattr(node, "description", "") or "",
        built_at=_ended_at(result),
    )


def _ended_at(result: Any) -> str | None:
    ended = [step.completed_at for step in result.timing if step.completed_at]
    return max(ended).replace(tzinfo=UTC).isoformat(timespec="microseconds") if ended else None
