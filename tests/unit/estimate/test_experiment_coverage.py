"""Over many planted experiments, intervals hold what they promise: 95 of 100 cover the truth."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from experiment_worlds import World

from saydo.config import Policy
from saydo.estimate.experiment_readouts import EXPERIMENT_READOUTS

WORLDS = 1000
MONTHS = 3
SLOPE, MOVES = 2.0, 0.8
POLICY = Policy(experiments={"planned_shares": {"call": {"control": 3, "treatment": 1}}})


def planted(rng: np.random.Generator, moves: float) -> World:
    """One in four treated, spending skewed, six in ten asked, a third with nothing before."""
    count = 500
    treated = rng.random(count) < 0.25
    trait = rng.normal(0, 1, count)
    score = 6 + trait + moves * treated + rng.normal(0, 1, count) * (1 + 0.5 * treated)
    before = 20 * np.exp(0.3 * trait + 0.2 * rng.normal(0, 1, count))
    monthly = before + SLOPE * (score - 6) + rng.gamma(2, 3, count)
    before = MONTHS * np.where(rng.random(count) < 2 / 3, before, before.mean())
    answered = rng.random(count) < 0.6
    return World(
        np.where(treated, "treatment", "control"),
        {
            "revenue": (MONTHS * monthly, before),
            "satisfaction": (np.where(answered, score, np.nan), 6 + trait),
        },
    )


def readouts(moves: float) -> list[dict]:
    """The rows of the treated, by world and metric; shares are as planned 1 to 3."""
    rng = np.random.default_rng(20250630)
    found = []
    for _ in range(WORLDS):
        tables = planted(rng, moves).tables()
        rows = EXPERIMENT_READOUTS.run(tables, POLICY, date(2025, 6, 30)).table.to_pylist()
        found.append({r["metric_code"]: r for r in rows if r["variant_code"] == "treatment"})
    return found


def covered(rows: list[dict], truth: float, low: str = "ci_low", high: str = "ci_high") -> float:
    return float(np.mean([row[low] <= truth <= row[high] for row in rows]))


@pytest.fixture(scope="module")
def moved() -> list[dict]:
    return readouts(MOVES)


def test_differences_are_covered_at_their_level_and_in_the_middle(moved):
    for metric, truth in (("satisfaction", MOVES), ("revenue", SLOPE * MOVES)):
        rows = [found[metric] for found in moved if found[metric]["is_valid"]]
        assert len(rows) > 0.99 * WORLDS
        assert 0.935 <= covered(rows, truth) <= 0.965
        values = np.array([row["difference"] for row in rows])
        assert abs(values.mean() - truth) < 4 * values.std() / len(rows) ** 0.5
        told = np.mean([row["standard_error"] for row in rows])
        assert told == pytest.approx(values.std(), rel=0.06)


def test_what_was_before_makes_the_interval_narrower(moved):
    valid = [found["revenue"] for found in moved if found["revenue"]["is_valid"]]
    ratios = [row["variance_reduction_ratio"] for row in valid]
    assert 0.2 < np.mean(ratios) < 0.8


def test_the_link_is_covered_where_satisfaction_is_all_that_the_experiment_moved(moved):
    rows = [found["revenue"] for found in moved if found["revenue"]["link_estimate"] is not None]
    assert len(rows) > 0.9 * WORLDS
    assert 0.935 <= covered(rows, SLOPE, "link_ci_low", "link_ci_high") <= 0.965


def test_of_no_effect_one_in_twenty_seems_to_be_one():
    still = readouts(0)
    chances = [found[metric]["p_value"] for found in still for metric in ("satisfaction", "revenue")
               if found[metric]["is_valid"]]  # fmt: skip
    assert 0.035 <= np.mean(np.array(chances) < 0.05) <= 0.065
    # Looked at together, an experiment without effect claims one as seldom.
    least = [min(row["adjusted_p_value"] for row in found.values() if row["is_valid"])
             for found in still if found["revenue"]["is_valid"]]  # fmt: skip
    assert np.mean(np.array(least) < 0.05) <= 0.07
