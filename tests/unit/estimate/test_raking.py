"""Raking: the golden table, what an independent library finds, and what cannot be raked."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st

from saydo.estimate.raking import collapse, rake, shares
from saydo.estimate.weighted_scores import Groups, effective_counts

CLOSE = {"tolerance": 1e-12, "max_iterations": 500}
ROW, COLUMN = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])


def sample(seed: int, size: int = 600, margins: int = 3):
    """Cells of one answer each: design weights, levels, and targets of another mixture."""
    rng = np.random.default_rng(seed)
    levels = [rng.choice(4, size, p=rng.dirichlet([4] * 4)) for _ in range(margins)]
    targets = [rng.dirichlet([8] * 4) for _ in range(margins)]
    return np.ones(size), rng.uniform(0.5, 3, size), levels, targets


def by_library(design, levels, targets):
    columns = {f"m{i}": [f"l{v}" for v in level] for i, level in enumerate(levels)}
    frame = pl.DataFrame({"d": design, **columns})
    wanted = {
        f"m{i}": {f"l{v}": float(share) for v, share in enumerate(target)}
        for i, target in enumerate(targets)
    }
    raked = svy.Sample(frame, svy.Design(wgt="d")).weighting.rake(
        shares=wanted, wgt_name="w", tol=1e-12, max_iter=500
    )
    weights = raked.data["w"].to_numpy()
    return weights / weights.mean()


def test_the_golden_table_is_raked_exactly():
    counts = np.array([30.0, 20, 10, 40])
    found = rake(counts, np.ones(4), [ROW, COLUMN], [np.full(2, 0.5), np.array([0.6, 0.4])],
                 **CLOSE)  # fmt: skip
    assert found.is_converged
    np.testing.assert_allclose(found.weights, [4 / 3, 1 / 2, 2, 3 / 4], rtol=1e-9)
    np.testing.assert_allclose(found.weights * counts, [40, 10, 20, 30], rtol=1e-9)
    effective, _ = effective_counts(found.weights, counts, Groups(np.zeros(4, int), 1))
    assert effective[0] == pytest.approx(82.7586, abs=5e-5)


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_those_of_an_independent_library(seed):
    counts, design, levels, targets = sample(seed)
    found = rake(counts, design, levels, targets, **CLOSE)
    assert found.is_converged
    np.testing.assert_allclose(found.weights, by_library(design, levels, targets), rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), margins=st.integers(1, 5))
def test_the_margins_hold_and_the_mean_weight_is_one(seed, margins):
    counts, design, levels, targets = sample(seed, margins=margins)
    found = rake(counts, design, levels, targets, tolerance=1e-9, max_iterations=500)
    assert found.is_converged and found.weights.mean() == pytest.approx(1)
    for level, target in zip(levels, targets, strict=True):
        np.testing.assert_allclose(shares(found.weights, level, len(target)), target, atol=1e-8)


def test_equal_answers_raked_as_cells_and_one_by_one_weigh_the_same():
    _, design, levels, targets = sample(3, size=40)
    counts = np.arange(1.0, 41)
    of_answer = np.repeat(np.arange(40), counts.astype(int))
    cells = rake(counts, design, levels, targets, **CLOSE)
    answers = rake(np.ones(len(of_answer)), design[of_answer], [v[of_answer] for v in levels],
                   targets, **CLOSE)  # fmt: skip
    np.testing.assert_allclose(cells.weights[of_answer], answers.weights, rtol=1e-9)


def test_weights_above_the_cap_are_trimmed_and_the_margins_hold_all_the_same():
    counts, design, levels, targets = sample(1, size=900)
    free = rake(counts, design, levels, targets, tolerance=1e-6, max_iterations=500)
    capped = rake(counts, design, levels, targets, tolerance=1e-6, max_iterations=500,
                  max_weight=3.0)  # fmt: skip
    assert free.weights.max() > 3.3
    assert capped.is_converged and capped.weights.max() <= 3.03
    assert capped.iteration_count > free.iteration_count
    for level, target in zip(levels, targets, strict=True):
        np.testing.assert_allclose(shares(capped.weights, level, 4), target, atol=1e-6)


def test_margins_that_contradict_each_other_do_not_converge_and_say_so():
    """Who is in the first row is in the first column: no weights give them two shares."""
    level = np.array([0, 1])
    found = rake(np.array([50.0, 50]), np.ones(2), [level, level],
                 [np.array([0.5, 0.5]), np.array([0.7, 0.3])], **CLOSE)  # fmt: skip
    assert not found.is_converged and found.iteration_count == CLOSE["max_iterations"]


def test_an_empty_level_with_a_positive_target_is_refused_by_name():
    with pytest.raises(ValueError, match=r"margin 1, level 2: 0\.2000 .* no answer.*Collapse"):
        rake(np.ones(4), np.ones(4), [ROW, COLUMN],
             [np.array([0.5, 0.5]), np.array([0.4, 0.4, 0.2])], **CLOSE)  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "targets", "groups"),
    [
        ([50, 40, 30], [0.4, 0.3, 0.3], [0, 1, 2]),  # none is sparse
        ([50, 4, 0, 8], [0.4, 0.3, 0.1, 0.2], [0, 1, 1, 1]),  # sparse ones become one
        ([50, 4, 30], [0.4, 0.3, 0.3], [0, 1, 1]),  # takes in the smallest of the others
        ([3, 4, 2], [0.4, 0.3, 0.3], [0, 0, 0]),  # nothing is left to tell apart
        ([50, 40, 30], [0.6, 0.4, 0.0], [0, 1, 1]),  # only the sample has it
    ],
)
def test_levels_with_too_few_answers_are_pooled(answers, targets, groups):
    assert collapse(np.array(answers), np.array(targets), 10).tolist() == groups
