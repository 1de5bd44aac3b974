"""What is planted on request, to be found: journeys that hurt at one step, and a circle.

A journey is three contacts about one topic, some ten days apart; the complaint in its middle lowers
the scores that follow. The circle is customers of one region who ask and buy in the month of the
cut-off, far more often than others do, and of whom every second one buys again after it. Each has a
stream of its own, so that what is simulated without them stays as it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from saydo.simulate.clock import Window
from saydo.simulate.panel import Panel
from saydo.simulate.parameters import ADD_ONS, REGIONS, WAVE_DAY, Product, stream
from saydo.simulate.people import People

COMPLAINS, ASKS = 0, 1  # of care.REASONS
STEPS = (ASKS, COMPLAINS, ASKS)
ABOUT_DEVICE, ABOUT_TARIFF = 2, 3  # of care.TOPICS
_BOUGHT, _BOUGHT_AFTER = ADD_ONS[3], ADD_ONS[4]  # rare ones: most have neither


@dataclass(frozen=True)
class Planted:
    """How much is planted; truth.json tells it."""

    journey_persons: float = 0.35  # share of all persons
    journey_satisfaction: float = -2.0  # points, from the complaint on
    journey_days: int = 90  # for so long
    circle_in_region: float = 0.08  # share of the region's customers
    circle_elsewhere: float = 0.004
    circle_buys_after: float = 0.5  # share of the circle
    circle_horizon_months: int = 3


PLANTED = Planted()


class Plants:
    """The draws: whose journeys and when, who is in the circle and who of it buys again."""

    def __init__(self, people: People, window: Window, seed: int) -> None:
        self.people, self.window, self.seed = people, window, seed
        rng = stream(seed, "journeys")
        chosen = rng.random(people.count) < PLANTED.journey_persons
        self.person = np.flatnonzero(chosen & (people.joined_day < 0))
        apart = rng.integers(8, 13, (2, len(self.person)))
        first = rng.integers(20, window.days - 60, len(self.person))
        self.days = np.stack([first, first + apart[0], first + apart.sum(axis=0)])
        rng = stream(seed, "circle")
        share = np.where(people.region == 0, PLANTED.circle_in_region, PLANTED.circle_elsewhere)
        self.circle = np.flatnonzero((rng.random(people.count) < share) & (people.joined_day < 0))
        self.buys_after = self.circle[rng.random(len(self.circle)) < PLANTED.circle_buys_after]
        self.cut_off = window.months - 1 - PLANTED.circle_horizon_months

    def change(self, month: int) -> np.ndarray:
        """Points by which the month's score of each person is moved, (persons,)."""
        wave_day = int(self.window.month_starts[month]) + WAVE_DAY - 1
        since = wave_day - self.days[1]
        moved = np.zeros(self.people.count)
        hurt = (since >= 0) & (since < PLANTED.journey_days)
        moved[self.person[hurt]] = PLANTED.journey_satisfaction
        return moved

    def buyers(self, month: int) -> tuple[np.ndarray, Product]:
        """Who of the circle buys what in a month."""
        if month == self.cut_off + 1:
            return self.buys_after, _BOUGHT_AFTER
        return self.circle if month == self.cut_off else self.circle[:0], _BOUGHT

    def contacts(
        self, panel: Panel, month: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(person, day, reason, topic) of the month's contacts, of who is a customer on the day."""
        begin, end = self.window.month_starts[month : month + 2]
        circle = self.circle if month == self.cut_off else self.circle[:0]
        person = np.concatenate([np.tile(self.person, len(STEPS)), circle])
        day = np.concatenate([self.days.ravel(), rng.integers(begin, end, len(circle))])
        reason = np.concatenate([np.repeat(STEPS, len(self.person)), np.full(len(circle), ASKS)])
        is_here = (day >= begin) & (day < end)
        is_here &= (panel.first_day[month][person] <= day) & (day <= panel.last_day[month][person])
        topic = np.where(np.arange(len(day)) < self.days.size, ABOUT_TARIFF, ABOUT_DEVICE)
        return person[is_here], day[is_here], reason[is_here], topic[is_here]

    def truth(self) -> dict[str, Any]:
        """What was planted, and how it is found."""
        cut_off = self.window.date_of(self.window.month_starts[self.cut_off + 1] - 1)
        return {
            "planted": asdict(PLANTED),
            "journeys": {
                "count": len(self.person),
                "start_type": "contact",
                "path": "contact > complaint > contact",
                "worst_step": "complaint",
                "worst_step_number": 2,
            },
            "circle": {
                "count": len(self.circle),
                "cut_off_date": cut_off.isoformat(),
                "outcome": "new_service_count_after >= 1",
                "horizon_months": PLANTED.circle_horizon_months,
                "sets": {
                    "there": f"region_code = '{REGIONS[0]}'",
                    "asked": "contact_count >= 1",
                    "bought": "new_service_count >= 1",
                },
            },
        }
