"""How sure an estimate is, from the estimates without one group of customers each.

Any function of estimates has a standard error this way, a product or an amount of money, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

LEVEL = 0.95


@dataclass(frozen=True)
class Estimand:
    """An estimate and, for each group of customers in one order, the estimate without it.

    `values` is (1 + G,): of all, then without each group; a group that has no customer in the
    sample changes nothing. `group_count` is the number of groups with customers.
    """

    values: np.ndarray
    group_count: int

    def __add__(self, other: Estimand) -> Estimand:
        return Estimand(self.values + other.values, min(self.group_count, other.group_count))

    def __sub__(self, other: Estimand) -> Estimand:
        return self + other * -1

    def __mul__(self, other: Estimand | float) -> Estimand:
        if isinstance(other, Estimand):
            return Estimand(self.values * other.values, min(self.group_count, other.group_count))
        return Estimand(self.values * other, self.group_count)

    @property
    def estimate(self) -> float:
        """That of all customers."""
        return float(self.values[0])

    @property
    def is_sure(self) -> bool:
        """Whether it can be had without any one group, so that its error is known."""
        return bool(np.isfinite(self.values).all()) and self.group_count > 1


@dataclass(frozen=True)
class Inference:
    """A 95% interval of Student's t, and the two-sided p-value of no effect."""

    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float


def covariance(estimands: Sequence[Estimand]) -> np.ndarray:
    """Joint covariance by the delete-a-group jackknife, (n, n).

    (G - 1) / G sum (e_g - e)(e_g - e)', about the estimate of all. Kott, Journal of Official
    Statistics 17 (2001); as CRV3 of MacKinnon, Nielsen and Webb, Journal of Econometrics 232
    (2023), with the groups as clusters.
    """
    count = min(estimand.group_count for estimand in estimands)
    values = np.stack([estimand.values for estimand in estimands])
    away = values[:, 1:] - values[:, :1]
    return (count - 1) / count * (away @ away.T)


def multiplier(estimand: Estimand) -> float:
    """Standard errors from the estimate to the ends of its interval: t of groups - 1."""
    return float(student.ppf((1 + LEVEL) / 2, estimand.group_count - 1))


def infer(estimand: Estimand) -> Inference:
    """Interval and p-value of an estimand that is sure."""
    error = float(np.sqrt(covariance([estimand])[0, 0]))
    half = multiplier(estimand) * error
    value = estimand.estimate
    distance = abs(value) / error if error > 0 else np.inf if value else 0.0
    chance = 2 * float(student.sf(distance, estimand.group_count - 1))
    return Inference(value, error, value - half, value + half, chance)
