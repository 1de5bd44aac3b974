"""Differences between variants: golden figures, and libraries made for each part."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS
from scipy.stats import false_discovery_control, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from saydo.estimate.experiments import (
    Difference,
    Sums,
    adjustment,
    quotient,
    sample_ratio_p_value,
    welch,
)

CONTROL = ([10, 12, 8, 15], [11, 14, 9, 18])  # x, y
TREATED = ([11, 9, 14, 13], [15, 10, 19, 16])


def sums(x, y) -> Sums:
    x, y = ([Fraction(value) for value in values] for values in (x, y))
    return Sums(
        len(x), sum(x), sum(y), sum(v * v for v in x),
        sum(one * other for one, other in zip(x, y, strict=True)), sum(v * v for v in y),
    )  # fmt: skip


def test_the_golden_experiment_to_every_digit():
    control, treated = sums(*CONTROL), sums(*TREATED)
    adjusted = adjustment([control, treated])
    found = welch(adjusted, treated, control)
    assert float(adjusted.theta) == pytest.approx(1.4523809524, abs=5e-11)
    assert found.value == pytest.approx(1.2738095238, abs=5e-11)
    assert float(treated.y / 4 - control.y / 4) == 2.0
    assert found.degrees == pytest.approx(4.277612, abs=5e-7)
    assert found.p_value == pytest.approx(0.0920610, abs=5e-8)
    assert (found.low, found.high) == pytest.approx((-0.319834, 2.867453), abs=5e-7)
    assert adjusted.reduction == pytest.approx(0.922867, abs=5e-7)


def test_golden_sample_ratios():
    assert sample_ratio_p_value([5100, 4900], [0.5, 0.5]) == pytest.approx(0.045500, abs=5e-7)
    assert sample_ratio_p_value([9000, 1100], [0.9, 0.1]) == pytest.approx(0.00283475, abs=5e-9)
    assert sample_ratio_p_value([9000, 1100], [9, 1]) == pytest.approx(0.00283475, abs=5e-9)


def test_golden_adjusted_chances():
    chances = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    golden = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.1057142857, 0.216, 0.216, 0.216]
    assert false_discovery_control(chances) == pytest.approx(golden, abs=5e-11)
    assert multipletests(chances, method="fdr_bh")[1] == pytest.approx(golden, abs=5e-11)


VALUE = st.integers(-1000, 1000)
PEOPLE = st.lists(st.tuples(VALUE, VALUE), min_size=2, max_size=30)


@settings(max_examples=200, deadline=None)
@given(PEOPLE, PEOPLE, PEOPLE)
def test_differences_are_those_of_numpy_and_statsmodels(one, other, third):
    variants = [np.array(people, dtype=float) for people in (one, other, third)]
    everybody = np.concatenate(variants)
    adjusted = adjustment([sums(*zip(*people, strict=True)) for people in (one, other, third)])
    found = welch(adjusted, *(sums(*zip(*people, strict=True)) for people in (one, other)))
    covariances = np.cov(everybody.T)
    theta = covariances[0, 1] / covariances[0, 0] if covariances[0, 0] else 0.0
    assert float(adjusted.theta) == pytest.approx(theta, rel=1e-9, abs=1e-12)
    values = [v[:, 1] - theta * (v[:, 0] - everybody[:, 0].mean()) for v in variants]
    spread = everybody[:, 1] - theta * everybody[:, 0]
    if covariances[1, 1]:
        reduction = 1 - spread.var() / everybody[:, 1].var()
        assert adjusted.reduction == pytest.approx(reduction, abs=1e-9)
    errors = [v.std(ddof=1) / len(v) ** 0.5 for v in values[:2]]
    if found is None or max(errors) < 1e-6:
        assert max(errors) < 1e-6
        return
    judge = CompareMeans(DescrStatsW(values[0]), DescrStatsW(values[1]))
    _, p_value, degrees = judge.ttest_ind(usevar="unequal")
    low, high = judge.tconfint_diff(usevar="unequal")
    assert found.value == pytest.approx(values[0].mean() - values[1].mean(), abs=1e-9)
    assert found.p_value == pytest.approx(p_value, rel=1e-6, abs=1e-9)
    assert found.degrees == pytest.approx(degrees, rel=1e-6)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-9)


def test_where_nothing_varies_there_is_no_difference():
    one, other = sums([1, 2, 3], [5, 5, 5]), sums([2, 3, 4], [5, 5, 5])
    assert welch(adjustment([one, other]), one, other) is None
    # Nor where what was before says all.
    exact = [Sums(3, Fraction(a), Fraction(a, 10), Fraction(b), Fraction(b, 10), Fraction(b, 100))
             for a, b in ((6, 14), (9, 29))]  # fmt: skip
    assert welch(adjustment(exact), *exact) is None


def test_a_constant_before_adjusts_nothing():
    one, other = sums([4] * 4, TREATED[1]), sums([4] * 4, CONTROL[1])
    adjusted = adjustment([one, other])
    assert (adjusted.theta, adjusted.reduction) == (0, 0.0)
    assert welch(adjusted, one, other).value == 2.0


def moved_world(rng, effect=0.5, slope=-0.04):
    """Left or not, satisfaction, and whether treated: satisfaction alone moves leaving."""
    treated = rng.integers(0, 2, 2000).astype(float)
    trait = rng.normal(0, 1, 2000)
    score = 6 + trait + effect * treated + rng.normal(0, 1, 2000)
    left = 0.3 + slope * score + 0.05 * trait + rng.normal(0, 0.2, 2000)
    return left, score, treated


def differences(left, score, treated):
    def difference(values):
        one, other = values[treated == 1], values[treated == 0]
        error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
        value = one.mean() - other.mean()
        return Difference(value, error, np.nan, np.nan, np.nan, np.nan)

    covariance = sum(
        np.cov(left[treated == arm], score[treated == arm])[0, 1] / (treated == arm).sum()
        for arm in (0, 1)
    )
    return difference(left), difference(score), covariance


def test_the_quotient_is_that_of_instrumental_variables():
    left, score, treated = moved_world(np.random.default_rng(5))
    found = quotient(*differences(left, score, treated), 3)
    judge = IV2SLS(left, np.ones(len(left)), score, treated).fit(cov_type="robust")
    assert found.value == pytest.approx(judge.params["endog"], rel=1e-9)
    assert found.standard_error == pytest.approx(judge.std_errors["endog"], rel=2e-3)


def test_the_ends_of_fiellers_interval_are_just_refused():
    outcome, moved, covariance = differences(*moved_world(np.random.default_rng(6), effect=0.3))
    found = quotient(outcome, moved, covariance, 3)
    for end in (found.low, found.high):
        off = outcome.value - end * moved.value
        variance = (
            outcome.standard_error**2 - 2 * end * covariance + end**2 * moved.standard_error**2
        )
        assert 2 * norm.sf(abs(off) / variance**0.5) == pytest.approx(0.05, abs=1e-9)
    assert found.low < found.value < found.high


def test_what_the_experiment_hardly_moved_divides_nothing():
    outcome, moved, covariance = differences(*moved_world(np.random.default_rng(7), effect=0.05))
    assert quotient(outcome, moved, covariance, 3) is None
    assert quotient(outcome, Difference(0, 0, 1, 0, 0, 1), 0, 3) is None
