"""What goes with what, in time: how likely who has one service is to take another one next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Patterns:
    """Sets of services with how many customers had them; matrices are (patterns, products).

    `eligible` is what may be offered: neither held nor cancelled for a stated reason; `taken` is
    what of it was taken within the horizon after.
    """

    products: tuple[str, ...]
    counts: np.ndarray
    held: np.ndarray
    eligible: np.ndarray
    taken: np.ndarray


@dataclass(frozen=True)
class Associations:
    """Of each product held (row) and product offered (column), and of all (columns alone).

    `held_counts` customers had the one and might have been offered the other; `followed_counts` of
    them took it; `base` is the share of all who might have been offered it that took it.
    """

    held_counts: np.ndarray
    followed_counts: np.ndarray
    base: np.ndarray
    took_counts: np.ndarray


def patterns(rows: Sequence[dict[str, Any]], products: Sequence[str]) -> Patterns:
    """Rows of `int_service_patterns_counted` as matrices over `products`."""
    at = {code: position for position, code in enumerate(products)}
    told = np.zeros((3, len(rows), len(products)), bool)
    for number, row in enumerate(rows):
        for kind, name in enumerate(("held_codes", "cancelled_codes", "taken_codes")):
            for code in codes(row[name]):
                told[kind, number, at[code]] = True
    held, cancelled, taken = told
    eligible = ~(held | cancelled)
    counts = np.array([row["customer_count"] for row in rows], float)
    return Patterns(tuple(products), counts, held, eligible, taken & eligible)


def codes(text: str) -> list[str]:
    """The services of a list such as `net|tv`."""
    return text.split("|") if text else []


def associate(of: Patterns) -> Associations:
    """Count who took what next, by what they had."""
    weighted = (of.held * of.counts[:, None]).T
    took = of.counts @ of.taken
    eligible = of.counts @ of.eligible
    base = np.divide(took, eligible, out=np.zeros_like(took), where=eligible > 0)
    return Associations(weighted @ of.eligible, weighted @ of.taken, base, took)


def shrunk(of: Associations, prior_customers: float) -> np.ndarray:
    """Share of those with one product who took another, (held, offered), toward that of all.

    (followed + m * base) / (had it + m): m customers who do as everybody does are added, so that
    three of four say little and three thousand of four thousand say all.
    """
    held = of.held_counts + prior_customers
    followed = of.followed_counts + prior_customers * of.base
    return np.divide(followed, held, out=np.zeros_like(held), where=held > 0)


def best_reasons(held: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """For each pattern and product offered, the product held that makes it likeliest.

    Args:
        held: (patterns, products), at least one of each pattern.
        chances: (held, offered) as `shrunk` gives them.

    Returns:
        (patterns, products) positions; of equal ones the first.
    """
    return np.array([np.where(row[:, None], chances, -1.0).argmax(axis=0) for row in held])


def ranked(worth: np.ndarray, eligible: np.ndarray, count: int = 3) -> np.ndarray:
    """(patterns, count) positions of the products worth most, best first; -1 where none is left.

    Args:
        worth: (patterns, products), or (products,) where it is the same for all.
        eligible: (patterns, products); what is worth nothing is not offered either.
        count: how many.
    """
    worth = np.where(eligible, worth, 0.0)
    order = np.argsort(-worth, axis=1, kind="stable")[:, :count]
    top = np.where(np.take_along_axis(worth, order, axis=1) > 0, order, -1)
    missing = max(count - top.shape[1], 0)
    return np.pad(top, ((0, 0), (0, missing)), constant_values=-1)


def off_policy(
    rewards: np.ndarray, logged: np.ndarray, target: np.ndarray
) -> tuple[float, float, float]:
    """What another way to recommend would have earned, from what was recommended by chance.

    Weights are target / logged, chances with which either way makes the recommendation that was
    made. Horvitz and Thompson (1952); self-normalised: Swaminathan and Joachims (2015); effective
    count: Kish.

    Args:
        rewards: (n,) what came of each recommendation.
        logged: (n,) its chance under the way that made it, above 0.
        target: (n,) its chance under the other.

    Returns:
        IPS, the mean of weight * reward; SNIPS, the same over the mean weight (nan of no weight);
        how many recommendations the estimate is worth.

    Raises:
        ValueError: a recommendation was logged that could not be made.
    """
    if (logged <= 0).any():
        raise ValueError("a recommendation that was made had a chance above 0; log that chance")
    weights = target / logged
    total = weights.sum()
    if total == 0:
        return 0.0, float("nan"), 0.0
    earned = float(weights @ rewards)
    return earned / len(rewards), earned / total, float(total**2 / (weights @ weights))
