"""How often the interval of what credits changed holds what was planted, over simulated worlds.

A world is the simulated telco with its credits and its holdout, followed for 60 days each, without
files or a warehouse; another is the same without any effect. What `python -m
bench.recovery_coverage` prints, bench/RECOVERY_COVERAGE.md keeps.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saydo.estimate.intervals import newcombe
from saydo.simulate.accounts import draw_moves
from saydo.simulate.clock import NEVER, Window
from saydo.simulate.credits import BANDS, CreditEffects, Credits
from saydo.simulate.identifiers import make_identifiers
from saydo.simulate.living import live
from saydo.simulate.network import MonthOfUsage, make_lines, make_month
from saydo.simulate.parameters import REGIONS, TWINS
from saydo.simulate.people import make_people
from saydo.simulate.sites import make_sites

HORIZON_DAYS = 60
PLANTED = CreditEffects()
NOTHING = CreditEffects(dissatisfied=0.0, neutral=0.0)
SHOWN = ("all", "dissatisfied", "neutral", "fan")


@dataclass(frozen=True)
class Found:
    """Of one band: what was planted, and the difference in leaving with its interval."""

    planted: float
    value: float
    low: float
    high: float


def simulate(seed: int, effects: CreditEffects, customers: int, months: int) -> dict[str, Found]:
    """One world: band to what is found in it."""
    window = Window(months)
    people = make_people(customers, window, seed, TWINS)
    sites = make_sites(customers, len(REGIONS), window, seed)
    identifiers = make_identifiers(people, window, seed)
    lines = make_lines(people, sites, draw_moves(people, window, seed), seed)
    credits = Credits(people, lines, sites, window, seed, effects)

    def use_network(month: int, first: np.ndarray, last: np.ndarray) -> MonthOfUsage:
        return make_month(month, first, last, people, lines, sites, identifiers, window, seed)

    book = live(people, window, seed, use_network, credits).book
    ends = window.second(credits.day + HORIZON_DAYS + 1)[book.person]
    is_open = (book.started < ends) & ((book.ended == NEVER) | (book.ended >= ends))
    has_left = np.ones(people.count, dtype=bool)
    has_left[book.person[is_open]] = False
    truth = credits.truth()["bands"]
    found = {}
    for band in SHOWN:
        mine = credits.day >= 0
        if band != "all":
            mine &= credits.band == BANDS.index(band)
        arms = [mine & (credits.arm == arm) for arm in (0, 1)]
        (left, count), (other_left, other_count) = (
            (int(has_left[arm].sum()), int(arm.sum())) for arm in arms
        )
        found[band] = Found(
            truth[band]["churn_difference_60d"],
            left / count - other_left / other_count,
            *map(float, newcombe(left, count, other_left, other_count)),
        )
    return found


def measure(worlds: int, customers: int, months: int) -> str:
    """The table of results over so many seeds."""
    lines = [
        "# Coverage of what credits changed",
        "",
        f"Made by `python -m bench.recovery_coverage`: {worlds} worlds a row of {customers:,} "
        f"customers over {months} months, left within {HORIZON_DAYS} days.",
        "",
        "| world | band | planted, on average | found, on average "
        "| interval holds what was planted | interval holds 0 |",
        "|---|---|---|---|---|---|",
    ]
    for name, effects in (("credits help", PLANTED), ("credits do nothing", NOTHING)):
        series = [simulate(seed, effects, customers, months) for seed in range(1, worlds + 1)]
        for band in SHOWN:
            found = [world[band] for world in series]
            figures = (
                f"{np.mean([one.planted for one in found]):.4f}",
                f"{np.mean([one.value for one in found]):.4f}",
                f"{sum(one.low <= one.planted <= one.high for one in found)} of {worlds}",
                f"{sum(one.low <= 0 <= one.high for one in found)} of {worlds}",
            )
            lines.append(f"| {name} | {band} | {' | '.join(figures)} |")
    lines += [
        "",
        "Promised for all: an interval that holds what was planted in 90-100% of the worlds, and 0 "
        "in 93% or more of those in which credits do nothing. What is found is about a twentieth "
        "less than what was planted: some of those who left come back within the days, and some "
        "of those who stayed leave after all.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "RECOVERY_COVERAGE.md")
    asked = parser.parse_args()
    text = measure(asked.worlds, asked.customers, asked.months)
    asked.out.write_text(text)
    print(text)
