"""The published intervals hold the truth as often as they say: a smaller run of the bench."""

from __future__ import annotations

from functools import partial

import numpy as np

from bench.survey_coverage import simulate, tilt_of
from bench.survey_worlds import simulated

WORLDS = 60


def test_the_interval_holds_the_truth_where_answering_depends_on_the_margins_alone():
    """Of 60 worlds with 95% each, fewer than 53 hold it once in a hundred such runs."""
    found = [simulate(seed, 0.0) for seed in range(WORLDS)]
    assert all(world.is_converged for world in found)
    assert np.sum([world.is_covered for world in found]) >= 53


def test_the_same_holds_of_the_simulators_customers():
    found = [simulate(seed, 0.0, partial(simulated, part=1 / 3)) for seed in range(WORLDS)]
    assert np.sum([world.is_covered for world in found]) >= 53
    weighted, unweighted = (
        np.mean([abs(getattr(world, name) - world.truth) for world in found])
        for name in ("mean", "unweighted")
    )
    assert weighted < unweighted


def test_the_bounds_hold_the_truth_where_answering_depends_on_the_score_itself():
    found = [simulate(10_000 + seed, tilt_of(seed, WORLDS)) for seed in range(WORLDS)]
    assert np.mean([world.is_within_bounds for world in found]) >= 0.95
    assert np.mean([world.is_covered for world in found]) < 0.8
