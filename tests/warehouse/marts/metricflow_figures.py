"""What MetricFlow makes of the definitions, on the warehouse of a small home."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from dbt_metricflow.cli.dbt_connectors.adapter_backed_client import SupportedAdapterTypes
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class _Dialect:
    """All that explaining asks of a client: the engine's SQL."""

    sql_engine_type = SupportedAdapterTypes.DUCKDB.sql_engine_type
    sql_plan_renderer = SupportedAdapterTypes.DUCKDB.sql_plan_renderer


class MetricFlow:
    """Queries of metrics: MetricFlow writes the SQL, and DuckDB runs it on the file."""

    def __init__(self, semantic_manifest: Path, warehouse: Path):
        self.manifest = parse_manifest_from_dbt_generated_manifest(semantic_manifest.read_text())
        self._engine = MetricFlowEngine(SemanticManifestLookup(self.manifest), _Dialect())
        self._warehouse = warehouse

    def query(self, metrics: Sequence[str], group_by: Sequence[str]) -> list[dict[str, Any]]:
        """One row per group, columns by name."""
        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by)
        sql = self._engine.explain(request).sql_statement.sql
        with duckdb.connect(str(self._warehouse), read_only=True) as connection:
            result = connection.execute(sql)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
