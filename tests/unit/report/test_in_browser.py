"""The report in a real browser: drawn, quiet, without a network, on a phone and in the dark."""

from __future__ import annotations

import duckdb
import pytest
from browser import look
from fake_candidate import AS_OF, audit
from page_reader import Page
from story import write_story

from saydo.release import publish
from saydo.report import write_report


@pytest.fixture(scope="module")
def seen(told, tmp_path_factory):
    return look(told, tmp_path_factory.mktemp("browser"))


def test_every_chart_is_drawn_and_the_console_is_silent(told, seen):
    expected = set(Page(told.read_text()).charts) - {"look"}
    assert set(seen.page["charts"]) == expected and len(expected) >= 12
    marks = {code: chart["marks"] for code, chart in seen.page["charts"].items()}
    assert all(marks.values()), marks
    assert seen.console == []


def test_nothing_is_loaded(seen):
    assert seen.page["loaded"] == []


def test_the_browser_draws_a_mark_for_each_row_and_writes_the_figures(told, seen):
    page, charts = Page(told.read_text()), seen.page["charts"]
    assert charts["cohorts-1"]["marks"] == len(page.rows("cohorts-1")) == 10
    assert charts["stake-1"]["marks"] == 2 * len(page.rows("stake-1"))  # bar and interval
    bridge = charts["bridge-1"]["texts"]
    assert {"925", "+200", "+40", "+10", "−30", "−120", "1,025"} <= set(bridge)
    tiles = charts["say-do-1"]["texts"]
    assert {row["count"] for row in page.rows("say-do-1")} <= set(tiles)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_but_boxes_that_scroll_is_wider_than_the_screen(told, tmp_path, width):
    page = look(told, tmp_path, width).page
    assert page["width"] == width
    assert page["wide"] == [] and page["scroll_width"] <= width


def test_page_and_charts_are_dark_where_the_reader_wants_it(told, seen, tmp_path):
    dark = look(told, tmp_path, is_dark=True)
    assert dark.console == [] and (dark.page["is_dark"], seen.page["is_dark"]) == (True, False)
    assert dark.page["paper"] == "rgb(20, 24, 29)" and seen.page["paper"] == "rgb(255, 255, 255)"
    for code, chart in dark.page["charts"].items():
        light = seen.page["charts"][code]
        assert chart["marks"] == light["marks"] and chart["ink"] != light["ink"]


def test_a_release_of_an_earlier_version_is_drawn_as_well(candidate, tmp_path):
    report = write_report(candidate, publish(candidate, AS_OF)["release_id"])
    old = look(report, tmp_path, width=390)
    assert old.console == [] and old.page["wide"] == []
    assert {code: chart["marks"] > 0 for code, chart in old.page["charts"].items()} == {
        "months-1": True,
        "months-2": True,
        "months-3": True,
    }


SMALL = (
    "delete from marts.customer_profiles where customer_id <> 'c_0000000000000001'",
    "update marts.customer_profiles set currency_code = null, monthly_recurring_revenue = null",
    "delete from marts.satisfaction_monthly where month_start_date > '2025-01-01'",
    "delete from marts.recurring_revenue_monthly where month_start_date <> '2025-02-01'",
    "update marts.recurring_revenue_monthly set opening_mrr = 0, new_mrr = 0, expansion_mrr = 0, "
    "reactivation_mrr = 0, contraction_mrr = 0, churned_mrr = 0, closing_mrr = 0",
    "delete from marts.retention_cohorts where month_number > 0",
    "update marts.satisfaction_drivers set points = 0, standard_error = 0",
    "update marts.experience_effects set ci_low = null, ci_high = null",
    "update marts.revenue_at_stake set monthly_revenue_effect = 0, ci_low = 0, ci_high = 0",
    "delete from marts.metrics_daily where day_date < '2025-03-31' or metric_code = 'mrr'",
)


def test_a_business_of_one_customer_one_month_and_no_money_is_drawn(candidate, tmp_path):
    write_story(candidate)
    with duckdb.connect(str(candidate.warehouse)) as connection:
        for statement in SMALL:
            connection.execute(statement)
    audit(candidate)
    report = write_report(candidate, publish(candidate, AS_OF)["release_id"])
    small = look(report, tmp_path, width=390)
    assert small.console == [] and small.page["wide"] == []
    assert len(small.page["charts"]) >= 10
    assert all(chart["marks"] for chart in small.page["charts"].values())
    assert "None" not in Page(report.read_text()).text and "nan" not in report.read_text()[:50_000]
