"""The estimate `experience_effects`: what is planted is found, what cannot be known is said."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from chain_worlds import by_link, estimated, policy_of, tables_of
from planted import World, plant

from saydo.estimate.chain import reasons
from saydo.estimate.chain.figures import adjusted, rounded, shared_decimals
from saydo.estimate.chain.leak import has_leak
from saydo.estimate.experience_effects import EXPERIENCE_EFFECTS

FIGURES = ("estimate", "standard_error", "ci_low", "ci_high", "p_value", "adjusted_p_value")
WORLD = World(customers=3000)
# Link, band and lag, and what is planted: per 10 points of service, or per point of satisfaction.
TRUTH = {
    ("service_to_satisfaction", "all", 0): 0.6,
    ("service_to_satisfaction", "all", 1): 0.2,
    ("satisfaction_to_revenue", "below_edge", 1): 2.0,
    ("satisfaction_to_revenue", "above_edge", 1): 0.5,
    ("satisfaction_to_revenue", "below_less_above", 1): 1.5,
    ("satisfaction_to_new_service", "below_edge", 1): 0.0,
    ("satisfaction_to_new_service", "above_edge", 1): 0.04,
    ("satisfaction_to_churn", "below_edge", 1): -0.02,
    ("satisfaction_to_churn", "above_edge", 1): -0.004,
    ("service_to_revenue_direct", "below_edge", 1): 0.5,
    ("service_to_revenue_via_satisfaction", "below_edge", 1): 1.2,
    ("service_to_revenue_via_satisfaction", "above_edge", 1): 0.3,
    ("service_to_revenue", "below_edge", 1): 1.7,
    ("service_to_churn_direct", "below_edge", 1): -0.01,
    ("service_to_churn_via_satisfaction", "below_edge", 1): -0.012,
}


@pytest.fixture(scope="module")
def found():
    return by_link(estimated(EXPERIENCE_EFFECTS, tables_of(plant(5, WORLD))))


def test_planted_effects_are_found_within_two_errors_nine_times_in_ten(found):
    near = [
        abs(found[key]["estimate"] - truth) <= 2 * found[key]["standard_error"]
        for key, truth in TRUTH.items()
    ]
    assert np.mean(near) >= 0.9
    assert all(found[key]["is_publishable"] for key in TRUTH)


def test_pooled_estimates_show_what_a_stable_trait_makes_of_them(found):
    assert found["satisfaction_to_revenue", "all", 1]["pooled_estimate"] > 3
    assert found["service_to_satisfaction", "all", 0]["pooled_estimate"] > 0.8
    without = plant(5, World(customers=3000, trait=0))
    fair = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(without)))
    row = fair["satisfaction_to_revenue", "below_edge", 1]
    assert row["pooled_estimate"] == pytest.approx(2, abs=0.2)


def test_a_sign_that_is_flipped_in_the_world_is_flipped_in_the_estimate(found):
    flipped = plant(5, World(customers=3000, below=-2.0, now=-0.06, before=-0.02))
    rows = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(flipped)))
    for key in (("satisfaction_to_revenue", "below_edge", 1),
                ("service_to_satisfaction", "all", 0)):  # fmt: skip
        assert found[key]["ci_low"] > 0 > rows[key]["ci_high"]


def test_direct_and_via_add_up_to_the_last_digit_and_share_the_whole(found):
    for outcome in ("revenue", "new_service", "churn"):
        for band in ("all", "below_edge", "above_edge"):
            direct, via, whole = (
                found[f"service_to_{outcome}{end}", band, 1]
                for end in ("_direct", "_via_satisfaction", "")
            )
            for figure in ("estimate", "pooled_estimate"):
                assert round(direct[figure] + via[figure], 9) == whole[figure]
            share = via["mediated_share"]
            assert share == whole["mediated_share"]
            if share is not None:
                assert share == pytest.approx(via["estimate"] / whole["estimate"], abs=1e-4)
    assert found["service_to_revenue", "below_edge", 1]["mediated_share"] == pytest.approx(
        1.2 / 1.7, abs=0.1
    )


def test_every_row_says_its_unit_and_intervals_hold_their_estimates(found):
    for row in found.values():
        assert " per " in row["unit"] and row["method"]
        if row["estimate"] is not None:
            assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
            assert row["adjusted_p_value"] >= row["p_value"]
    unit = found["service_to_revenue", "all", 1]["unit"]
    assert unit == "reporting currency a month per 10 points of the experience score (0-100)"


def test_parts_of_service_have_effects_of_their_own():
    world = World(customers=3000, before=0)
    found = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(plant(6, world))))
    for kpi, truth in (("kpi_drops", -4 * 0.06), ("kpi_speed", 1.5 * 0.06)):
        row = found[f"{kpi}_to_satisfaction", "all", 0]
        assert row["estimate"] == pytest.approx(truth, abs=3 * row["standard_error"])
        assert row["is_publishable"]


def test_other_questions_may_be_links():
    policy = policy_of(questions=("recommend",))
    panel = plant(5, World(customers=800))
    panel["recommend"] = panel["satisfaction"] + np.random.default_rng(1).normal(size=len(panel))
    found = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(panel, policy), policy))
    row = found["service_to_recommend", "all", 0]
    assert row["estimate"] == pytest.approx(0.6, abs=3 * row["standard_error"])
    assert row["unit"].startswith("points of recommend per 10 points")
    assert found["recommend_to_revenue", "all", 1]["is_publishable"]
    # Nobody was asked: a row that says so.
    found = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(panel), policy))
    assert found["service_to_recommend", "all", 0]["not_publishable_reason"] == reasons.NO_ROWS


def test_a_leak_of_the_future_fails_the_lead_test():
    panel = plant(5, World(customers=1500))
    panel["satisfaction"] += 0.03 * (panel["service_after"] - 70)
    panel["revenue"] += 0.2 * (panel["service_later"] - 70)
    found = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(panel)))
    for link in ("service_to_satisfaction", "satisfaction_to_revenue", "service_to_revenue"):
        row = found[link, "all", 1]
        assert row["lead_p_value"] < 0.01 and not row["is_publishable"]
        assert row["not_publishable_reason"] == reasons.LEAD_FAILED
        assert row["estimate"] is not None
    assert found["satisfaction_to_new_service", "all", 1]["is_publishable"]


def test_a_score_that_gives_leaving_away_lets_nothing_be_learnt_from_it():
    panel = plant(5, World(customers=1500))
    panel["churned"] = (panel["satisfaction"] < 5.5).astype(float)
    found = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(panel)))
    for (link, _, _), row in found.items():
        downstream = link.startswith("satisfaction_to_") or row["outcome_code"] != "satisfaction"
        if downstream:
            assert row["not_publishable_reason"] == reasons.LEAK
            assert not row["is_publishable"]
            assert all(row[name] is None for name in (*FIGURES, "pooled_estimate"))
    assert found["service_to_satisfaction", "all", 0]["is_publishable"]


def test_the_sensitivity_range_covers_the_truth_when_the_score_itself_makes_people_answer():
    world = World(customers=5000, answers_by_trait=0, answers_by_score=0.8, with_leaving=False)
    panel = plant(2, world)
    tables = tables_of(panel, answered_share=len(panel) / (5000 * 11))
    found = by_link(estimated(EXPERIENCE_EFFECTS, tables))
    row = found["service_to_satisfaction", "all", 0]
    assert row["ci_high"] < 0.6  # answers that unhappy customers did not give are missed
    assert row["sensitivity_low"] <= 0.6 <= row["sensitivity_high"]
    assert row["sensitivity_low"] <= row["ci_low"] and row["ci_high"] <= row["sensitivity_high"]
    for side, truth in (("below_edge", 2.0), ("above_edge", 0.5)):
        row = found["satisfaction_to_revenue", side, 1]
        assert abs(row["estimate"] - truth) <= 3 * row["standard_error"]


def spoiled(panel: pd.DataFrame, name: str) -> pd.DataFrame:
    person = panel["customer_id"].str[1:].astype(int)
    return {
        "no survey": lambda: panel.head(0),
        "no network": lambda: panel.assign(
            service=np.nan, service_before=np.nan, service_after=np.nan, service_later=np.nan,
            kpi_drops=np.nan, kpi_speed=np.nan),
        "one month": lambda: panel[panel["month_start_date"] == panel["month_start_date"].max()],
        "two months": lambda: panel[panel["month_start_date"].isin(
            sorted(panel["month_start_date"].unique())[-2:])],
        "few customers": lambda: panel[person < 100],
        "one customer": lambda: panel[person == person.iloc[0]],
        "nobody twice": lambda: panel.groupby("customer_id").head(1),
        "one customer with all revenue": lambda: panel.assign(
            revenue=np.where(person == person.mode()[0], panel["revenue"] * 1000, 0.0)),
        "no revenue": lambda: panel.assign(revenue=0.0),
        "nobody leaves": lambda: panel.assign(churned=0.0),
        "an empty band": lambda: panel.assign(satisfaction=panel["satisfaction"].clip(lower=6)),
        "the same score": lambda: panel.assign(satisfaction=7.0),
        "service never varies": lambda: panel.assign(
            service=50 + person % 9, service_before=50 + person % 9, service_after=50 + person % 9),
        "collinear": lambda: panel.assign(kpi_drops=-2 * panel["kpi_speed"]),
    }[name]()  # fmt: skip


# What is wrong, a link and band that suffer, and the reason.
BAD = [
    ("no survey", "service_to_satisfaction", "all", reasons.NO_ANSWERS),
    ("no survey", "service_to_churn", "all", reasons.NO_ANSWERS),
    ("no network", "service_to_satisfaction", "all", reasons.NO_ROWS),
    ("no network", "satisfaction_to_revenue", "below_edge", reasons.NO_ROWS),
    ("one month", "service_to_satisfaction", "all", reasons.FEW_CUSTOMERS),
    ("two months", "service_to_satisfaction", "all", reasons.FEW_MONTHS),
    ("few customers", "service_to_revenue", "all", reasons.FEW_CUSTOMERS),
    ("one customer", "satisfaction_to_churn", "all", reasons.FEW_CUSTOMERS),
    ("nobody twice", "satisfaction_to_revenue", "all", reasons.FEW_CUSTOMERS),
    ("one customer with all revenue", "satisfaction_to_revenue", "all",
     reasons.held_by_few("revenue")),
    ("no revenue", "service_to_revenue_direct", "all", reasons.never_varies("revenue")),
    ("nobody leaves", "satisfaction_to_churn", "below_edge", reasons.never_varies("churned")),
    ("an empty band", "satisfaction_to_revenue", "below_edge", reasons.never_varies("below_edge")),
    ("an empty band", "satisfaction_to_revenue", "below_less_above",
     reasons.never_varies("below_edge")),
    ("the same score", "service_to_satisfaction", "all", reasons.never_varies("satisfaction")),
    ("service never varies", "service_to_satisfaction", "all", reasons.never_varies("service")),
    ("collinear", "kpi_drops_to_satisfaction", "all",
     reasons.not_apart(["kpi_drops", "kpi_speed"])),
]  # fmt: skip


@pytest.fixture(scope="module")
def estimated_of():
    panel, kept = plant(5, World(customers=1000)), {}

    def of(name):
        if name not in kept:
            kept[name] = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(spoiled(panel, name))))
        return kept[name]

    return of


@pytest.mark.parametrize(("name", "link", "band", "reason"), BAD)
def test_bad_input_gives_a_row_that_says_why_and_no_number(estimated_of, name, link, band, reason):
    rows = estimated_of(name)
    row = next(rows[key] for key in rows if key[:2] == (link, band))
    assert row["not_publishable_reason"] == reason and not row["is_publishable"]
    assert all(row[figure] is None for figure in FIGURES)
    for each in rows.values():
        assert (each["not_publishable_reason"] is None) == each["is_publishable"]
        assert all(each[f] is None or math.isfinite(each[f]) for f in (*FIGURES, "pooled_estimate"))


def test_what_is_spoiled_leaves_the_other_links_alone(estimated_of):
    assert estimated_of("no revenue")["satisfaction_to_new_service", "all", 1]["is_publishable"]
    assert estimated_of("an empty band")["satisfaction_to_revenue", "above_edge", 1][
        "is_publishable"
    ]
    assert estimated_of("collinear")["service_to_satisfaction", "all", 0]["is_publishable"]


def test_where_nobody_answers_twice_the_pooled_estimate_stands_and_says_so(estimated_of):
    row = estimated_of("nobody twice")["service_to_satisfaction", "all", 0]
    assert row["pooled_estimate"] > 0.5 and row["method"] == "pooled, cross-sectional"
    assert row["customer_count"] == row["observation_count"] > 700


def test_customers_in_few_groups_are_too_few_to_say_how_sure_an_effect_is():
    panel = plant(5, World(customers=15))
    policy = policy_of(min_customers=2)
    rows = estimated(EXPERIENCE_EFFECTS, tables_of(panel, policy), policy)
    assert {row["not_publishable_reason"] for row in rows} == {reasons.FEW_GROUPS}
    assert all(row["estimate"] is None for row in rows)


def test_the_order_of_the_sums_changes_no_figure(found):
    tables, rng = tables_of(plant(5, WORLD)), np.random.default_rng(0)
    mixed = {name: table.take(rng.permutation(table.num_rows)) for name, table in tables.items()}
    assert by_link(estimated(EXPERIENCE_EFFECTS, mixed)) == found


def test_where_nobody_answered_every_row_says_so():
    rows = estimated(EXPERIENCE_EFFECTS, tables_of(plant(5, World(customers=600)).head(0)))
    assert {row["not_publishable_reason"] for row in rows} == {reasons.NO_ANSWERS}


@pytest.mark.parametrize(
    ("answers", "left", "leaks"),
    [
        ((90, 80, 70, 60), (90, 80, 30, 0), True),
        ((90, 80, 70, 60), (80, 60, 30, 0), False),
        ((29, 80, 70, 60), (29, 60, 30, 0), False),
        ((90, 80, 70, 60), (90, 79, 69, 59), False),
    ],
)
def test_a_leak_is_scores_at_which_all_leave_and_others_at_which_none_do(answers, left, leaks):
    counts = {"score": range(4), "observation_count": answers, "churned_count": left}
    assert has_leak(pa.table({name: [*values] for name, values in counts.items()})) is leaks


def test_figures_have_six_digits_and_parts_of_unlike_size_keep_theirs():
    assert rounded(1234.56789) == 1234.57 and rounded(0.000123456789) == 0.000123457
    assert rounded(0.0) == 0 and rounded(None) is None
    assert shared_decimals(12.3456789, 0.0123456789) == 7
    assert shared_decimals(123456.7, 0.000001) == 4


def test_chances_are_adjusted_over_those_that_are_known():
    assert adjusted([0.01, None, 0.04, 0.03]) == [
        pytest.approx(0.03), None, pytest.approx(0.04), pytest.approx(0.04),
    ]  # fmt: skip
    assert adjusted([None]) == [None]
