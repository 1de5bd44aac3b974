"""What a comparison with a feed's past found, and the few words of statistics that all share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from saydo.gate.facts import Facts
from saydo.landing.ledger import Batch

# Many columns, days and codes of many files are looked at: one in a million is not chance.
CHANCE = 1e-6
# Of two files that differ, nobody knows which one is odd.
LEAST_OTHERS = 3
# A feed's rhythm is known once its others span a month, with the last day of one.
LEAST_DAYS = 35
# On either side. Two months of daily files hold a billing day, and are short enough for growth.
OTHER_BATCHES = 70
_MAD = 1.4826  # a median of absolute deviations to a standard deviation


@dataclass(frozen=True)
class Doubt:
    """One way in which a batch is unlike its feed's past.

    `name` says what holds of a good one, `seen` what was measured, `advice` what it means and who
    does what. A grave one refuses the batch. Nothing of it names a person.
    """

    batch_id: str
    name: str
    seen: str
    advice: str
    is_grave: bool = False

    @property
    def row(self) -> dict[str, Any]:
        """A row of the gate's table `delivery_doubts`."""
        return {
            "_batch_id": self.batch_id,
            "doubt": self.name,
            "seen": self.seen,
            "advice": self.advice,
            "is_grave": self.is_grave,
        }


@dataclass(frozen=True)
class Delivered:
    """A batch of a feed and its measurements; `is_new` if it is being checked."""

    batch: Batch
    facts: Facts
    is_new: bool

    @cached_property
    def days(self) -> dict[date, int]:
        """Day to rows."""
        return {date.fromisoformat(day): rows for day, rows in self.facts.days.items()}

    @cached_property
    def solid_days(self) -> dict[date, int]:
        """The days with a tenth or more of the rows of a busy one: not those of late rows alone."""
        least = 0.1 * (self.facts.rows_per_day or 0)
        return {day: rows for day, rows in self.days.items() if rows >= least}

    @cached_property
    def last_day(self) -> date | None:
        """The last solid day."""
        return max(self.solid_days, default=None)


def around(items: Sequence[Delivered], position: int) -> list[Delivered]:
    """The feed's other batches, the nearest in load order on either side."""
    before = items[max(0, position - OTHER_BATCHES) : position]
    return [*before, *items[position + 1 : position + 1 + OTHER_BATCHES]]


def alike(item: Delivered, others: Sequence[Delivered]) -> list[Delivered]:
    """Those of about as many days and rows: a history in one file is no measure of a day's."""
    days, rows = item.facts.day_count or 0, item.facts.row_count
    return [
        other
        for other in others
        if abs((other.facts.day_count or 0) - days) <= max(3, days / 2)
        and rows / 20 <= other.facts.row_count <= 20 * rows
    ]


def is_rhythm_known(others: Sequence[Delivered]) -> bool:
    """Whether they span a month with a day of it to which most is booked; records span nothing."""
    days = [other.last_day for other in others if other.last_day]
    return not days or (max(days) - min(days)).days >= LEAST_DAYS - 1


def spread(values: Sequence[float] | np.ndarray) -> float:
    """A standard deviation that a few odd values do not move."""
    array = np.asarray(values, dtype=float)
    return float(_MAD * np.median(np.abs(array - np.median(array)))) if len(array) else 0.0


def is_beyond_chance(count: float, expected: float) -> bool:
    """Whether so many rows are rarer than one in a million where `expected` are usual.

    By the bound of Chernoff on the upper tail of a Poisson law: P(N >= k) <= exp(k - m) (m / k)^k.
    """
    if count <= expected or count <= 0:
        return False
    expected = max(expected, 1e-9)
    return count * math.log(count / expected) - (count - expected) > -math.log(CHANCE)
