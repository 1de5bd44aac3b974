"""How well `following_change` finds the customers whom others were planted to follow.

A world is the simulated telco with its relations, without files or a warehouse; what is published
of each customer is worked out here with numpy alone, as docs/influence.md says it. What
`python -m bench.influence_auc` prints, bench/INFLUENCE_AUC.md keeps.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saydo.config import Policy
from saydo.simulate.accounts import draw_moves
from saydo.simulate.clock import NEVER, Window
from saydo.simulate.identifiers import make_identifiers
from saydo.simulate.influence import RELATIONS, Influence
from saydo.simulate.living import live
from saydo.simulate.network import MonthOfUsage, make_lines, make_month
from saydo.simulate.parameters import CATALOGUE, REGIONS, TWINS
from saydo.simulate.people import People, make_people
from saydo.simulate.sites import make_sites
from saydo.simulate.subscriptions import Book

PROMISED = 0.8
_A_YEAR = {"day": 365.0, "week": 365 / 7, "month": 12.0, "quarter": 4.0, "year": 1.0}


@dataclass(frozen=True)
class Found:
    """Of one world: (persons,) following_change and changes counted, and who was planted."""

    following: np.ndarray
    change_count: np.ndarray
    is_planted: np.ndarray

    @property
    def auc(self) -> float:
        """Of all who are ranked, and so have a change that a neighbour could follow."""
        ranked = self.change_count > 0
        return area_under_curve(self.following[ranked], self.is_planted[ranked])


def area_under_curve(score: np.ndarray, is_positive: np.ndarray) -> float:
    """Probability that a positive scores above another: the rank sum, ties at their mean rank.

    Args:
        score: (n,) any scale.
        is_positive: (n,) whether each is one; both kinds are there.
    """
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positive = int(is_positive.sum())
    least = positive * (positive + 1) / 2
    return float((rank[is_positive].sum() - least) / (positive * (len(score) - positive)))


def neighbours(people: People, influence: Influence) -> np.ndarray:
    """(pairs, 2): who is near, and to whom. Of a referral only the referred is near."""
    shape = influence.others.shape
    pairs = np.stack([np.repeat(influence.middle, shape[1]), influence.others.ravel()], axis=1)
    is_mutual = np.repeat(influence.relation != RELATIONS.index("referral"), shape[1])
    both = [pairs, pairs[is_mutual][:, ::-1]]
    sharing = np.flatnonzero(people.household >= 0)
    for apart in range(1, 4):
        one, other = sharing[:-apart], sharing[apart:]
        same = people.household[one] == people.household[other]
        home = np.stack([one[same], other[same]], axis=1)
        both += [home, home[:, ::-1]]
    return np.concatenate(both)


def recurring(book: Book, window: Window, count: int) -> np.ndarray:
    """(months + 1, persons) recurring revenue a month, at the begin of each month."""
    yearly = np.array([_A_YEAR[item.interval] / item.interval_count for item in CATALOGUE])
    monthly = book.cents / 100 * yearly[book.product] / 12
    rows = []
    for day in window.month_starts:
        at = int(window.midnight(int(day)))
        is_open = (book.started < at) & ((book.ended == NEVER) | (book.ended >= at))
        weights = np.where(is_open, monthly, 0)
        rows.append(np.bincount(book.person, weights=weights, minlength=count)[:count])
    return np.round(np.array(rows), 2)


def followed(pairs: np.ndarray, revenue: np.ndarray, prior: float) -> tuple[np.ndarray, np.ndarray]:
    """(persons,) following_change and change_count, from revenue at the begin of each month."""
    change = np.where(revenue[:-1] > 0, np.diff(revenue, axis=0), np.nan)
    who, whom = pairs.T
    count = np.zeros(revenue.shape[1])
    gained = np.zeros(revenue.shape[1])
    for month in range(1, len(change) - 1):
        own, after, before = change[month][who], change[month + 1][whom], change[month - 1][whom]
        known = (np.nan_to_num(own) != 0) & ~np.isnan(after) & ~np.isnan(before)
        moved = np.sign(own[known]) * (after - before)[known]
        count += np.bincount(who[known], minlength=len(count))
        gained += np.bincount(who[known], weights=moved, minlength=len(count))
    return gained / (count + prior), count


def simulate(seed: int, customers: int, months: int) -> Found:
    """One world: what is found of each person."""
    window = Window(months)
    people = make_people(customers, window, seed, TWINS)
    sites = make_sites(customers, len(REGIONS), window, seed)
    identifiers = make_identifiers(people, window, seed)
    influence = Influence(people, window, seed)
    lines = make_lines(people, sites, draw_moves(people, window, seed), seed)

    def use_network(month: int, first: np.ndarray, last: np.ndarray) -> MonthOfUsage:
        return make_month(month, first, last, people, lines, sites, identifiers, window, seed)

    life = live(people, window, seed, use_network, influence=influence)
    revenue = recurring(life.book, window, people.count)
    prior = Policy().influence.prior_changes
    following, count = followed(neighbours(people, influence), revenue, prior)
    is_planted = np.zeros(people.count, dtype=bool)
    is_planted[influence.middle[influence.is_followed]] = True
    return Found(following, count, is_planted)


def measure(worlds: int, customers: int, months: int) -> str:
    """The table of results over so many seeds."""
    series = [simulate(seed, customers, months) for seed in range(1, worlds + 1)]
    areas = np.array([found.auc for found in series])
    planted = np.mean([found.is_planted.sum() for found in series])
    ranked = np.mean([(found.change_count > 0).sum() for found in series])
    return "\n".join(
        [
            "# How well the followed are found",
            "",
            f"Made by `python -m bench.influence_auc`: {worlds} worlds of {customers:,} customers "
            f"over {months} months; on average {planted:.0f} of {ranked:.0f} ranked customers are "
            "planted to be followed.",
            "",
            "| area under the curve of following_change | mean | least | most "
            f"| {PROMISED} or more |",
            "|---|---|---|---|---|",
            f"| all ranked customers | {areas.mean():.4f} | {areas.min():.4f} | {areas.max():.4f} "
            f"| {int((areas >= PROMISED).sum())} of {worlds} |",
            "",
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "INFLUENCE_AUC.md")
    asked = parser.parse_args()
    text = measure(asked.worlds, asked.customers, asked.months)
    asked.out.write_text(text)
    print(text)
