"""What follows what, planted on request: services after services, leaving after signs of it.

Whoever has one service takes the one that goes with it far more often than others do. In the last
quarter some are shown a service, drawn with known chances; who is shown the one that goes with what
they have takes it often, others hardly. Whoever changes the plan, gives up an add-on or moves, or
whose contract is about to end, leaves far more often. Each draw has a stream of its own, so that
what is simulated without them stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.simulate.clock import DAY, NEVER, Window
from saydo.simulate.columns import iso, pick
from saydo.simulate.panel import Panel
from saydo.simulate.parameters import (
    ADD_ONS,
    CATALOGUE,
    DEVICES,
    EXTRAS,
    PLANS,
    Product,
    stream,
)
from saydo.simulate.people import People
from saydo.simulate.subscriptions import REASONS, Book

EXPERIMENT = "service_offer"
CONTROL = "control"
HELD = (*PLANS[:4], *DEVICES)  # with each goes one of EXTRAS, in this order
SHARES = (0.25, 0.25, 0.15, 0.15, 0.10, 0.10)  # of those who are shown one of EXTRAS
_MONTHS = 7  # so many last ones, two horizons of 90 days and more


@dataclass(frozen=True)
class ChangeEffects:
    """How much is planted; truth.json tells it. Chances are of who stays and does not have it."""

    follows: float = 0.025  # a month, of those with what it goes with
    otherwise: float = 0.001
    shown: float = 0.4  # share of the customers of the first day
    shown_nothing: float = 0.2  # share of these
    taken_if_it_goes_with: float = 0.35  # in the month after it was shown
    taken_otherwise: float = 0.02
    # Added to the chance of leaving in the month after.
    leaves_after_plan_change: float = 0.30
    leaves_after_add_on: float = 0.30
    leaves_after_move: float = 0.40
    leaves_at_contract_end: float = 0.15  # in each month before which less than 60 days are left


CHANGE_EFFECTS = ChangeEffects()
EXTRA_AT = CATALOGUE.index(EXTRAS[0])
ADD_ON_AT = [CATALOGUE.index(item) for item in (*ADD_ONS, *EXTRAS)]
CHANGED, GIVEN_UP = REASONS.index("TARIFF_CHANGE"), REASONS.index("NOT_NEEDED")
HELD_AT = [CATALOGUE.index(item) for item in HELD]


class Changes:
    """Who is shown which of EXTRAS and when; -1 is not in it, and len(EXTRAS) shown nothing."""

    def __init__(self, people: People, window: Window, seed: int, moved_day: np.ndarray) -> None:
        self.people, self.window, self.seed, self.moved_day = people, window, seed, moved_day
        rng, count = stream(seed, "offers"), people.count
        among = (rng.random(count) < CHANGE_EFFECTS.shown) & (people.joined_day < 0)
        nothing = rng.random(count) < CHANGE_EFFECTS.shown_nothing
        drawn = np.where(nothing, len(EXTRAS), rng.choice(len(EXTRAS), count, p=SHARES))
        self.shown = np.where(among, drawn, -1)
        self.month = window.months - 3
        self.day = int(window.month_starts[self.month]) + rng.integers(7, 21, count)

    def buyers(
        self, book: Book, month: int, stays: np.ndarray
    ) -> Iterator[tuple[Product, np.ndarray]]:
        """Each service that follows, and who of those who stay takes it in a month."""
        if month < self.window.months - _MONTHS:
            return
        rng, rows = stream(self.seed, f"follows {month}"), book.open_rows()
        has = np.zeros((len(CATALOGUE), self.people.count), dtype=bool)
        has[book.product[rows], book.person[rows]] = True
        for number, (held, product) in enumerate(zip(HELD_AT, EXTRAS, strict=True)):
            chance = np.where(has[held], CHANGE_EFFECTS.follows, CHANGE_EFFECTS.otherwise)
            if month == self.month + 1:
                offered = (CHANGE_EFFECTS.taken_otherwise, CHANGE_EFFECTS.taken_if_it_goes_with)
                chance = chance + (self.shown == number) * np.where(has[held], *offered[::-1])
            takes = stays & ~has[EXTRA_AT + number] & (rng.random(self.people.count) < chance)
            yield product, np.flatnonzero(takes)

    def leaving(self, book: Book, month: int) -> np.ndarray:
        """What the month's signs add to the probability of leaving in the next, (persons,)."""
        first, after = self.window.month_starts[month : month + 2]
        begin, end = self.window.second(first), self.window.second(after)
        ended = (book.ended >= begin) & (book.ended < end)
        is_add_on = np.isin(book.product, ADD_ON_AT)
        ending = (book.contract >= end) & (book.contract < end + 60 * DAY)
        ending &= book.ended == NEVER
        signs = (
            (ended & (book.reason == CHANGED), CHANGE_EFFECTS.leaves_after_plan_change),
            (ended & is_add_on & (book.reason == GIVEN_UP), CHANGE_EFFECTS.leaves_after_add_on),
            (ending, CHANGE_EFFECTS.leaves_at_contract_end),
        )
        moves = (self.moved_day >= first) & (self.moved_day < after)
        added = np.where(moves, CHANGE_EFFECTS.leaves_after_move, 0.0)
        for rows, chance in signs:
            added[np.unique(book.person[rows])] += chance
        return added

    def assignments(self, panel: Panel) -> tuple[pa.Table, np.ndarray]:
        """What was shown to whom, as an experiment whose variants are services, and the day."""
        first, last = panel.first_day[self.month], panel.last_day[self.month]
        here = (first <= self.day) & (self.day < last)
        person = np.flatnonzero((self.shown >= 0) & here)
        names = (*(item.code for item in EXTRAS), CONTROL)
        day = self.day[person]
        table = pa.table(
            {
                "test": pick((EXPERIMENT,), np.zeros(len(person), dtype=np.int64)),
                "account_no": self.people.account_codes.take(pa.array(person)),
                "arm": pick(names, self.shown[person]),
                "assigned": iso(self.window.second(day, np.full(len(person), 12 * 3600))),
            }
        )
        return table, day

    def truth(self) -> dict[str, Any]:
        """What was planted, and with which chances it was shown."""
        shown = 1 - CHANGE_EFFECTS.shown_nothing
        shares = {
            item.code: round(share * shown, 6) for item, share in zip(EXTRAS, SHARES, strict=True)
        }
        return {
            "planted": asdict(CHANGE_EFFECTS),
            "follows": {
                item.code: product.code for item, product in zip(HELD, EXTRAS, strict=True)
            },
            "experiment_code": EXPERIMENT,
            "planned_shares": {**shares, CONTROL: CHANGE_EFFECTS.shown_nothing},
        }
