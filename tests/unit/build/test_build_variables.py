"""What dbt is told reaches SQL as it is: typed, complete, and nothing but arithmetic."""

from __future__ import annotations

import pytest

from saydo.build.variables import check_configuration, dbt_variables, delivered_kpis
from saydo.errors import ConfigError

USAGE = {
    "name": "usage",
    "source": "network_usage_daily",
    "path": "usage/*.csv",
    "format": "csv",
}
WHOSE = {"id_type": "'msisdn'", "id_value": "number", "usage_date": "day"}


def feed(*measures: str) -> dict:
    return USAGE | {"columns": WHOSE | dict.fromkeys(measures, "x")}


def names(home, *measures, **more) -> list[str]:
    return [kpi.name for kpi in delivered_kpis(home.settings([feed(*measures)], **more).feeds)]


def test_a_kpi_counts_when_some_feed_delivers_all_its_measures(home):
    assert names(home, "failed_session_count", "session_count") == ["failed_sessions"]


def test_a_kpi_with_a_measure_nobody_delivers_is_left_out(home):
    assert names(home, "failed_session_count") == []


def test_a_measure_is_matched_as_a_whole_word(home):
    """`session_count` is no part of `failed_session_count`."""
    kpi = {"name": "sessions", "expression": "session_count", "good": 10, "poor": 0}
    assert "sessions" not in names(home, "failed_session_count", kpis=[kpi])


def test_the_day_count_needs_no_feed(home):
    assert names(home, "outage_minutes") == ["outages"]


def test_a_declared_measure_makes_a_declared_kpi_count(home):
    kpi = {"name": "delay", "expression": "greatest(delay_days, 0)", "good": 0, "poor": 7}
    measure = {"name": "delay_days", "aggregate": "max"}
    assert names(home, "delay_days", kpis=[kpi], measures=[measure]) == ["delay"]


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("outage_minuts / day_count", "did you mean 'outage_minutes'?"),
        ("outage_minutes; drop table x", "cannot read '; drop table x'"),
        ("(select 1)", "unknown measure 'select'"),
        ("outage_minutes -- and more", "cannot read '-- and more'"),
        ("outage_minutes /* 1 */", "cannot read '/* 1 */'"),
        ("{{ env_var('HOME') }}", "cannot read"),
        ("read_text('/etc/passwd')", "unknown measure 'read_text'"),
        ("outage_minutes)", "')' after 'outage_minutes' is no arithmetic"),
        ("(outage_minutes", "ends too early"),
        ("outage_minutes /", "ends too early"),
        ("outage_minutes * / 2", "'/' after 'outage_minutes *'"),
        ("outage_minutes 60", "'60' after 'outage_minutes'"),
        ("(outage_minutes, 1)", "',' after '(outage_minutes'"),
        ("ln()", "')' after 'ln('"),
        ("1 + 2", "uses no measure"),
        ("", "uses no measure"),
    ],
)
def test_an_expression_that_is_no_arithmetic_over_measures_is_refused(home, expression, says):
    kpi = {"name": "odd", "expression": expression, "good": 0, "poor": 1}
    settings = home.settings([feed("outage_minutes")], kpis=[kpi])
    with pytest.raises(ConfigError) as refused:
        check_configuration(settings)
    assert "kpis.odd" in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "expression",
    [
        "-outage_minutes",
        "2 * -(outage_minutes + 1)",
        "coalesce(outage_minutes, abs(1)) / 3",
    ],
)
def test_arithmetic_is_read_as_it_is_written(home, expression):
    kpi = {"name": "odd", "expression": expression, "good": 0, "poor": 1}
    assert check_configuration(home.settings([feed("outage_minutes")], kpis=[kpi])) == ["usage"]


def test_dbt_is_told_the_day_the_zone_the_measures_and_the_policy(home, day):
    settings = home.settings(
        [feed("outage_minutes")],
        policy={"satisfaction": {"fan_from": 8}},
        timezone="Europe/London",
        reporting_currency="GBP",
    )
    told = dbt_variables(settings, day)
    assert told["as_of_date"] == "2025-03-30"
    assert told["as_of_end_at"] == "2025-03-30 23:00:00"
    assert (told["business_timezone"], told["reporting_currency"]) == ("Europe/London", "GBP")
    latency = {"name": "latency_ms", "aggregate": "mean", "weight": "session_count"}
    assert latency | {"is_duration": False} in told["measures"]
    assert [kpi["name"] for kpi in told["kpis"]] == ["outages"]
    assert told["policy"]["satisfaction"]["fan_from"] == 8
    assert told["policy"]["identity"]["max_component_accounts"] == 50


def test_a_budget_in_another_currency_is_refused(home):
    said = {"recovery": {"currency": "CHF"}}
    with pytest.raises(ConfigError, match=r"recovery\.currency of policy\.yml is CHF.*in EUR"):
        check_configuration(home.settings([feed()], policy=said))
    said = {"recovery": {"currency": "EUR"}}
    assert check_configuration(home.settings([feed()], policy=said)) == ["usage"]
