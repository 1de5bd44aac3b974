"""Intervals of ratios."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

Z_95 = 1.959963984540054  # of the normal distribution, two-sided


def wilson(hits: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95% score interval of hits / counts, each (n,); not a number where nothing was counted.

    Wilson (1927), without continuity correction: holds its level where hits are few or all, and
    stays within 0-1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hits / counts
        shrunk = 1 + Z_95**2 / counts
        middle = (share + Z_95**2 / (2 * counts)) / shrunk
        half = Z_95 * np.sqrt(share * (1 - share) / counts + Z_95**2 / (4 * counts**2)) / shrunk
    known = counts > 0
    low = np.where(known, np.maximum(middle - half, 0), np.nan)
    high = np.where(known, np.minimum(middle + half, 1), np.nan)
    return np.where(hits == 0, np.where(known, 0.0, np.nan), low), np.where(
        known & (hits == counts), 1.0, high
    )


def newcombe(
    hits: np.ndarray, counts: np.ndarray, other_hits: np.ndarray, other_counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """95% interval of hits / counts - other_hits / other_counts, (n,); nan where either is of 0.

    Newcombe (1998), method 10: the Wilson intervals of both shares, put together by squares. Holds
    its level where few or all did it, and stays within -1 to 1.
    """
    low, high = wilson(hits, counts)
    other_low, other_high = wilson(other_hits, other_counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, other = hits / counts, other_hits / other_counts
    difference = share - other
    return (
        difference - np.sqrt((share - low) ** 2 + (other_high - other) ** 2),
        difference + np.sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def newcombe_paired(both: int, first: int, second: int, neither: int) -> tuple[float, float, float]:
    """The share of the first less that of the second, of the same cases, and its 95% interval.

    Newcombe (1998), method 10 of paired proportions: both Wilson intervals put together by squares,
    less what the two have in common.

    Args:
        both: cases that the first and the second hit.
        first: that the first alone hit.
        second: that the second alone hit.
        neither: that none hit; at least one case in all.
    """
    count = both + first + second + neither
    hits = np.array([both + first, both + second])
    limits = [ends.tolist() for ends in wilson(hits, np.full(2, count))]
    (low, other_low), (high, other_high) = limits
    share, other = (hits / count).tolist()
    together = both * neither - first * second
    if together > 0:
        together = max(together - count / 2, 0)
    spread = float(np.prod(hits) * np.prod(count - hits)) ** 0.5
    phi = together / spread if spread else 0.0

    def half(mine: float, others: float) -> float:
        return max(mine**2 - 2 * phi * mine * others + others**2, 0) ** 0.5

    difference = (first - second) / count
    return (
        difference,
        difference - half(share - low, other_high - other),
        difference + half(high - share, other - other_low),
    )


def mean_interval(count: int, total: float, total_squared: float) -> tuple[float, float, float]:
    """A mean and its 95% interval by Student's t, from sums of at least two values.

    Args:
        count: how many values.
        total: their sum.
        total_squared: the sum of their squares.
    """
    mean = total / count
    variance = max(total_squared - count * mean**2, 0) / (count - 1)
    half = float(stdtrit(count - 1, 0.975)) * (variance / count) ** 0.5
    return mean, mean - half, mean + half
