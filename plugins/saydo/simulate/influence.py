"""Who is related to whom, and whose purchases those near them follow a month after.

Planted behind an option of its own and drawn from a stream of its own: without it nothing changes.
People are put into circles around the one who was there first. Everybody in the middle buys now and
then; around half of them the others buy a month after, around the other half just as often, but
whenever they like.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.simulate.clock import Window
from saydo.simulate.columns import iso, pick
from saydo.simulate.parameters import ADD_ONS, Product, stream
from saydo.simulate.people import People

FEWEST_MONTHS = 6
APART = 3  # months from one purchase of a middle to its next
RELATIONS = ("referral", "same_business", "contact")
_BOUGHT = ADD_ONS[1]


@dataclass(frozen=True)
class InfluencePlan:
    """How much is planted; truth.json tells it."""

    related_persons: float = 0.3  # share of those who live with nobody and were there before
    circle_persons: int = 6
    influencers: float = 0.5  # share of the circles whose middle is followed
    follows: float = 0.6  # probability that one of the others buys a month after


PLAN = InfluencePlan()


class Influence:
    """The draws: circles of people, and who buys in which month.

    `middle` (circles,), `others` (circles, persons - 1) and `is_followed` (circles,) are persons;
    `buys` holds (person, month) of every planned purchase.
    """

    def __init__(
        self, people: People, window: Window, seed: int, plan: InfluencePlan = PLAN
    ) -> None:
        self.people, self.window, self.plan = people, window, plan
        rng = stream(seed, "influence")
        alone = np.flatnonzero((people.household < 0) & (people.joined_day < 0))
        size = plan.circle_persons
        count = int(len(alone) * plan.related_persons) // size
        circles = rng.permutation(alone)[: count * size].reshape(count, size)
        opened = people.opened_at[circles]
        circles = np.take_along_axis(circles, np.argsort(opened, axis=1, kind="stable"), axis=1)
        self.middle, self.others = circles[:, 0], circles[:, 1:]
        self.is_followed = rng.random(count) < plan.influencers
        self.relation = rng.integers(0, len(RELATIONS), count)
        # The month before a purchase is none in which others follow the one before it.
        begins = np.arange(1, window.months - APART, APART)
        own = begins + rng.integers(0, APART, (count, 1))
        months = np.tile(np.arange(1, window.months), (self.others.size, 1))
        anytime = rng.permuted(months, axis=1)[:, : own.shape[1]]
        anytime = anytime.reshape(*self.others.shape, own.shape[1])
        after = np.broadcast_to(own[:, None, :] + 1, anytime.shape)
        follower = np.where(self.is_followed[:, None, None], after, anytime)
        takes = rng.random(follower.shape) < plan.follows
        person = np.broadcast_to(self.others[:, :, None], follower.shape)
        self.buys = np.concatenate(
            [
                np.stack([np.repeat(self.middle, own.shape[1]), own.ravel()], axis=1),
                np.stack([person[takes], follower[takes]], axis=1),
            ]
        )

    def buyers(self, month: int) -> tuple[np.ndarray, Product]:
        """Who buys what in a month."""
        return np.unique(self.buys[self.buys[:, 1] == month, 0]), _BOUGHT

    def table(self) -> tuple[pa.Table, np.ndarray]:
        """The relations as the customer records deliver them, and the day each is delivered."""
        middle = np.repeat(self.middle, self.others.shape[1])
        other = self.others.ravel()
        since = np.maximum(self.people.opened_at[middle], self.people.opened_at[other]) + 3600
        codes = self.people.account_codes
        return (
            pa.table(
                {
                    "account_no": codes.take(pa.array(middle)),
                    "related_account_no": codes.take(pa.array(other)),
                    "relation": pick(RELATIONS, np.repeat(self.relation, self.others.shape[1])),
                    "since": iso(since),
                }
            ),
            np.maximum(self.window.day_of(since), 0),
        )

    def truth(self) -> dict[str, Any]:
        """What was planted, and whom the others follow, by account."""
        followed = self.people.account_codes.take(pa.array(self.middle[self.is_followed]))
        return {
            "planted": asdict(self.plan),
            "circle_count": len(self.middle),
            "influencers": sorted(followed.to_pylist()),
        }
