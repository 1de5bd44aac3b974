"""The estimate `scenario_effects`: what money at stake is made from, with its joint covariance."""

from __future__ import annotations

import numpy as np
import pytest
from chain_worlds import by_link, estimated, policy_of, tables_of
from planted import World, plant

from saydo.estimate.chain import reasons
from saydo.estimate.experience_effects import EXPERIENCE_EFFECTS
from saydo.estimate.scenario_effects import SCENARIO_EFFECTS

KEYS = [(o, s) for o in ("revenue", "churn") for s in ("below_edge", "above_edge")]


@pytest.fixture(scope="module")
def panel():
    return plant(8, World(customers=3000, before=0))


@pytest.fixture(scope="module")
def rows(panel):
    return estimated(SCENARIO_EFFECTS, tables_of(panel))


def effects_of(rows, scenario):
    """Effects, (4,), and their covariance, (4, 4)."""
    own = [row for row in rows if row["scenario_code"] == scenario]
    at = {key: n for n, key in enumerate(KEYS)}
    effects, joint = np.full(4, np.nan), np.full((4, 4), np.nan)
    for row in own:
        first = at[row["outcome_code"], row["side"]]
        effects[first] = row["effect"]
        joint[first, at[row["other_outcome_code"], row["other_side"]]] = row["covariance"]
    assert len(own) == 16
    return effects, joint


def test_effects_of_each_scenario_are_those_planted(rows):
    scenarios = {row["scenario_code"] for row in rows}
    assert scenarios == {"service_dip", "satisfaction_lift", "kpi_drops", "kpi_speed"}
    for scenario, truth in (
        ("service_dip", (-1.7, -0.8, 0.022, 0.0124)),
        ("satisfaction_lift", (2.0, 0.5, -0.02, -0.004)),
        # Through satisfaction 0.24 points less, and by itself 0.2 of the currency less.
        ("kpi_drops", (-0.24 * 2 - 0.2, -0.24 * 0.5 - 0.2, 0.0048, 0.00096)),
    ):
        effects, joint = effects_of(rows, scenario)
        assert joint == pytest.approx(joint.T)
        errors = np.sqrt(np.diag(joint))
        assert np.linalg.eigvalsh(joint / np.outer(errors, errors)).min() > 0
        assert (np.abs(effects - truth) <= 3 * errors).all()


def test_a_dip_is_the_whole_effect_of_service_turned_round(panel, rows):
    links = by_link(estimated(EXPERIENCE_EFFECTS, tables_of(panel)))
    effects, joint = effects_of(rows, "service_dip")
    for number, (outcome, side) in enumerate(KEYS):
        whole = links[f"service_to_{outcome}", side, 1]
        assert effects[number] == pytest.approx(-whole["estimate"], rel=1e-4)
        assert np.sqrt(joint[number, number]) == pytest.approx(whole["standard_error"], rel=1e-4)
    moved = links["service_to_satisfaction", "all", 0]["estimate"]
    dip = next(row for row in rows if row["scenario_code"] == "service_dip")
    assert dip["satisfaction_effect"] == pytest.approx(-moved, rel=1e-5)
    assert dip["unit"].endswith("per 10 points less of the experience score")


def test_a_scenario_that_cannot_be_had_has_its_rows_with_the_reason(panel):
    nobody_leaves = estimated(SCENARIO_EFFECTS, tables_of(panel.assign(churned=0.0)))
    assert len(nobody_leaves) == 4 * 16
    for row in nobody_leaves:
        assert row["effect"] is row["covariance"] is None
        assert row["not_publishable_reason"] == reasons.never_varies("churned")
    nothing = estimated(SCENARIO_EFFECTS, tables_of(panel.head(0)))
    assert {row["scenario_code"] for row in nothing} == {"service_dip", "satisfaction_lift"}
    assert {row["not_publishable_reason"] for row in nothing} == {reasons.NO_ANSWERS}


def test_a_lift_of_half_a_point_is_half_of_one(panel, rows):
    half = estimated(SCENARIO_EFFECTS, tables_of(panel), policy_of(satisfaction_change=0.5))
    effects, joint = effects_of(rows, "satisfaction_lift")
    again, its = effects_of(half, "satisfaction_lift")
    assert again == pytest.approx(effects / 2) and its == pytest.approx(joint / 4)
