"""Over many worlds 95% intervals hold the truth as often as they say, and chance finds little."""

from __future__ import annotations

import numpy as np
import pytest
from chain_worlds import estimated, policy_of, tables_of
from planted import World, plant

from saydo.estimate.chain.jackknife import infer
from saydo.estimate.chain.links import ABOVE, BELOW, Chain
from saydo.estimate.experience_effects import EXPERIENCE_EFFECTS

WORLDS = 60
SAMPLES = {"satisfaction", "satisfaction_leads", "spending", "spending_leads", "churn"}
SMALL = World(customers=500, months=8)
NOTHING = World(
    customers=400, months=7, now=0, before=0, below=0, above=0, direct=0, new_above=0,
    churn_below=0, churn_above=0, churn_direct=0,
)  # fmt: skip


def money(chain: Chain):
    """A lift of a point for 300 unhappy and 700 happy customers who pay 40 a month each."""
    spending = chain.behaviour("revenue", BELOW) * 300 + chain.behaviour("revenue", ABOVE) * 700
    leaving = chain.behaviour("churn", BELOW) * 300 + chain.behaviour("churn", ABOVE) * 700
    return spending - leaving * 40


ESTIMANDS = {
    "service on satisfaction": (lambda chain: chain.satisfaction(0), 0.6),
    "slope below": (lambda chain: chain.behaviour("revenue", BELOW), 2.0),
    "slope above": (lambda chain: chain.behaviour("revenue", ABOVE), 0.5),
    "product": (lambda chain: chain.via("revenue", BELOW), 1.2),
    "direct": (lambda chain: chain.direct("revenue", BELOW), 0.5),
    "money": (money, 300 * 2.0 + 700 * 0.5 + 40 * (300 * 0.02 + 700 * 0.004)),
}


@pytest.fixture(scope="module")
def covered():
    held = {name: [] for name in ESTIMANDS}
    for seed in range(WORLDS):
        tables = tables_of(plant(1000 + seed, SMALL), kpis=(), only=SAMPLES)
        chain = Chain(tables, policy_of(min_customers=50).chain)
        for name, (estimand, truth) in ESTIMANDS.items():
            told = infer(estimand(chain).within)
            held[name].append(told.ci_low <= truth <= told.ci_high)
    return held


@pytest.mark.parametrize("name", ESTIMANDS)
def test_intervals_cover_the_truth_at_their_rate(covered, name):
    # Of 60 at 95%, fewer than 51 are held once in a thousand times.
    assert sum(covered[name]) >= 51


def test_all_intervals_together_cover_at_their_rate(covered):
    assert np.mean([*covered.values()]) >= 0.915


def test_where_nothing_has_an_effect_little_is_found():
    found = []
    for seed in range(30):
        tables = tables_of(plant(5000 + seed, NOTHING), kpis=(), only=SAMPLES)
        rows = estimated(EXPERIENCE_EFFECTS, tables, policy_of(min_customers=50))
        found.append([row["is_publishable"] and row["adjusted_p_value"] < 0.05 for row in rows])
    # Any at all in one world of twenty, so that of 30 hardly ever more than five have one.
    assert sum(any(world) for world in found) <= 5
    assert np.mean(found) <= 0.05
