"""A headline metric is one figure: in metrics_daily, by MetricFlow, and in the marts beside it."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import small_home
from headlines_elsewhere import ELSEWHERE
from metric_business import DAY, deliver
from metricflow_figures import MetricFlow
from small_home import PROJECT

from saydo.config import Policy
from saydo.errors import ConfigError
from saydo.estimate import run_estimators
from saydo.metrics import definitions
from saydo.serve.ask.metric_queries import list_metrics, query_metrics
from saydo.settings import Settings

UNTESTED = (
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure",
    "--exclude-resource-type", "test",
)  # fmt: skip
AS_OF = date.fromisoformat(DAY["as_of_date"])
SEGMENTS = Policy().segments
PAGE = (PROJECT.parent / "docs" / "metrics.md").read_text()
QUERIES = re.findall(r"^```sql\n(.*?)^```", PAGE, re.M | re.S)
LAST_DECIMAL = Decimal("0.000001")
METRICS = [metric.code for metric in definitions()]
Figures = dict[tuple[date, str, str], Decimal]


@pytest.fixture(scope="module")
def home(dbt, make_home):
    home = make_home("metrics")
    deliver(home)
    statuses = dbt(home, "build", "path:seeds", "path:models", *UNTESTED, **DAY)
    assert set(statuses.values()) <= {"success", "pass"}, dbt.failures
    list(run_estimators(Settings(home=home.root), AS_OF, "k"))
    estimated = ("satisfaction_monthly", "stated_vs_actual_monthly", "metrics_daily")
    statuses = dbt(home, "build", *estimated, *UNTESTED[:4], **DAY)
    assert set(statuses.values()) <= {"success", "pass"}, dbt.failures
    return home


@pytest.fixture(scope="module")
def metricflow(dbt, home):
    return MetricFlow(dbt.folder / "target/semantic_manifest.json", home.root / "warehouse.duckdb")


@pytest.fixture(scope="module")
def released(home, tmp_path_factory):
    """Settings of a home that has published these marts."""
    settings = Settings(home=tmp_path_factory.mktemp("released"), memory_limit="1GB")
    release = settings.published / "releases" / "r20250320000000-00000000"
    release.mkdir(parents=True)
    (release / "manifest.json").write_text(json.dumps({"release_id": release.name}))
    (settings.published / "current").symlink_to(f"releases/{release.name}")
    with duckdb.connect(str(release / "marts.duckdb")) as connection:
        # Under the name that its views have it by.
        connection.execute(f"attach '{home.root / 'warehouse.duckdb'}' as warehouse (read_only)")
        tables = connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = 'warehouse' and table_schema = 'marts'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"create table {table} as from warehouse.marts.{table}")
    return settings


def published(home, metric: str) -> Figures:
    rows = home.rows(f"select * from marts.metrics_daily where metric_code = '{metric}'")
    return {(r["day_date"], r["segment_type"], r["segment_code"]): r["value"] for r in rows}


def known_on(month: date) -> date:
    """The day that a figure of a month is known by; a day is itself."""
    if month == AS_OF:
        return month
    return min((month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(1), AS_OF)


def as_published(value: Any, decimals: int = 6) -> Decimal:
    return round(Decimal(str(value)), decimals)


def defined(metricflow: MetricFlow, metric: str) -> Figures:
    """The metric by month and segment, as MetricFlow works it out."""
    of_measure = {m.name: model for model in metricflow.manifest.semantic_models
                  for m in model.measures}  # fmt: skip
    [found] = [m for m in metricflow.manifest.metrics if m.name == metric]
    ratio = found.type_params.numerator
    model = of_measure[ratio.name if ratio else MEASURES[metric]]
    entity = model.primary_entity or next(
        e.name for e in model.entities if e.type.value == "primary"
    )
    time = "metric_time__day" if model.name == "customer_profiles" else "metric_time__month"
    dimensions = {dimension.name for dimension in model.dimensions}
    if "segment_type" in dimensions:
        groups = [("segment_type", "segment_code")]
    else:
        kinds = dict.fromkeys((*SEGMENTS.revenue, *SEGMENTS.satisfaction))
        groups = [(), *((kind,) for kind in kinds if kind in dimensions)]
    figures = {}
    for group in groups:
        names = [f"{entity}__{name}" for name in group]
        for row in metricflow.query([metric], [time, *names]):
            month, *codes = (row[name] for name in (time, *names))
            codes = ["unknown" if code is None else str(code) for code in codes]
            segment = codes if len(codes) == 2 else [group[0], codes[0]] if group else ["all"] * 2
            if row[metric] is not None:
                day = month.date() if hasattr(month, "date") else month
                figures[known_on(day), *segment] = as_published(row[metric])
    return figures


# Of metrics that are one measure, which.
MEASURES = {
    "customers": "customer_count",
    "active_customers": "active_customer_count",
    "mrr": "closing_mrr",
}


@pytest.mark.parametrize("query", QUERIES, ids=[str(n) for n in range(len(QUERIES))])
def test_the_documented_questions_have_answers(home, query):
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        assert connection.execute(query).fetchall()


def test_every_metric_is_documented_with_its_unit_and_its_table():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.+) \| `(\w+)` \|$", PAGE, re.M)
    units = [(m.code, m.unit.replace("money", "the reporting currency")) for m in definitions()]
    assert [(code, unit) for code, unit, _ in rows] == units
    assert {table for *_, table in rows} <= {file.stem for file in PROJECT.rglob("marts/*/*.sql")}


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_the_same_by_metricflow_as_in_the_mart(home, metricflow, metric):
    figures, expected = published(home, metric), defined(metricflow, metric)
    assert figures and figures.keys() == expected.keys()
    # A mean that lies between two last decimals may be rounded up here and down there.
    apart = {key for key in figures if abs(figures[key] - expected[key]) > LAST_DECIMAL}
    assert not apart


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_the_figure_of_the_marts_beside_it(home, metric):
    sql, decimals = ELSEWHERE[metric]
    figures = published(home, metric)
    elsewhere = {
        (known_on(row["month"]), row["segment_type"], row["segment_code"]): row["value"]
        for row in home.rows(sql)
        if row["value"] is not None
    }
    assert elsewhere and elsewhere.keys() <= figures.keys()
    for key, value in elsewhere.items():
        assert as_published(figures[key], decimals) == as_published(value, decimals), key
    # Whom nobody pays or asks has no row there, and no figure here but nothing at all.
    types = {segment_type for _, segment_type, _ in elsewhere}
    others = {key for key in figures.keys() - elsewhere.keys() if key[1] in types}
    assert all(figures[key] == 0 for key in others), others


def test_scores_of_several_segments_are_taken_together_by_their_denominators(home):
    rows = home.rows(
        "select metric_code, day_date, segment_type, sum(value * denominator) as total, "
        "sum(denominator) as base, max(value) filter (segment_type = 'all') as score "
        "from marts.metrics_daily where denominator is not null group by all"
    )
    whole = {(r["metric_code"], r["day_date"]): r["score"] for r in rows if r["score"] is not None}
    for row in rows:
        score = whole[row["metric_code"], row["day_date"]]
        assert float(row["total"]) / float(row["base"]) == pytest.approx(float(score), abs=1e-3)


def test_without_segments_metricflow_gives_a_score_of_everybody(home, metricflow):
    for metric in ("nps", "csat", "response_ratio", "say_do_gap"):
        everybody = published(home, metric)
        for row in metricflow.query([metric], ["metric_time__month"]):
            if row[metric] is None:
                continue
            score = everybody[known_on(row["metric_time__month"].date()), "all", "all"]
            assert row[metric] == pytest.approx(float(score), abs=1e-2)


def test_over_several_months_the_last_one_stands(home, metricflow):
    [row] = metricflow.query(["mrr", "active_customers"], [])
    for metric, value in row.items():
        assert as_published(value) == published(home, metric)[AS_OF, "all", "all"]


def test_every_day_of_a_metric_is_a_months_last_or_the_as_of_day(home):
    days = home.rows("select distinct day_date, is_month_over from marts.metrics_daily order by 1")
    assert [tuple(row.values()) for row in days] == [
        *((day, True) for day in (date(2024, 11, 30), date(2024, 12, 31))),
        *((day, True) for day in (date(2025, 1, 31), date(2025, 2, 28))),
        (AS_OF, False),
    ]


def test_a_score_comes_with_its_standard_error(home):
    rows = home.rows(
        "select metrics.standard_error, surveys.nps_standard_error as expected "
        "from marts.metrics_daily as metrics "
        "inner join marts.satisfaction_monthly as surveys "
        "on metrics.segment_type = surveys.segment_type "
        "and metrics.segment_code = surveys.segment_code "
        "and date_trunc('month', metrics.day_date) = surveys.month_start_date "
        "where metric_code = 'nps' and question_role = 'recommend'"
    )
    assert rows and all(row["standard_error"] == row["expected"] for row in rows)
    assert {r["metric_code"] for r in home.rows(
        "select distinct metric_code from marts.metrics_daily where standard_error is not null"
    )} == {"nps", "satisfaction_score"}  # fmt: skip


def test_a_metric_that_the_mart_cannot_render_is_refused_by_name(tmp_path, home, monkeypatch):
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    file = project / "models" / "metrics.yml"
    name = "  - name: nrr\n"
    condition = "{{ Dimension('customer_month__region_code') }} = 'CA'"
    file.write_text(file.read_text().replace(name, f'{name}    filter: "{condition}"\n'))
    monkeypatch.setattr(small_home, "PROJECT", project)
    dbt = small_home.Dbt(tmp_path)
    with pytest.raises(AssertionError, match="metric 'nrr' has to be simple or a ratio"):
        dbt(home, "compile", "metrics_daily", **DAY)


@pytest.mark.parametrize("segment", ["all", "region_code"])
def test_what_a_release_is_asked_through_metricflow_is_what_it_published(home, released, segment):
    by = ["month"] if segment == "all" else ["month", segment]
    found = query_metrics(released, METRICS, by)
    asked = {
        (metric, known_on(row["month"]), row.get(segment, "all")): row[metric]
        for row in found.rows
        for metric in METRICS
        if row[metric] is not None
    }
    expected = {
        (metric, AS_OF if metric == "customers" else day, code): value
        for metric in METRICS
        for (day, kind, code), value in published(home, metric).items()
        if kind == segment
    }
    assert expected and asked.keys() == expected.keys()
    assert not {key for key in asked if abs(asked[key] - expected[key]) > LAST_DECIMAL}


def test_metrics_are_asked_for_some_codes_and_days_only(home, released):
    everything = published(home, "mrr")
    code = next(code for _, kind, code in everything if kind == "region_code" and code != "unknown")
    start, end = date(2024, 12, 1), date(2025, 1, 31)
    found = query_metrics(released, ["mrr"], ["month"], {"region_code": [code]}, start, end)
    assert {known_on(row["month"]): row["mrr"] for row in found.rows} == {
        day: as_published(value)
        for (day, kind, of), value in everything.items()
        if (kind, of) == ("region_code", code) and start <= day <= end
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((["mrrr"],), "unknown metric 'mrrr'; did you mean 'mrr'?"),
        ((["mrr"], ["regon_code"]), "did you mean 'region_code'?"),
        ((["nps"], ["customer_type"]), "unknown name 'customer_type'"),
        ((["nps"], ["region_code", "plan_code"]), "one of plan_code, region_code at a time"),
        ((["mrr"], [], {"region_code": ["no_such"]}), "unknown region_code 'no_such'"),
        ((["mrr"], [], {"region_code": ["{{ 7 * 7 }}"]}), "no segment's code holds a brace"),
        ((["mrr"], ["day"]), "unknown name 'day'"),
        ((["mrr"], [], {}, date(2025, 2, 1), date(2025, 1, 1)), "after the last day"),
        (([],), "name at least one metric"),
        ((["mrr"], ["month", "month"]), "named twice: month"),
    ],
)
def test_a_question_that_cannot_be_answered_names_what_is_wrong(released, asked, words):
    with pytest.raises(ConfigError, match=re.escape(words)):
        query_metrics(released, *asked)


def test_metrics_are_listed_with_their_units_and_what_they_can_be_asked_by(released):
    listed = {metric.code: metric for metric in list_metrics(released)}
    assert list(listed) == METRICS
    currency = small_home.FEEDS.business.reporting_currency
    assert listed["mrr"].unit == currency and listed["churn"].unit == "share"
    assert {"month", "region_code", "customer_type"} <= set(listed["mrr"].group_by)
    assert {"month", "region_code"} <= set(listed["nps"].group_by)
