"""Everybody's months, one after another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from saydo.simulate.behaviour import Life
from saydo.simulate.clock import Window
from saydo.simulate.credits import Credits
from saydo.simulate.influence import Influence
from saydo.simulate.network import MonthOfUsage
from saydo.simulate.people import People
from saydo.simulate.plants import Plants


def live(
    people: People,
    window: Window,
    seed: int,
    use_network: Callable[[int, np.ndarray, np.ndarray], MonthOfUsage],
    credits: Credits | None = None,
    plants: Plants | None = None,
    influence: Influence | None = None,
) -> Life:
    """Run every month: `use_network(month, first, last)` makes (and delivers) its usage rows."""
    life = Life(people, window, seed, credits, plants, influence)
    for month in range(window.months):
        first, last = life.open_month(month)
        life.close_month(month, use_network(month, first, last))
    life.close_accounts()
    return life
