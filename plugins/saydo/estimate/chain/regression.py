"""Least squares from sums: of all customers, and without each group of them.

Months are taken out of the sums first (Frisch-Waugh-Lovell), so that every regression of a sample
is a small system of equations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saydo.estimate.chain import reasons
from saydo.estimate.chain.jackknife import Estimand
from saydo.estimate.chain.sums import Sample

# Of what there was to vary, less than this is rounding.
ROUNDING = 1e-10
# Shares of eigenvalues below this are no direction of their own.
_FLAT = 1e-8
# One group of some hundred is to hold a hundredth or so of what an outcome varies.
_HELD_SHARE = 0.5


@dataclass(frozen=True)
class Moments:
    """Products of variables once customers and months, or months alone, are taken out.

    `products` is (1 + G, P, P): of all customers, then without each group. `sizes`, (P,), is what
    the products of each with itself came from, to tell what varies from rounding.
    """

    variables: tuple[str, ...]
    products: np.ndarray
    sizes: np.ndarray
    group_count: int


@dataclass(frozen=True)
class Fit:
    """Coefficients, (1 + G, regressors), and why some of them, or all, cannot be had."""

    names: tuple[str, ...]
    coefficients: np.ndarray
    group_count: int
    problems: Mapping[str, str]

    def why_not(self, name: str) -> str | None:
        """The reason for which there is no such coefficient."""
        return self.problems.get(name)

    def of(self, name: str) -> Estimand:
        """The coefficient of a regressor, of all customers and without each group."""
        return Estimand(self.coefficients[:, self.names.index(name)], self.group_count)


def without_each(by_group: np.ndarray) -> np.ndarray:
    """Sums over all groups, then over all but each: (1 + G, ...) of (G, ...)."""
    total = by_group.sum(axis=0, keepdims=True)
    return np.concatenate([total, total - by_group])


def within_moments(sample: Sample) -> Moments:
    """Customers and months taken out, exactly for customers with some months only.

    x'Mx - x'MD (D'MD)^+ D'Mx, where M takes out customers' means and D has a column per month:
    D'MD = diag(w_t) - sum over customers of w_t w_s / W.
    """
    months = without_each(month_products(sample))
    totals = without_each(sample.month_within)
    products = without_each(sample.within)
    sizes = np.einsum("ii->i", products[0]).copy()
    raw = np.einsum("gii->i", sample.raw)
    sizes[sizes <= ROUNDING * raw] = 0
    products = products - take_out(months, totals)
    return Moments(sample.variables, products, sizes, sample.group_count)


def pooled_moments(sample: Sample) -> Moments:
    """Months taken out, customers left in: what differs between customers counts, too."""
    totals = without_each(sample.month_raw)
    weights = without_each(sample.month_weight)[:, :, None]
    means = np.divide(totals, weights, out=np.zeros_like(totals), where=weights > ROUNDING)
    products = without_each(sample.raw)
    sizes = np.einsum("ii->i", products[0]).copy()
    products = products - np.swapaxes(totals, 1, 2) @ means
    return Moments(sample.variables, products, sizes, sample.group_count)


def month_products(sample: Sample) -> np.ndarray:
    """D'MD of each group, (G, T, T)."""
    return sample.month_weight[:, :, None] * np.eye(sample.month_count) - sample.shared


def take_out(months: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """What months explain of products: totals' months^+ totals, (n, P, P) of (n, T, T), (n, T, P).

    Months add up to the customers, so that one of each connected set is redundant; those whose
    customers are seen once alone have no products at all.
    """
    inverse, _ = inverse_of_months(months)
    return np.swapaxes(totals, 1, 2) @ inverse @ totals


def inverse_of_months(months: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pseudo-inverses of (n, T, T) products of months, and their ranks."""
    sizes = np.einsum("gtt->gt", months)
    return pseudo_inverse(months, sizes > ROUNDING * sizes.max(initial=0))


def pseudo_inverse(products: np.ndarray, varies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverses of (n, k, k) products on the directions that have a length, and how many these are.

    Args:
        products: symmetric, of variables in units of their own.
        varies: which variables to take, (k,) or (n, k).
    """
    sizes = np.einsum("nkk->nk", products)
    alive = varies & (sizes > 0)
    scale = np.where(alive, 1 / np.sqrt(np.where(alive, sizes, 1)), 0)
    values, vectors = np.linalg.eigh(products * scale[:, :, None] * scale[:, None, :])
    kept = values > _FLAT
    lengths = np.where(kept, 1 / np.where(kept, values, 1), 0)
    inverse = (vectors * lengths[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    return inverse * scale[:, :, None] * scale[:, None, :], kept.sum(axis=1)


def problems_of(names: Sequence[str], products: np.ndarray, varies: np.ndarray) -> dict[str, str]:
    """Which regressors of (k, k) products do not vary, or only together with others."""
    found = {
        name: reasons.never_varies(name)
        for name, moves in zip(names, varies, strict=True)
        if not moves
    }
    scale = np.where(varies, 1 / np.sqrt(np.where(varies, np.diag(products), 1)), 0)
    values, vectors = np.linalg.eigh(products * np.outer(scale, scale))
    # How much of a regressor lies in directions without a length.
    flat = (vectors[:, values <= _FLAT] ** 2).sum(axis=1)
    mixed = [
        name
        for name, share, moves in zip(names, flat, varies, strict=True)
        if moves and share > _FLAT
    ]
    return found | dict.fromkeys(mixed, reasons.not_apart(mixed))


def fit(moments: Moments, outcome: str, regressors: Mapping[str, tuple[str, ...]]) -> Fit:
    """Least squares of one variable on regressors, each a sum of variables.

    A regressor that does not vary, or not apart from others, has a problem and no coefficient; the
    others stand. An outcome that does not vary, or does for one group's sake, is one of all.

    Args:
        moments: products of the sample.
        outcome: the variable that is explained.
        regressors: names of regressors, and the variables that each is the sum of.
    """
    names = tuple(regressors)
    design = np.array([[float(v in regressors[name]) for name in names] for v in moments.variables])
    at = moments.variables.index(outcome)
    products = design.T @ moments.products @ design
    answers = (moments.products[:, at] @ design)[:, :, None]
    varies = np.diag(products[0]) > ROUNDING * np.maximum(design.T @ moments.sizes, 0)
    inverse, rank = pseudo_inverse(products, varies)
    coefficients = (inverse @ answers)[:, :, 0]
    # Without that group something no longer varies: there is no estimate to compare with.
    coefficients[rank < rank[0]] = np.nan
    problems = problems_of(names, products[0], varies)
    problem = problem_of(outcome, moments.products[:, at, at], moments.sizes[at])
    if problem:
        problems = dict.fromkeys(names, problem)
    return Fit(names, coefficients, moments.group_count, problems)


def problem_of(outcome: str, products: np.ndarray, size: float) -> str | None:
    """Whether an outcome's (1 + G,) products with itself vary, and not for one group's sake."""
    if products[0] <= ROUNDING * size:
        return reasons.never_varies(outcome)
    if (products[1:] < (1 - _HELD_SHARE) * products[0]).any():
        return reasons.held_by_few(outcome)
    return None
