"""Weighted scores: the golden figures, and what an independent library finds."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import svy

from saydo.estimate.weighted_scores import (
    Groups,
    Means,
    Repeats,
    changes,
    covariances,
    effective_counts,
    net_promoter,
    weighted_means,
)

ONES = np.ones(4)
SCORES = np.array([1.0, 2, 3, 4])


def one(size: int) -> Groups:
    return Groups(np.zeros(size, dtype=int), 1)


def test_the_golden_means_have_the_golden_variances():
    weighted = weighted_means(SCORES, ONES, SCORES, SCORES**2, one(4))
    assert (weighted.mean[0], weighted.variance[0]) == (3.0, pytest.approx(0.24, abs=1e-12))
    equal = weighted_means(ONES, ONES, SCORES, SCORES**2, one(4))
    assert (equal.mean[0], equal.variance[0]) == (2.5, pytest.approx(0.3125, abs=1e-12))


def test_the_golden_net_promoter_score_has_the_golden_error():
    found = net_promoter(np.ones(1), np.array([100.0]), np.array([50.0]), np.array([17.0]), one(1))
    assert found.mean[0] == pytest.approx(33)
    assert found.standard_error[0] == pytest.approx(7.4907, abs=5e-5)


def test_the_golden_weights_have_the_golden_effective_count_and_design_effect():
    effective, effect = effective_counts(np.array([1.0, 1, 1, 1, 2, 2, 4]), np.ones(7), one(7))
    assert effective[0] == pytest.approx(5.142857, abs=5e-7)
    assert effect[0] == pytest.approx(1.361111, abs=5e-7)


def test_means_of_groups_are_those_of_an_independent_library():
    """Which divides by n - 1 where the formula here divides by n."""
    rng = np.random.default_rng(7)
    score, weight, group = rng.integers(0, 11, 400), rng.uniform(0.2, 4, 400), np.arange(400) % 3
    found = weighted_means(weight, np.ones(400), score, score**2, Groups(group, 3))
    for number in range(3):
        own = pl.DataFrame({"x": score, "w": weight}).filter(pl.Series(group == number))
        count = own.height
        theirs = svy.Sample(own, svy.Design(wgt="w")).estimation.mean("x").estimates[0]
        assert found.mean[number] == pytest.approx(theirs.est, rel=1e-12)
        expected = theirs.se * np.sqrt((count - 1) / count)
        assert found.standard_error[number] == pytest.approx(expected, rel=1e-9)


def test_cells_say_what_their_answers_say_one_by_one():
    rng = np.random.default_rng(2)
    cell = rng.integers(0, 12, 500)
    cell_weights = rng.uniform(0.3, 3, 12)
    score = rng.integers(0, 11, 500).astype(float)
    apart = weighted_means(cell_weights[cell], np.ones(500), score, score**2, one(500))
    summed = weighted_means(
        cell_weights, *(np.bincount(cell, v, 12) for v in (np.ones(500), score, score**2)), one(12)
    )
    assert summed.mean[0] == pytest.approx(apart.mean[0], rel=1e-12)
    assert summed.variance[0] == pytest.approx(apart.variance[0], rel=1e-9)


def test_a_group_without_answers_has_no_figures_and_no_warning():
    found = weighted_means(ONES, ONES, SCORES, SCORES**2, Groups(np.zeros(4, dtype=int), 2))
    effective, _ = effective_counts(ONES, ONES, Groups(np.zeros(4, dtype=int), 2))
    assert np.isnan([found.mean[1], found.variance[1], effective[1]]).all()


def test_respondents_of_both_waves_are_paired():
    """Everybody answers twice: the variance of the change is that of the differences."""
    rng = np.random.default_rng(5)
    before = rng.normal(6, 2, 300)
    after = before + rng.normal(0.2, 0.5, 300)
    equal, groups = np.ones(300), one(300)
    now = weighted_means(equal, equal, after, after**2, groups)
    past = weighted_means(equal, equal, before, before**2, groups)
    repeats = Repeats(equal, equal, equal, after, before, after * before)
    difference, error, chance = changes(now, past, covariances(repeats, now, past, groups))
    assert difference[0] == pytest.approx((after - before).mean())
    assert error[0] == pytest.approx((after - before).std() / np.sqrt(300))
    assert chance[0] < 1e-6
    _, apart, doubt = changes(now, past, np.zeros(1))
    assert apart[0] > 3 * error[0] and doubt[0] > 0.05


def test_p_values_are_two_sided_and_nothing_is_said_without_spread():
    flat = np.zeros(1)
    now = Means(np.array([1.959964]), np.ones(1), np.ones(1))
    assert changes(now, Means(flat, flat, np.ones(1)), flat)[2][0] == pytest.approx(0.05, abs=1e-6)
    sure = Means(np.ones(1), flat, np.ones(1))
    assert np.isnan(changes(sure, sure, flat)[2][0])
