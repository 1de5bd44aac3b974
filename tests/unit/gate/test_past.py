"""What only a feed's own past can tell: told, and never of a feed that is as it always was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from past_faults import FAULTS, is_told
from past_worlds import SHAPES, World

from saydo.config import Policy
from saydo.gate.facts import Facts
from saydo.gate.past import Delivered, compare
from saydo.landing.ledger import Batch

_SEEDS = (0, 1)
# Those of a year of days take longest to make, and differ least from one another.
_BOTH_SEEDS = [name for name, shape in SHAPES.items() if shape.rows * shape.days < 40_000]


@pytest.mark.parametrize("name", SHAPES)
def test_nothing_is_said_of_a_feed_that_goes_on_as_ever(name):
    for seed in _SEEDS if name in _BOTH_SEEDS else _SEEDS[:1]:
        world = World(SHAPES[name], seed)
        assert world.doubts() == [], "when its newest file comes"
        assert world.doubts(all_new=True) == [], "when all of its files come at once"


# Feeds in which the faults of each kind can be seen: a rhythm by the day, the week and the month.
TOLD = {
    "daily": ("8", "23", "35", "38", "40", "41 a day", "42", "53"),
    "weekly": ("23", "35", "38", "41", "42"),
    "monthly": ("23", "35", "38", "40", "41", "42", "53"),
    "usage": ("8", "23", "35", "40", "41 a day", "42", "47", "53"),
    "answers": ("38", "42", "50"),
    "answers by the month": ("50", "53"),
    "contact points": ("30",),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_fault_in_the_newest_file_is_told_and_a_grave_one_refuses(name):
    world = World(SHAPES[name], 1)
    missed = [
        fault
        for fault, (_, sources, _) in FAULTS.items()
        if world.shape.source in sources
        and fault.startswith(TOLD[name])
        and not is_told(world, fault)
    ]
    assert missed == []


def test_the_first_month_of_a_business_is_no_drift_and_a_later_one_is():
    """A ledger of a year at once: before the first payments come, its amounts are others."""
    usual = [11.1, 11.5, 10.7, 11.4, 12.1, 11.6, 11.2, 11.4, 11.0, 10.9, 10.8]

    def drifted(magnitudes: list[float]) -> list[int]:
        items = []
        for number, magnitude in enumerate(magnitudes):
            first = date(2025, number + 1, 1)
            items.append(ledger(number, first, 28, magnitudes={"amount": magnitude}))
        return [int(doubt.batch_id) for doubt in compare(items, Policy())]

    assert drifted([8.07, *usual]) == []
    assert drifted([*usual, 8.07]) == [11]


def test_a_feed_by_the_month_that_comes_by_the_day_of_late_is_no_error():
    months = [ledger(number, date(2025, number + 1, 1), 28) for number in range(3)]
    days = [ledger(3 + number, date(2025, 4, 1 + number), 1) for number in range(6)]
    assert compare([*months, *days], Policy()) == []


def ledger(number: int, first: date, day_count: int, **measured: dict[str, float]) -> Delivered:
    """A new file of a ledger, of so many days with as many rows each."""
    batch = Batch(
        batch_id=str(number), feed="ledger", source="transactions", delivery="incremental",
        file_name=f"{number}.csv", content_hash=str(number), file_size=1, file_mtime_ns=1,
        status="landed", sequence=number, landed_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    days = {f"{first + timedelta(days=n)}": 1000 for n in range(day_count)}
    facts = Facts(str(number), 1000 * day_count, day_count, 1000.0, days=days, **measured)
    return Delivered(batch, facts, True)
