"""Intervals of ratios."""

from __future__ import annotations

import numpy as np

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
    hits: int, count: int, other_hits: int, other_count: int
) -> tuple[float, float, float]:
    """Difference of two independent shares, hits / count - other_hits / other_count, and its ends.

    Newcombe, Statistics in Medicine 17 (1998), method 10: the 95% score intervals of both shares,
    put together; in -1 to 1 whatever the counts. Each count is 1 at least.
    """
    shares = np.array([hits, other_hits]) / np.array([count, other_count])
    low, high = wilson(np.array([hits, other_hits]), np.array([count, other_count]))
    value = float(shares[0] - shares[1])
    below = float(np.hypot(shares[0] - low[0], high[1] - shares[1]))
    above = float(np.hypot(high[0] - shares[0], shares[1] - low[1]))
    return value, value - below, value + above
