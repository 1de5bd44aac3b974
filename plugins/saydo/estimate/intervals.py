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
