"""Weighted means of answers, how sure they are, and how they moved, from sums by cell.

All answers of a cell have one weight, so that a cell's count, sum and sum of squares say all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Groups:
    """Cells that are one figure: the group of each cell, (cells,), from 0, and how many there are.

    A group without cells has no answers; all its figures are not a number.
    """

    of_cell: np.ndarray
    count: int

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum of each group, (groups,)."""
        return np.bincount(self.of_cell, values, self.count)


@dataclass(frozen=True)
class Means:
    """Of each group, (groups,): mean and variance in the answers' unit, and the weights' sum."""

    mean: np.ndarray
    variance: np.ndarray
    weight: np.ndarray

    @property
    def standard_error(self) -> np.ndarray:
        """Square root of the variance."""
        return np.sqrt(self.variance)


@dataclass(frozen=True)
class Repeats:
    """Respondents of two waves, summed by the pair of cells they answered in: each (pairs,).

    `weights` and `previous_weights` are those of an answer; `totals`, `previous_totals` and
    `products` are sums of x, of the previous x, and of both multiplied.
    """

    weights: np.ndarray
    previous_weights: np.ndarray
    counts: np.ndarray
    totals: np.ndarray
    previous_totals: np.ndarray
    products: np.ndarray


def weighted_means(
    weights: np.ndarray,
    counts: np.ndarray,
    totals: np.ndarray,
    squares: np.ndarray,
    groups: Groups,
) -> Means:
    """Weighted mean with its linearised variance.

    mean = sum wx / sum w; variance = sum w^2 (x - mean)^2 / (sum w)^2. Särndal, Swensson, Wretman,
    Model Assisted Survey Sampling (1992), 5.7.

    Args:
        weights: weight of an answer of each cell, (cells,).
        counts: answers of each cell, (cells,).
        totals: sum of the scores of each cell, (cells,).
        squares: sum of their squares, (cells,).
        groups: which cells are one mean.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = groups.sums(weights * counts)
        mean = groups.sums(weights * totals) / weight
        own = mean[groups.of_cell]
        # Rounding may take a sum of squares just below 0.
        spread = np.maximum(squares - 2 * own * totals + own**2 * counts, 0)
        return Means(mean, groups.sums(weights**2 * spread) / weight**2, weight)


def net_promoter(
    weights: np.ndarray,
    counts: np.ndarray,
    promoters: np.ndarray,
    detractors: np.ndarray,
    groups: Groups,
) -> Means:
    """Net promoter score in points, -100 to 100: the mean of 100, 0 and -100.

    Unweighted, its variance is 100^2 (p + d - (p - d)^2) / n.

    Args:
        weights: weight of an answer of each cell, (cells,).
        counts: answers of each cell, (cells,).
        promoters: of these, answers of 9 and 10, (cells,).
        detractors: of these, answers of 0 to 6, (cells,).
        groups: which cells are one score.
    """
    totals, squares = 100.0 * (promoters - detractors), 1e4 * (promoters + detractors)
    return weighted_means(weights, counts, totals, squares, groups)


def effective_counts(
    weights: np.ndarray, counts: np.ndarray, groups: Groups
) -> tuple[np.ndarray, np.ndarray]:
    """How many equally weighted answers are as good, and what the weights cost: (n_eff, deff).

    n_eff = (sum w)^2 / sum w^2; deff = n sum w^2 / (sum w)^2. Kish, Survey Sampling (1965), 11.7.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = groups.sums(weights * counts) ** 2 / groups.sums(weights**2 * counts)
        return effective, groups.sums(counts) / effective


def covariances(repeats: Repeats, now: Means, before: Means, groups: Groups) -> np.ndarray:
    """Covariance of two waves' means through those who answered both, (groups,).

    sum w w' (x - mean)(x' - mean') / (sum w sum w'); 0 where nobody answered both.

    Args:
        repeats: respondents of both waves, by pair of cells.
        now: means of the later wave, by group.
        before: means of the earlier wave, by group.
        groups: which pairs belong to one group in both waves.
    """
    mean, previous = now.mean[groups.of_cell], before.mean[groups.of_cell]
    centred = (
        repeats.products
        - previous * repeats.totals
        - mean * repeats.previous_totals
        + mean * previous * repeats.counts
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        joint = groups.sums(repeats.weights * repeats.previous_weights * centred)
        return joint / (now.weight * before.weight)


def changes(
    now: Means, before: Means, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Differences of means, their standard errors, and two-sided normal p-values, each (groups,).

    SE^2 = SE1^2 + SE2^2 - 2 Cov. Without any spread nothing is said of chance: p is not a number.
    """
    difference = now.mean - before.mean
    error = np.sqrt(np.maximum(now.variance + before.variance - 2 * covariance, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(error > 0, np.abs(difference) / error, np.nan)
    chance = np.array([math.erfc(value / math.sqrt(2)) for value in ratio])
    return difference, error, chance
