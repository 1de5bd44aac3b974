"""Datasets: each mart with what its YAML says of it, and the headline metrics that it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from saydo.errors import ConfigError
from saydo.marts import Column, Mart
from saydo.serve.superset.database import Place
from saydo.serve.superset.names import asset_id
from saydo.serve.superset.saved_metrics import SavedMetric

# The time that a reader means who says when, of marts that have several; others take their first.
_TIMES = {
    "customer_profiles": "as_of_date",
    "retention_cohorts": "month_start_date",
    "stated_vs_actual": "month_start_date",
    "restatement_log": "month_start_date",
    "release_history": "published_at",
}


_SHORT = {
    "mrr": "MRR",
    "nps": "NPS",
    "kpi": "KPI",
    "ci": "interval",
    "id": "ID",
    "90d": "90 days",
    "30d": "30 days",
    "mb": "MB",
}


def dataset_file(
    mart: Mart, metrics: Sequence[SavedMetric], place: Place, currency: str
) -> dict[str, Any]:
    """The content of a mart's dataset.

    Args:
        mart: the published table.
        metrics: all saved metrics; the ones of other marts are left out.
        place: the database.
        currency: ISO 4217 code of the reporting currency.

    Raises:
        ConfigError: the mart or a column has no description: what nobody explains is not handed
            out.
    """
    for said, what in ((mart.description, "it"), *((c.description, c.name) for c in mart.columns)):
        if not said:
            raise ConfigError(f"mart {mart.name!r}: {what} has no description; say in its YAML")
    times = [column.name for column in mart.columns if _is_time(column)]
    return {
        "table_name": mart.name,
        "main_dttm_col": _TIMES.get(mart.name, times[0] if times else None),
        "description": f"{mart.description} Owner: {mart.owner}.",
        "default_endpoint": None,
        "offset": 0,
        "cache_timeout": None,
        "schema": place.schema,
        "catalog": None,
        "sql": None,
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "fetch_values_predicate": None,
        "extra": None,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": str(asset_id("dataset", mart.name)),
        "metrics": [
            _rows(),
            *(_metric(metric, currency) for metric in metrics if metric.mart == mart.name),
        ],
        "columns": [_column(column) for column in mart.columns],
        "version": "1.0.0",
        "database_uuid": str(asset_id("database", "Saydo")),
    }


def _title(name: str) -> str:
    """A column's name as the head of a table."""
    text = " ".join(_SHORT.get(word, word) for word in name.split("_"))
    return text[0].upper() + text[1:]


def _is_time(column: Column) -> bool:
    return column.data_type in ("date", "timestamp")


def _column(column: Column) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "verbose_name": _title(column.name),
        "is_dttm": _is_time(column),
        "is_active": True,
        "type": re.sub(r"\s", "", column.data_type).upper(),
        "advanced_data_type": None,
        "groupby": True,
        "filterable": True,
        "expression": None,
        "description": column.description,
        "python_date_format": None,
        "extra": None,
    }


def _rows() -> dict[str, Any]:
    return {
        "metric_name": "row_count",
        "verbose_name": "Rows",
        "metric_type": "count",
        "expression": "count(*)",
        "description": "Rows of the table; its description says what one row is.",
        "d3format": ",d",
        "currency": None,
        "extra": None,
        "warning_text": None,
    }


def _metric(metric: SavedMetric, currency: str) -> dict[str, Any]:
    is_money = metric.unit == "money"
    return {
        "metric_name": metric.code,
        "verbose_name": metric.label,
        "metric_type": None,
        "expression": metric.expression,
        "description": metric.description,
        "d3format": metric.d3_format,
        "currency": {"symbol": currency, "symbolPosition": "prefix"} if is_money else None,
        "extra": None,
        "warning_text": metric.warning,
    }
