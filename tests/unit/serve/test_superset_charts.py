"""Every chart asks for what is there: its SQL runs on tables that have the columns of the YAML."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from saydo.marts import marts
from saydo.serve.superset.charts import Chart
from saydo.serve.superset.dashboards import dashboards
from saydo.serve.superset.saved_metrics import saved_metrics

CHARTS = [chart for dashboard in dashboards("EUR") for chart in dashboard.charts]
SAVED = {(metric.mart, metric.code): metric.expression for metric in saved_metrics()}


def parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def query(chart: Chart) -> str:
    """One SELECT with every column, metric, filter and order that the chart's settings name."""
    form = chart.settings
    metrics = [*parts(form.get("metric")), *parts(form.get("metrics"))]
    axes = [*parts(form.get("x_axis")), *parts(form.get("groupby"))]
    columns = [*axes, *form.get("all_columns", [])]
    keys = [one["sqlExpression"] if isinstance(one, dict) else f'"{one}"' for one in columns]
    values = [
        one["sqlExpression"] if isinstance(one, dict) else SAVED[chart.mart, one] for one in metrics
    ]
    rows = [
        one["sqlExpression"]
        if one["expressionType"] == "SQL"
        else f'"{one["subject"]}" is not null'
        for one in form.get("adhoc_filters", [])
    ]
    sql = f"select {', '.join(keys + values)} from {chart.mart}"
    sql += f" where {' and '.join(rows)}" if rows else ""
    return sql + (f" group by {', '.join(keys)}" if keys and values else "")


@pytest.fixture(scope="module")
def empty_marts():
    with duckdb.connect() as connection:
        for mart in marts().values():
            columns = ", ".join(f'"{name}" {kind}' for name, kind, _ in mart.columns)
            connection.execute(f'create table "{mart.name}" ({columns})')
        yield connection


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_a_chart_asks_only_for_columns_and_metrics_that_are_there(chart, empty_marts):
    empty_marts.execute(query(chart))
    ordered = {
        name for text in chart.settings.get("order_by_cols", []) for name in [text.split('"')[1]]
    }
    formatted = set(chart.settings.get("column_config", {}))
    known = {column.name for column in marts()[chart.mart].columns}
    told = {one["label"] for one in chart.settings.get("all_columns", []) if isinstance(one, dict)}
    assert ordered <= known and formatted <= known | told


def test_the_check_sees_a_column_that_is_not_there(empty_marts):
    lost = CHARTS[0]._replace(settings={"metric": "nps", "x_axis": "no_such_column"})
    with pytest.raises(duckdb.BinderException):
        empty_marts.execute(query(lost))


WHY = "fewer customers than policy chain.min_customers answered in two months or more"


@pytest.mark.parametrize(
    ("mart", "rows", "why"),
    [
        ("experience_effects",
         "select 'satisfaction_to_revenue' as link, 'all' as band, 1 as lag_months, "
         "9.9 as estimate, 9.8 as ci_low, 9.9 as ci_high, false as is_publishable, "
         f"'{WHY}' as not_publishable_reason", WHY),
        ("revenue_at_stake",
         "select 'fan' as band, 'service_dip' as scenario_code, 10 as customer_count, "
         f"9.9 as ci_high, false as is_publishable, '{WHY}' as not_publishable_reason", WHY),
        ("satisfaction_drivers",
         "select 'intercept' as feature, 'all' as band, true as is_intercept "
         "union all select 'plan_code', 'SIM-S', false", "too few answers to predict from"),
    ],
)  # fmt: skip
def test_what_is_not_to_be_believed_is_left_out_and_its_reason_told_instead(
    empty_marts, mart, rows, why
):
    empty_marts.execute("begin transaction")
    empty_marts.execute(f"insert into {mart} by name {rows}")
    charts = [chart for chart in CHARTS if chart.mart == mart]
    answers = {chart.title: empty_marts.execute(query(chart)).fetchall() for chart in charts}
    empty_marts.execute("rollback")
    for chart in charts:
        (row,) = answers[chart.title]
        assert 9.9 not in row and 9.8 not in row
        told = {
            "big_number_total": [None],  # it says "No data"
            "echarts_timeseries_scatter": ["not known: see the tables below"],
        }.get(chart.settings["viz_type"], [why])
        assert set(told) <= set(row), chart.title


def test_a_dashboard_names_no_chart_twice():
    for dashboard in dashboards("EUR"):
        titles = [chart.title for chart in dashboard.charts]
        assert len(titles) == len(set(titles)) >= 6
