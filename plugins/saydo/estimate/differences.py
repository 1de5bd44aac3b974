"""Differences of shares between two groups that are alike within strata only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from saydo.estimate.intervals import Z_95

_BESIDE = 1e-9


@dataclass(frozen=True)
class Difference:
    """Share of one group less that of another, -1 to 1, with a 95% interval and a p-value."""

    value: float
    low: float
    high: float
    p_value: float


def stratified_difference(
    hits: np.ndarray, counts: np.ndarray, other_hits: np.ndarray, other_counts: np.ndarray
) -> Difference | None:
    """Mantel-Haenszel difference of two shares over strata, none where no stratum has both groups.

        difference = sum w (hits/counts - other_hits/other_counts) / sum w,
        w = counts * other_counts / (counts + other_counts)

    The interval is every difference that a score test at 5% does not refuse, with the variance of
    Miettinen and Nurminen, Statistics in Medicine 4 (1985): in each stratum the shares are the
    likeliest ones that are so far apart, times N / (N - 1). At 0 that is the test of Cochran,
    Mantel and Haenszel, which gives the p-value: it is below 0.05 just where the interval leaves 0
    out. The usual variance of the difference (Greenland and Robins 1985; Sato 1989) is next to 0
    where nobody of a small group left, and so finds a sure difference by mere chance.

    Args:
        hits: who did it, of one group, (strata,).
        counts: how many there are, (strata,).
        other_hits: of the other group, (strata,).
        other_counts: of the other group, (strata,).
    """
    both = (counts > 0) & (other_counts > 0)
    if not both.any():
        return None
    table = [part[both] for part in (hits, counts, other_hits, other_counts)]
    hits, counts, other_hits, other_counts = table
    weights = counts * other_counts / (counts + other_counts)
    weights = weights / weights.sum()
    value = float(weights @ (hits / counts - other_hits / other_counts))

    def error(difference: float) -> float:
        """Standard error of the value if that were the difference."""
        other = _likeliest(difference, hits, counts, other_hits, other_counts)
        share, size = other + difference, counts + other_counts
        spread = share * (1 - share) / counts + other * (1 - other) / other_counts
        return float(np.sqrt(np.maximum(weights**2 @ (spread * size / (size - 1)), 0)))

    # Just beside the value: where all or none did it, the error at the value itself is 0.
    below, above = value - _BESIDE, value + _BESIDE
    low = high = value
    if below > -1:
        low = brentq(lambda tried: value - tried - Z_95 * error(tried), -1, below)
    if above < 1:
        high = brentq(lambda tried: value - tried + Z_95 * error(tried), above, 1)
    chance = error(0)
    p_value = 2 * float(ndtr(-abs(value) / chance)) if chance > 0 else 1.0
    return Difference(value, float(low), float(high), p_value)


def _likeliest(
    difference: float,
    hits: np.ndarray,
    counts: np.ndarray,
    other_hits: np.ndarray,
    other_counts: np.ndarray,
) -> np.ndarray:
    """Likeliest share of the other group if the groups are that far apart, (strata,).

    The middle root of the cubic that the derivative of the likelihood is (Miettinen and Nurminen
    1985, appendix I).
    """
    size, all_hits = counts + other_counts, hits + other_hits
    square = ((counts + 2 * other_counts) * difference - size - all_hits) / (3 * size)
    linear = (other_counts * difference - size - 2 * other_hits) * difference + all_hits
    linear = linear / (3 * size)
    constant = other_hits * difference * (1 - difference) / size
    turned = square**3 - 1.5 * square * linear + constant / 2
    radius = np.where(turned < 0, -1, 1) * np.sqrt(np.maximum(square**2 - linear, 0))
    cosine = np.divide(turned, radius**3, out=np.ones_like(turned), where=radius != 0)
    angle = (np.pi + np.arccos(np.clip(cosine, -1, 1))) / 3
    found = 2 * radius * np.cos(angle) - square
    return np.clip(found, max(0.0, -difference), min(1.0, 1 - difference))
