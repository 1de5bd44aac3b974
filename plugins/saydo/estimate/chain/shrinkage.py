"""Effects of segments drawn towards what they have in common, the more the less each is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq


@dataclass(frozen=True)
class Shrunk:
    """Of each segment, (n,): the estimate, its standard error, and how much of its own is left.

    `kept` is 1 where segments differ far more than chance explains, 0 where they do not at all;
    `common` is what they are drawn towards.
    """

    estimates: np.ndarray
    errors: np.ndarray
    kept: np.ndarray
    common: float


def shrink(estimates: np.ndarray, errors: np.ndarray) -> Shrunk:
    """Empirical Bayes: common + kept (own - common), kept = v / (v + error^2).

    v, the variance between segments, is that of Paule and Mandel, Journal of Research of the
    National Bureau of Standards 87 (1982): the one at which the weighted squares of the distances
    are as many as there are segments, less one; 0 where they are fewer. The error adds that of the
    common effect: kept error^2 + (1 - kept)^2 var(common). Morris, Journal of the American
    Statistical Association 78 (1983).

    Args:
        estimates: the own effect of each segment, (n,), n >= 1.
        errors: standard errors of these, all above 0.
    """
    count = len(estimates)

    def excess(between: float) -> float:
        weights = 1 / (between + errors**2)
        common = (weights @ estimates) / weights.sum()
        return float(weights @ (estimates - common) ** 2 - (count - 1))

    between = 0.0
    if count > 1 and excess(0.0) > 0:
        top = float(np.var(estimates, ddof=1)) * count
        between = brentq(excess, 0.0, top)
    weights = 1 / (between + errors**2)
    common = float((weights @ estimates) / weights.sum())
    kept = between / (between + errors**2)
    drawn = common + kept * (estimates - common)
    spread = np.sqrt(kept * errors**2 + (1 - kept) ** 2 / weights.sum())
    return Shrunk(drawn, spread, kept, common)
