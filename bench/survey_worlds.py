"""Customers whose satisfaction is known: the simulator's, and some made up of attributes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saydo.simulate.accounts import draw_moves
from saydo.simulate.behaviour import Life
from saydo.simulate.clock import Window
from saydo.simulate.identifiers import make_identifiers
from saydo.simulate.living import live
from saydo.simulate.network import MonthOfUsage, make_lines, make_month
from saydo.simulate.parameters import CATALOGUE, EFFECTS, PLANS, RATES, REGIONS, SMALL_REGIONS
from saydo.simulate.people import make_people
from saydo.simulate.sites import make_sites

CUSTOMERS = 2_000
LEVELS = (5, 4, 3, 3)  # of the made-up ones: region, tenure band, plan, experience band
TENURE_DAYS = (182, 365, 730)


@dataclass(frozen=True)
class Population:
    """Arrays of one row per customer: the level of each margin, the score on 0-10, the chance of
    an invitation, and the log odds of answering as the simulator has them, if it does.
    """

    levels: list[np.ndarray]
    score: np.ndarray
    invited_ratio: np.ndarray
    log_odds: np.ndarray


def made_up(seed: int, spread: float, invited_ratio: float) -> Population:
    """Attributes move the score by `spread` points; more customers of one region are asked."""
    rng = np.random.default_rng(seed)
    levels = [rng.choice(size, CUSTOMERS, p=rng.dirichlet([6] * size)) for size in LEVELS]
    effects = [rng.normal(0, spread, size)[at] for size, at in zip(LEVELS, levels, strict=True)]
    score = np.clip(np.round(6.2 + sum(effects) + rng.normal(0, 1.8, CUSTOMERS)), 0, 10)
    rate = np.where(levels[0] == 0, 1.75, 1.0) * invited_ratio
    return Population(levels, score, rate, np.zeros(CUSTOMERS))


def simulated_life(seed: int, months: int) -> tuple[Life, Window]:
    """What CUSTOMERS of the simulator live through, without any file."""
    window = Window(months)
    people = make_people(CUSTOMERS, window, seed)
    sites = make_sites(CUSTOMERS, len(REGIONS), window, seed)
    identifiers = make_identifiers(people, window, seed)
    lines = make_lines(people, sites, draw_moves(people, window, seed), seed)

    def use_network(month: int, first: np.ndarray, last: np.ndarray) -> MonthOfUsage:
        return make_month(month, first, last, people, lines, sites, identifiers, window, seed)

    return live(people, window, seed, use_network), window


def simulated(seed: int, part: float = 1, months: int = 2) -> Population:
    """The simulator's active customers of its last month; a `part` of whom it asks are asked."""
    life, window = simulated_life(seed, months)
    people = life.people
    score = life.panel.score[-1].astype(float)
    here = np.flatnonzero(~np.isnan(score))
    plan = np.full(people.count, len(PLANS))
    is_plan = np.isin(life.book.product, [CATALOGUE.index(item) for item in PLANS])
    plan[life.book.person[is_plan]] = life.book.product[is_plan] - CATALOGUE.index(PLANS[0])
    tenure = np.searchsorted(TENURE_DAYS, window.days - people.joined_day, side="right")
    experience = np.nan_to_num(life.panel.experience[-1])
    band = np.searchsorted(np.quantile(experience[here], [1 / 3, 2 / 3]), experience, side="right")
    levels = [people.region, tenure, plan, band, people.is_business.astype(int)]
    is_small = np.isin(people.region, SMALL_REGIONS)
    log_odds = (
        EFFECTS.answer_intercept
        + EFFECTS.answer_trait * people.trait
        + EFFECTS.answer_score * (np.nan_to_num(score) - EFFECTS.satisfaction_mean)
    )
    return Population(
        [level[here] for level in levels],
        score[here],
        np.where(is_small, RATES.sampled_small_region, RATES.sampled)[here] * part,
        log_odds[here],
    )
