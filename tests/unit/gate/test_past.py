"""What only a feed's own past can tell: told, and never of a feed that is as it always was."""

from __future__ import annotations

import pytest
from past_faults import FAULTS, is_told
from past_worlds import SHAPES, World

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
