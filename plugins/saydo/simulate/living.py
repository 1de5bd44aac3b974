"""Everybody's months, one after another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from saydo.simulate.behaviour import Life
from saydo.simulate.changes import Changes
from saydo.simulate.clock import DAY, NEVER, Window
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
    changes: Changes | None = None,
) -> Life:
    """Run every month: `use_network(month, first, last)` makes (and delivers) its usage rows."""
    life = Life(people, window, seed, credits, plants, influence, changes)
    for month in range(window.months):
        first, last = life.open_month(month)
        life.close_month(month, use_network(month, first, last))
    _close_accounts(life)
    return life


def _close_accounts(life: Life) -> None:
    """Accounts of those who left and stayed away are closed after 90 days."""
    closing = life.left_at + 90 * DAY
    person = life.people.person
    closed = closing[person]
    end = life.window.second(life.window.days)
    gone = (life.left_at[person] != NEVER) & (closed < end)
    gone &= life.people.opened_at < closed
    life.people.closed_at = np.where(gone, closed, NEVER)
