"""Differences between the variants of an experiment, from exact sums over customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from scipy.stats import chisquare
from scipy.stats import t as student

from saydo.estimate.intervals import Z_95


@dataclass(frozen=True)
class Sums:
    """Of customers: their number, and sums of y (after) and x (before), of squares and products."""

    count: int
    x: Fraction
    y: Fraction
    xx: Fraction
    xy: Fraction
    yy: Fraction

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, n) + getattr(other, n) for n in self.__dataclass_fields__))

    @property
    def spread_x(self) -> Fraction:
        """Sum of squares of x about its mean."""
        return self.xx - self.x**2 / self.count

    @property
    def spread_y(self) -> Fraction:
        """Sum of squares of y about its mean."""
        return self.yy - self.y**2 / self.count

    @property
    def spread_xy(self) -> Fraction:
        """Sum of products about the means."""
        return self.xy - self.x * self.y / self.count


@dataclass(frozen=True)
class Adjustment:
    """CUPED: y - theta (x - mean of x), for all variants of one experiment alike.

    Deng, Xu, Kohavi and Walker, WSDM 2013. `reduction` is the share of the variance of y that
    this takes away, 0-1.
    """

    theta: Fraction
    mean_x: Fraction
    reduction: float

    def mean(self, of: Sums) -> Fraction:
        """Mean of the adjusted y."""
        return of.y / of.count - self.theta * (of.x / of.count - self.mean_x)

    def error(self, of: Sums) -> Fraction:
        """Squared standard error of that mean; needs two customers."""
        spread = of.spread_y - 2 * self.theta * of.spread_xy + self.theta**2 * of.spread_x
        return spread / (of.count - 1) / of.count


@dataclass(frozen=True)
class Difference:
    """One variant less the control, in the unit of y, with a 95% interval and a p-value."""

    value: float
    standard_error: float
    degrees: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Quotient:
    """Change of an outcome per unit of what moved it, with a 95% interval."""

    value: float
    standard_error: float
    low: float
    high: float


def adjustment(variants: Sequence[Sums]) -> Adjustment:
    """theta = cov(x, y) / var(x) over customers of all variants together; 0 where x is constant.

    Args:
        variants: the sums of each variant, with a customer between them.
    """
    everybody = sum(variants[1:], start=variants[0])
    theta = everybody.spread_xy / everybody.spread_x if everybody.spread_x else Fraction(0)
    explained = theta * everybody.spread_xy
    reduction = float(explained / everybody.spread_y) if everybody.spread_y else 0.0
    return Adjustment(theta, everybody.x / everybody.count, reduction)


def welch(adjusted: Adjustment, treated: Sums, control: Sums) -> Difference | None:
    """Difference of the adjusted means with Welch's interval; none where nothing varies.

    Degrees of freedom by Satterthwaite, Biometrics Bulletin 2 (1946).

    Args:
        adjusted: what takes out how customers differed before.
        treated: a variant, of two customers at least.
        control: what it is held against, of two customers at least.
    """
    one, other = adjusted.error(treated), adjusted.error(control)
    if one + other == 0:
        return None
    degrees = float(
        (one + other) ** 2 / (one**2 / (treated.count - 1) + other**2 / (control.count - 1))
    )
    value = float(adjusted.mean(treated) - adjusted.mean(control))
    error = sqrt(one + other)
    half = float(student.ppf(0.975, degrees)) * error
    p_value = 2 * float(student.sf(abs(value) / error, degrees))
    return Difference(value, error, degrees, value - half, value + half, p_value)


def sample_ratio_p_value(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Chance of shares this far from the plan, if it was followed (chi-square).

    Args:
        counts: customers by variant, with one between them.
        shares: what was planned for each, in any unit.
    """
    expected = [sum(counts) * share / sum(shares) for share in shares]
    return float(chisquare(counts, expected).pvalue)


def quotient(
    outcome: Difference, moved: Difference, covariance: float, least_t: float
) -> Quotient | None:
    """Wald's estimate: how much the outcome changes per unit of what the experiment moved.

    That is the effect of the one on the other as far as the experiment changes the outcome in no
    other way. The standard error is by the delta method; the interval is Fieller's (1954): every
    quotient that a test at 5% does not refuse, and so not symmetrical.

    Args:
        outcome: its difference.
        moved: difference of what is divided by.
        covariance: of the two differences.
        least_t: standard errors that `moved` is at least away from 0, above 1.96; else none.
    """
    by = moved.value
    if abs(by) <= least_t * moved.standard_error:
        return None
    value = outcome.value / by
    top, bottom = outcome.standard_error**2, moved.standard_error**2
    error = sqrt(max(top - 2 * value * covariance + value**2 * bottom, 0)) / abs(by)
    square = by**2 - Z_95**2 * bottom
    middle = outcome.value * by - Z_95**2 * covariance
    last = outcome.value**2 - Z_95**2 * top
    half = sqrt(max(middle**2 - square * last, 0))
    return Quotient(value, error, (middle - half) / square, (middle + half) / square)
