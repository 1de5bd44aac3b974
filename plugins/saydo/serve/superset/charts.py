"""What a chart is, and the settings of those kinds of Superset's charts that the dashboards use.

Settings have the names that Superset's own forms give them. A metric is the code of a saved one or
a `measure`; a column is a name or a `column`; a row filter is SQL.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

MONTHS = "%b %Y"
_ALL_TIME = "No filter"


class Chart(NamedTuple):
    """A chart over one mart: its title, what it shows, its place (of 12 wide; 1 high is 8 px)."""

    title: str
    mart: str
    description: str
    settings: dict[str, Any]
    width: int
    height: int = 36


def measure(label: str, sql: str) -> dict[str, Any]:
    """An aggregate that only one chart needs."""
    return {
        "expressionType": "SQL",
        "sqlExpression": sql,
        "label": label,
        "hasCustomLabel": True,
        "optionName": f"metric_{label}",
    }


def column(label: str, sql: str) -> dict[str, Any]:
    """A column as it is read: words for a code, a part of it."""
    return {"expressionType": "SQL", "sqlExpression": sql, "label": label}


def words(label: str, name: str) -> dict[str, Any]:
    """A column of codes, spaces for their underscores."""
    return column(label, f"replace({name}, '_', ' ')")


def filters(*conditions: str, time: str | None = None) -> dict[str, Any]:
    """Row filters, and the column that a dashboard's time filter is about."""
    found: list[dict[str, Any]] = [
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": condition}
        for condition in conditions
    ]
    if time:
        found.append(
            {
                "clause": "WHERE",
                "expressionType": "SIMPLE",
                "operator": "TEMPORAL_RANGE",
                "subject": time,
                "comparator": _ALL_TIME,
            }
        )
    return {"adhoc_filters": found}


def money(currency: str) -> dict[str, Any]:
    """Amounts of the reporting currency, whole."""
    return {
        "y_axis_format": ",.0f",
        "currency_format": {"symbol": currency, "symbolPosition": "prefix"},
    }


def number(metric: Any, shown_as: str, caption: str) -> dict[str, Any]:
    """One figure, and what it is of."""
    return {
        "viz_type": "big_number_total",
        "metric": metric,
        "y_axis_format": shown_as,
        "subtitle": caption,
        "header_font_size": 0.4,
        "subtitle_font_size": 0.15,
    }


def latest(metric: Any, time: str, shown_as: str, caption: str) -> dict[str, Any]:
    """The figure of the last month, and its way there."""
    return {
        "viz_type": "big_number",
        "metric": metric,
        "x_axis": time,
        "time_grain_sqla": "P1M",
        "y_axis_format": shown_as,
        "time_format": MONTHS,
        "subheader": caption,
        "show_timestamp": True,
        "show_trend_line": True,
        "start_y_axis_at_zero": False,
        "header_font_size": 0.3,
        "subheader_font_size": 0.15,
        "timestamp_font_size": 0.15,
        "rolling_type": "None",
    }


def _axes(axis: Any, metrics: list[Any], by: list[Any], shown_as: str) -> dict[str, Any]:
    return {
        "x_axis": axis,
        "metrics": metrics,
        "groupby": by,
        "y_axis_format": shown_as,
        "x_axis_time_format": MONTHS,
        "tooltipTimeFormat": MONTHS,
        "row_limit": 10_000,
        "truncate_metric": True,
        "show_legend": len(metrics) + len(by) > 1,
        "legendOrientation": "top",
        "legendType": "scroll",
        "rich_tooltip": True,
        "color_scheme": "supersetColors",
        "x_axis_sort_asc": True,
        "truncateYAxis": False,
        "truncateXAxis": True,
    }


def lines(
    time: str, metrics: list[Any], shown_as: str, by: list[Any] | None = None
) -> dict[str, Any]:
    """Figures month by month."""
    return _axes(time, metrics, by or [], shown_as) | {
        "viz_type": "echarts_timeseries_line",
        "time_grain_sqla": "P1M",
        "markerEnabled": True,
        "markerSize": 4,
        "truncateYAxis": True,
        "y_axis_bounds": [None, None],
    }


def bars(
    axis: Any,
    metrics: list[Any],
    shown_as: str,
    by: list[Any] | None = None,
    is_monthly: bool = False,
    is_stacked: bool = False,
    is_lying: bool = False,
) -> dict[str, Any]:
    """Figures side by side or on top of each other; of categories or of months."""
    return _axes(axis, metrics, by or [], shown_as) | {
        "viz_type": "echarts_timeseries_bar",
        "time_grain_sqla": "P1M" if is_monthly else None,
        "stack": "Stack" if is_stacked else None,
        "orientation": "horizontal" if is_lying else "vertical",
        "xAxisForceCategorical": not is_monthly,
        "show_value": not is_monthly and not is_stacked and not is_lying,
        "xAxisLabelInterval": "auto" if is_monthly else "0",
    }


def points(axis: Any, metrics: list[Any], shown_as: str) -> dict[str, Any]:
    """Points over categories: an estimate between the two ends of its interval."""
    return _axes(axis, metrics, [], shown_as) | {
        "viz_type": "echarts_timeseries_scatter",
        "markerSize": 10,
        "xAxisForceCategorical": True,
        "xAxisLabelInterval": "0",
        "xAxisLabelRotation": 20,
    }


def grid(across: Any, down: Any, metric: Any, shown_as: str) -> dict[str, Any]:
    """A figure of each pair of two categories, the darker the higher."""
    return {
        "viz_type": "heatmap_v2",
        "x_axis": across,
        "groupby": down,
        "metric": metric,
        "normalize_across": "heatmap",
        "linear_color_scheme": "superset_seq_1",
        "show_values": True,
        "show_legend": False,
        "show_percentage": False,
        "legend_type": "continuous",
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_asc",
        "xscale_interval": -1,
        "yscale_interval": -1,
        "left_margin": "auto",
        "bottom_margin": "auto",
        "value_bounds": [None, None],
        "y_axis_format": shown_as,
        "row_limit": 10_000,
    }


def waterfall(axis: Any, metric: Any) -> dict[str, Any]:
    """What adds and what takes away, and the total."""
    return {
        "viz_type": "waterfall",
        "x_axis": axis,
        "metric": metric,
        "groupby": [],
        "show_value": True,
        "show_legend": True,
        "show_total": True,
        "row_limit": 1_000,
        "increase_color": {"r": 90, "g": 193, "b": 137, "a": 1},
        "decrease_color": {"r": 224, "g": 67, "b": 85, "a": 1},
        "total_color": {"r": 102, "g": 102, "b": 102, "a": 1},
        "x_ticks_layout": "45°",
    }


def table(
    columns: list[Any],
    formats: dict[str, str] | None = None,
    order: list[tuple[str, bool]] | None = None,
    limit: int = 1_000,
    page: int = 10,
) -> dict[str, Any]:
    """Rows as they are; `order` is of columns, and whether they ascend."""
    return {
        "viz_type": "table",
        "query_mode": "raw",
        "all_columns": columns,
        "order_by_cols": [json.dumps([name, ascends]) for name, ascends in order or []],
        "row_limit": limit,
        "page_length": page,
        "show_cell_bars": False,
        "table_timestamp_format": "%Y-%m-%d",
        "column_config": {
            name: {"d3NumberFormat": shown} for name, shown in (formats or {}).items()
        },
    }
