"""MetricFlow over the project's definitions: it writes the SQL of a query of metrics.

It reads metrics.yml itself rather than what `dbt parse` leaves: that takes seconds and a project
that a reader of releases need not have set up. tests/warehouse/marts/test_headline_metrics.py holds
the two against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from saydo.errors import ConfigError
from saydo.metrics import read_definitions
from saydo.sql import quoted

# dbt asks for a calendar. No metric that metrics_daily can render needs one.
_CALENDAR = {"node_relation": {"alias": "int_days_listed", "schema_name": "main",
                               "relation_name": quoted("main", "int_days_listed")},
             "primary_column": {"name": "calendar_date", "time_granularity": "day"}}  # fmt: skip


def metric_sql(
    metrics: Sequence[str],
    group_by: Sequence[str] = (),
    where: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
) -> str:
    """The SQL that gives metrics of one table, on the tables of a release.

    Args:
        metrics: their codes, which are its columns too.
        group_by: `metric_time__month` and the like, `<entity>__<dimension>`; its other columns.
        where: conditions in MetricFlow's words; the caller quotes what is in them.
        start, end: the first and the last day.

    Raises:
        ConfigError: MetricFlow cannot join or group that.
    """
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
    from metricflow_semantics.errors.error_classes import MetricFlowException

    request = MetricFlowQueryRequest.create(
        metric_names=list(metrics),
        group_by_names=list(group_by),
        where_constraints=list(where) or None,
        time_constraint_start=_midnight(start),
        time_constraint_end=_midnight(end),
    )
    try:
        return _engine().explain(request).sql_statement.sql
    except MetricFlowException as error:
        raise ConfigError(f"MetricFlow cannot answer that: {error}") from None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day)


@cache
def _engine() -> Any:
    """MetricFlow's engine, which plans and writes SQL and is given nothing to run it with."""
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
    from metricflow_semantic_interfaces.implementations.semantic_manifest import (
        PydanticSemanticManifest,
    )
    from metricflow_semantics.model.dbt_manifest_parser import transform_dbt_generated_manifest
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    class _Dialect:
        sql_engine_type = SqlEngine.DUCKDB
        sql_plan_renderer = DuckDbSqlPlanRenderer()

    manifest = transform_dbt_generated_manifest(PydanticSemanticManifest.parse_obj(_manifest()))
    return MetricFlowEngine(SemanticManifestLookup(manifest), _Dialect())  # type: ignore[arg-type]


def _manifest() -> dict[str, Any]:
    """The definitions as MetricFlow's manifest has them: tables by their names in a release."""
    content = read_definitions()
    models = []
    for model in content["semantic_models"]:
        table = model["name"]  # metrics_daily has it so too: one is called as its table
        relation = {"alias": table, "schema_name": "main", "relation_name": quoted("main", table)}
        rest = {name: told for name, told in model.items() if name != "model"}
        models.append(rest | {"node_relation": relation})
    metrics = []
    for metric in content["metrics"]:
        parts = {
            role: {"name": told} if role in ("numerator", "denominator") else told
            for role, told in metric["type_params"].items()
        }
        metrics.append(metric | {"type_params": parts})
    return {
        "semantic_models": models,
        "metrics": metrics,
        "project_configuration": {"time_spines": [_CALENDAR]},
    }
