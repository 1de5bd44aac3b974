"""What credits changed: golden figures, other libraries' intervals, and when there is no figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from statsmodels.stats.proportion import confint_proportions_2indep

from saydo.config import Policy
from saydo.estimate.intervals import newcombe
from saydo.estimate.recovery_outcomes import ARMS, run

AS_OF = date(2025, 6, 30)


def test_golden_differences_of_shares_have_newcombes_interval():
    low, high = between(24, 400, 11, 100)
    assert (round(low, 6), round(high, 6)) == (-0.128728, 0.004962)
    low, high = between(14, 20, 196, 980)
    assert (round(low, 6), round(high, 6)) == (0.279466, 0.656353)


def between(*counts: int) -> tuple[float, float]:
    (low,), (high,) = newcombe(*(np.array([float(count)]) for count in counts))
    return float(low), float(high)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_the_interval_is_that_of_another_library(count, other, data):
    hits, other_hits = data.draw(st.integers(0, count)), data.draw(st.integers(0, other))
    low, high = between(hits, count, other_hits, other)
    # The sign is turned: at 0 or all, the library rounds what is exact here.
    expected = confint_proportions_2indep(hits, count, other_hits, other, method="newcomb")
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert -1 <= low <= hits / count - other_hits / other <= high <= 1


def arm(name: str, left: int, scores, spend, assigned: int | None = None, **key) -> dict:
    scores, spend = np.asarray(scores, dtype=object), np.asarray(spend, dtype=object)
    return {
        "policy_version": 1, "horizon_days": 60, "satisfaction_band": "all", "arm": name,
        "assigned_count": assigned or len(spend), "customer_count": len(spend),
        "left_count": left, "answered_count": len(scores),
        "total_satisfaction_score": Decimal(sum(scores)),
        "total_squared_satisfaction_score": Decimal(sum(scores**2)),
        "total_revenue": Decimal(sum(spend)), "total_squared_revenue": Decimal(sum(spend**2)),
    } | key  # fmt: skip


def outcome(*arms: dict) -> dict:
    (row,) = run({ARMS: pa.Table.from_pylist(list(arms))}, Policy(), AS_OF).table.to_pylist()
    return row


def world(seed: int, count: int, mean: int) -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 11, count // 3).tolist(), rng.poisson(mean, count).tolist()


def test_shares_are_compared_by_newcombe_and_means_by_welch():
    credited, held = world(1, 400, 60), world(2, 100, 55)
    row = outcome(arm("credit", 24, *credited), arm("holdout", 11, *held, assigned=130))
    assert row["is_measurable"] and row["why_not"] is None
    assert (row["credited_count"], row["holdout_count"], row["pending_count"]) == (400, 100, 30)
    assert row["churn_difference"] == pytest.approx(-0.05)
    assert row["churn_ci_low"] == pytest.approx(-0.128728, abs=1e-6)
    for outcome_name, at in (("satisfaction", 0), ("revenue", 1)):
        expected = ttest_ind(credited[at], held[at], equal_var=False)
        ends = expected.confidence_interval()
        assert row[f"{outcome_name}_difference"] == pytest.approx(
            np.mean(credited[at]) - np.mean(held[at])
        )
        assert row[f"{outcome_name}_ci_low"] == pytest.approx(ends.low)
        assert row[f"{outcome_name}_ci_high"] == pytest.approx(ends.high)


@pytest.mark.parametrize(
    ("arms", "why_not"),
    [
        ([arm("credit", 2, [5], [1] * 400)], "nobody was held out"),
        ([arm("holdout", 2, [5], [1] * 400)], "nobody was credited"),
        (
            [arm("credit", 2, [5], [1] * 400), arm("holdout", 1, [], [1] * 29)],
            "the days are over for 29 customers",
        ),
        ([arm("credit", 0, [], []), arm("holdout", 0, [], [], assigned=9)], "nobody was credited"),
    ],
)
def test_what_cannot_be_measured_says_why_and_has_no_figure(arms, why_not):
    row = outcome(*arms)
    assert not row["is_measurable"] and row["why_not"].startswith(why_not)
    assert row["churn_difference"] is None and row["revenue_difference"] is None


def test_a_mean_of_nobody_or_that_does_not_vary_has_no_figure_beside_shares_that_have():
    row = outcome(arm("credit", 3, [7], [5] * 40), arm("holdout", 4, [7, 8], [5] * 40))
    assert row["churn_difference"] == pytest.approx(-0.025)
    assert row["satisfaction_difference"] is None and row["revenue_difference"] is None
