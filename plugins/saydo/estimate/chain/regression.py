"""Least squares from sums: of all customers, and without each group of them.

Months are taken out of the sums first (Frisch-Waugh-Lovell), so that every regression of a sample
is a small system of equations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from saydo.estimate.chain import reasons
from saydo.estimate.chain.jackknife import Estimand
from saydo.estimate.chain.sums import Sample

# Of what there was to vary, less than this is rounding.
_ROUNDING = 1e-10
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
    sizes[sizes <= _ROUNDING * raw] = 0
    products = products - take_out(months, totals)
    return Moments(sample.variables, products, sizes, sample.group_count)


def pooled_moments(sample: Sample) -> Moments:
    """Months taken out, customers left in: what differs between customers counts, too."""
    totals = without_each(sample.month_raw)
    weights = without_each(sample.month_weight)[:, :, None]
    means = np.divide(totals, weights, out=np.zeros_like(totals), where=weights > _ROUNDING)
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
    if not months.shape[1]:
        return np.zeros((len(totals), totals.shape[2], totals.shape[2]))
    root = np.sqrt(np.maximum(np.einsum("gtt->gt", months), 0))
    least = np.sqrt(_ROUNDING) * root.max()
    scale = np.divide(1.0, root, out=np.zeros_like(root), where=root > least)
    values, vectors = np.linalg.eigh(months * scale[:, :, None] * scale[:, None, :])
    lengths = np.where(values > _FLAT, 1 / np.where(values > _FLAT, values, 1), 0)
    turned = np.swapaxes(vectors, 1, 2) @ (totals * scale[:, :, None])
    return np.swapaxes(turned, 1, 2) @ (turned * lengths[:, :, None])


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
    design = np.array(
        [[float(v in regressors[name]) for name in names] for v in moments.variables]
    )
    at = moments.variables.index(outcome)
    products = design.T @ moments.products @ design
    answers = (moments.products[:, at] @ design)[:, :, None]
    varies = np.diag(products[0]) > _ROUNDING * np.maximum(design.T @ moments.sizes, 0)
    problems = {
        name: reasons.never_varies(name) for name, moves in zip(names, varies, strict=True) if not moves
    }
    scale = np.where(varies, 1 / np.sqrt(np.where(varies, np.diag(products[0]), 1)), 0)
    values, vectors = np.linalg.eigh(products * np.outer(scale, scale))
    kept = values > _FLAT
    flat = vectors[0][:, ~kept[0]]
    mixed = [
        name
        for name, share, moves in zip(names, (flat**2).sum(axis=1), varies, strict=True)
        if share > _FLAT and moves
    ]
    problems |= {name: reasons.not_apart(mixed) for name in mixed}
    turned = np.swapaxes(vectors, 1, 2) @ (answers * scale[:, None])
    solved = vectors @ np.where(kept[:, :, None], turned / np.where(kept, values, 1)[:, :, None], 0)
    coefficients = solved[:, :, 0] * scale
    # Without that group something no longer varies: there is no estimate to compare with.
    coefficients[kept.sum(axis=1) < kept[0].sum()] = np.nan
    of_outcome = moments.products[:, at, at]
    if of_outcome[0] <= _ROUNDING * moments.sizes[at]:
        problems = dict.fromkeys(names, reasons.never_varies(outcome))
    elif (of_outcome[1:] < (1 - _HELD_SHARE) * of_outcome[0]).any():
        problems = dict.fromkeys(names, reasons.held_by_few(outcome))
    return Fit(names, coefficients, moments.group_count, problems)
