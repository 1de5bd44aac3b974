"""Whether sets of evidence overlap more than chance makes them, and what the overlap brings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binom, hypergeom

from saydo.estimate.intervals import newcombe, wilson

REDUNDANT_PHI = 0.7  # beyond it two sets are one set told twice


@dataclass(frozen=True)
class Circle:
    """One combination of sets: its overlap, and the outcome inside it.

    Counts are of customers; `expected_count` is what the overlap would be if sets were independent,
    `lift` the overlap over it, `tail_p` the chance of so large an overlap then. Of one set alone,
    and where a set is empty, these are None. `ratio` is the share with the outcome, 0-1, with its
    95% interval, `difference` that share less the share of everybody else; `outcome_p` is the
    chance of an outcome so far from everybody's if the circle said nothing of it.
    """

    members: tuple[int, ...]
    count: int
    hits: int
    expected_count: float | None
    lift: float | None
    tail_p: float | None
    ratio: float | None
    ci_low: float | None
    ci_high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    outcome_p: float | None
    is_redundant: bool


def circles(cells: np.ndarray, counts: np.ndarray, hits: np.ndarray) -> list[Circle]:
    """Every combination of the sets, smaller ones first.

    Args:
        cells: which sets each cell of customers is in, booleans (cells, sets).
        counts: customers of each cell, (cells,).
        hits: those of them with the outcome, (cells,).
    """
    sets, total, all_hits = cells.shape[1], int(counts.sum()), int(hits.sum())
    single = (cells * counts[:, None]).sum(axis=0)
    alike = _alike(cells, counts)
    found = []
    for size in range(1, sets + 1):
        for members in combinations(range(sets), size):
            inside = cells[:, list(members)].all(axis=1)
            count, hit = int(counts[inside].sum()), int(hits[inside].sum())
            expected, tail = overlap(count, single[list(members)], total)
            ratio, low, high, gap, gap_low, gap_high = _outcome(count, hit, total, all_hits)
            found.append(
                Circle(
                    members, count, hit, expected,
                    count / expected if expected else None, tail,
                    ratio, low, high, gap, gap_low, gap_high,
                    outcome_chance(count, hit, total, all_hits),
                    any(alike[pair] for pair in combinations(members, 2)),
                )
            )  # fmt: skip
    return found


def overlap(count: int, sizes: np.ndarray, total: int) -> tuple[float | None, float | None]:
    """Customers expected in all sets if these are independent, and the exact upper tail.

        expected = total * prod(sizes / total)

    Two sets: the overlap is hypergeometric, given their sizes. Three or more: binomial of `total`
    customers with the chance prod(sizes / total).

    Args:
        count: customers in all of the sets.
        sizes: customers in each, (sets,).
        total: customers at all.
    """
    if len(sizes) < 2 or not total or not sizes.all():
        return None, None
    chance = float(np.prod(sizes / total))
    if len(sizes) == 2:
        return total * chance, float(hypergeom.sf(count - 1, total, sizes[0], sizes[1]))
    return total * chance, float(binom.sf(count - 1, total, chance))


def phi(both: float, one: float, other: float, total: float) -> float:
    """Correlation of belonging to two sets, -1 to 1; 0 where one of them is nobody or everybody."""
    spread = one * (total - one) * other * (total - other)
    return float((total * both - one * other) / np.sqrt(spread)) if spread > 0 else 0.0


def outcome_chance(count: int, hits: int, total: int, all_hits: int) -> float | None:
    """Two-sided chance of the outcome's count inside, twice the smaller tail of Fisher's test.

    None where nobody is inside or nobody outside, or where all or none have the outcome.
    """
    if not 0 < count < total or not 0 < all_hits < total:
        return None
    drawn = hypergeom(total, all_hits, count)
    return float(min(1.0, 2 * min(drawn.cdf(hits), drawn.sf(hits - 1))))


def _alike(cells: np.ndarray, counts: np.ndarray) -> dict[tuple[int, int], bool]:
    total, single = counts.sum(), (cells * counts[:, None]).sum(axis=0)
    return {
        (one, other): phi(
            float(counts[cells[:, one] & cells[:, other]].sum()), single[one], single[other], total
        )
        > REDUNDANT_PHI
        for one, other in combinations(range(cells.shape[1]), 2)
    }


def _outcome(count: int, hits: int, total: int, all_hits: int) -> list[float | None]:
    """Share, its interval, the difference to everybody else and its interval."""
    one = [np.array([float(part)]) for part in (hits, count)]
    other = [np.array([float(part)]) for part in (all_hits - hits, total - count)]
    if not count:
        return [None] * 6
    low, high = wilson(*one)
    told: list[float | None] = [hits / count, float(low[0]), float(high[0])]
    if count == total:
        return [*told, None, None, None]
    gap_low, gap_high = newcombe(*one, *other)
    gap = hits / count - (all_hits - hits) / (total - count)
    return [*told, gap, float(gap_low[0]), float(gap_high[0])]
