"""Every figure of the page is the marts' own, in pictures, in sentences and in tables."""

from __future__ import annotations

import re
from html import unescape

import duckdb
import pytest
from page_reader import Page
from story import LEADS

from saydo.report.drawing import INK, LOSS
from saydo.report.sections import READINESS, SECTIONS
from saydo.report.tables import table
from saydo.report.wording import effect, interval, listed, signed


@pytest.fixture(scope="module")
def page(told):
    return Page(told.read_text())


@pytest.fixture(scope="module")
def marts(told):
    with duckdb.connect(str(told.parents[1] / "marts.duckdb"), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("section", [*SECTIONS, READINESS], ids=lambda section: section.code)
def test_the_sql_that_is_shown_gives_the_rows_of_the_table_beside_it(told, marts, section):
    text = told.read_text()
    body = text[text.index(f'id="{section.code}"') :].split("</section>")[0]
    sql = unescape(re.search("<pre>(.*?)</pre>", body, re.S)[1])
    assert sql == section.sql
    found = marts.execute(sql).fetchall()
    shown = body.split("<tbody>")[1].split("</tbody>")[0].count("<tr>")
    assert shown == (2 if section.code == "months" else len(found)) > 0


def test_the_first_sentence_says_whose_change_moves_the_most(page):
    assert (
        "Most is at stake with customers who are dissatisfied (10): 80 GBP a month "
        "(95%: 60 to 100) would be lost if their service falls by 10 points."
    ) in page.text.split("Release r")[0]
    assert "Nothing is told of customers who are neutral if their service falls" in page.text


@pytest.mark.parametrize(
    ("code", "sql"),
    [
        (
            "stake-1",
            "select monthly_revenue_effect, ci_low, ci_high from revenue_at_stake "
            "where scenario_code = 'service_dip' and is_publishable",
        ),
        ("chain-1", "select estimate, ci_low, ci_high from experience_effects "
         "where link = 'service_to_satisfaction'"),
        ("chain-2", "select estimate, ci_low, ci_high from experience_effects "
         "where link = 'satisfaction_to_revenue' and band in ('below_edge', 'above_edge')"),
        ("parts-1", "select estimate, ci_low, ci_high from experience_effects "
         "where link = 'kpi_outages_to_satisfaction'"),
        ("months-1", "select value, null, null from metrics_daily "
         "where metric_code = 'satisfaction_score'"),
        ("nps-1", "select value, value - 1.96 * standard_error, value + 1.96 * standard_error "
         "from metrics_daily where metric_code = 'nps' and segment_type = 'all'"),
        ("drivers-1", "select points, points - 1.96 * standard_error, "
         "points + 1.96 * standard_error from satisfaction_drivers "
         "where feature = 'experience_score' and band <> 'unknown'"),
    ],
)  # fmt: skip
def test_a_chart_draws_the_values_of_the_mart(page, marts, code, sql):
    def sorted_figures(rows):
        return sorted(tuple(None if v is None else round(float(v), 9) for v in r) for r in rows)

    drawn = [(row["value"], row["low"], row["high"]) for row in page.rows(code)]
    assert sorted_figures(drawn) == sorted_figures(marts.execute(sql).fetchall())


def test_the_bridge_goes_over_whole_months_from_the_first_opening_to_the_last_closing(page):
    steps = {row["name"]: (row["amount"], row["end"]) for row in page.rows("bridge-1")}
    assert steps == {
        "1 Feb 2025": ("925", 925),
        "New customers": ("+200", 1125),
        "Pay more": ("+40", 1165),
        "Came back": ("+10", 1175),
        "Pay less": ("−30", 1145),
        "Left": ("−120", 1025),
        "End of Mar 2025": ("1,025", 1025),
    }
    moved = sum(row.get("amount", 0) for row in page.rows("bridge-2"))
    assert moved == sum(row.get("net", 0) for row in page.rows("bridge-2")) == 100


def test_a_cohort_is_a_row_of_the_share_that_still_pays(page, marts):
    found = marts.execute("select retained_customer_ratio from retention_cohorts").fetchall()
    drawn = sorted(row["ratio"] for row in page.rows("cohorts-1"))
    assert drawn == sorted(float(ratio) for (ratio,) in found) and len(drawn) == 10
    assert "After 3 months, 70% of the customers still pay (the cohort as old)." in page.text


def test_quadrants_count_every_customer_once(page, marts):
    rows = marts.execute(
        "select count(*) from customer_profiles group by say_do_quadrant order by say_do_quadrant"
    ).fetchall()
    drawn = [int(row["count"]) for row in page.rows("say-do-1")]
    aside = [int(n) for n in re.findall(r"(\d+) more (?:cannot|were)", page.text)]
    assert sorted(drawn + aside) == sorted(n for (n,) in rows) and sum(drawn + aside) == 40


def test_a_link_that_is_not_publishable_is_grey_with_its_reason_and_without_a_number(told, page):
    flow = told.read_text().split('<div class="flow"')[1].split("<figure>")[0]
    assert f"not published: {LEADS}" in flow and "not published: nobody bought" in flow
    assert "0.01" not in flow and "+2.02" in flow and "+0.608" in flow
    greys = [row for code in page.charts if code.startswith("chain-") for row in page.rows(code)]
    assert [row["words"] for row in greys if row.get("is_sure") is False] == [
        f"everybody: −0.0100 (−0.0139 to −0.0061), not published: {LEADS}"
    ]


def test_the_chain_says_what_a_point_is_worth_on_each_side_and_how_much_goes_through(page):
    assert (
        "Satisfaction moves revenue by +2.02 (+1.82 to +2.22) below the edge and by +0.505 "
        "(+0.309 to +0.701) above it, in GBP a month per point of satisfaction."
    ) in page.text
    assert "Of what service does to revenue, 45% goes through satisfaction." in page.text


def test_an_experiment_says_what_it_moved_and_how_many_readouts_are_not_valid(page):
    assert "Credited (credit) moved revenue by +2.50 (+1.50 to +3.50) GBP." in page.text
    assert "1 of 2 readouts are not valid." in page.text


def test_effects_are_written_with_a_sign_and_three_digits():
    assert [effect(v) for v in (0.4981, -12.345, 123456.7, 0.00043, 0, 2)] == [
        "+0.498", "−12.3", "+123,457", "+0.000430", "0", "+2.00",
    ]  # fmt: skip
    assert signed(-0.001, 2) == "0.00" and interval(None, 1) == ""
    assert interval(0.0099, 0.0143) == "+0.0099 to +0.0143"
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c"


def test_a_column_of_a_table_has_decimals_for_its_least_value():
    rows = [(0.5, 12.0, None), (0.00012, 1.5, 3), (0, 0.0, 0)]
    assert table(("a", "b", "c"), rows).rows == [
        ["0.500000", "12.00", "–"],
        ["0.000120", "1.50", "3"],
        ["0", "0.00", "0"],
    ]


def test_paths_that_begin_alike_share_a_block_and_the_step_that_hurts_is_red(page):
    blocks = {row["words"]: row for row in page.rows("journeys-1")}
    assert set(blocks) == {
        "contact: 100 journeys", "contact → complaint: 60 journeys",
        "contact → credit: 40 journeys", "fault day: 100 journeys",
        "fault day → contact: 100 journeys",
    }  # fmt: skip
    red = [words for words, row in blocks.items() if row["shade"] == LOSS]
    assert red == ["contact → complaint: 60 journeys"]
    assert (
        "The step that hurts most is complaint, step 2 of contact → complaint: around it "
        "satisfaction changes by −1.25 (−1.75 to −0.75) points of 10."
    ) in page.text


def test_bets_say_the_best_and_the_contradicted_and_draw_each_circle(page, marts):
    assert (
        "Best bet: where content and served meet (320 customers, 2.0 times as many as by chance), "
        "not is_churned_after holds for 80% within 3 months, 30.0 points more than for everybody "
        "else (20.0 to 40.0; stays, care)."
    ) in page.text
    assert "being rarer where evidence meets: stays." in page.text
    bars = [row for row in page.rows("circles-1") if "value" in row]
    found = marts.execute(
        "select outcome_ratio from success_circles where set_count > 1 order by 1"
    ).fetchall()
    assert sorted(row["value"] for row in bars) == [float(ratio) for (ratio,) in found]
    dots = [row for row in page.rows("circles-1") if "at" in row]
    assert len(dots) == 3 * len(bars)
    assert sum(row["shade"] == INK for row in dots) == 2 + 2 + 3


def test_the_ledger_begins_with_what_was_contradicted(page):
    assert "Of 3 decisions, 1 helped, 1 did harm and 1 cannot be measured." in page.text
    assert "Contradicted by what came of it: leave early." in page.text
    assert "−0.300 (−0.400 to −0.200) share" in page.text
