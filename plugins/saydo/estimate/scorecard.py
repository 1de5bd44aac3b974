"""An additive scorecard: a score as the sum of points of bands, fitted on sums by cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag, solve_triangular
from scipy.optimize import lsq_linear
from scipy.sparse import csr_array

LOWEST, HIGHEST = 0.0, 10.0  # of the scale that all scores are on


@dataclass(frozen=True)
class Levels:
    """Levels of one feature. The first `ordered_count` are in order, and their points keep to
    `direction`: 1 never fall, -1 never rise, 0 do as they like. The rest have no order.
    """

    count: int
    ordered_count: int = 0
    direction: int = 0


@dataclass(frozen=True)
class Cells:
    """Answers with the same levels of all features, by group of customers.

    `levels` is (cells, features), numbered from 0 within a feature; `groups` (cells,) from 0;
    `counts`, `totals` and `squares` (cells,): answers, the sum of their scores and of the squares.
    """

    levels: np.ndarray
    groups: np.ndarray
    counts: np.ndarray
    totals: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True)
class Scorecard:
    """Points in the order of the features and of their levels, (levels,).

    The mean of a feature's points over customers is 0, so `intercept` is the customers' mean. An
    `out_of_fold_error` is the root of the mean squared error of predictions, each made from the
    other groups alone and kept on 0-10; `out_of_fold_r2` is the share of the answers' variance
    that they tell. What no answer speaks for has neither error, and is nan there.
    """

    intercept: float
    points: np.ndarray
    intercept_standard_error: float
    standard_errors: np.ndarray
    answer_counts: np.ndarray
    out_of_fold_errors: np.ndarray
    out_of_fold_error: float
    out_of_fold_r2: float


def fit_scorecard(
    cells: Cells, features: Sequence[Levels], customers: np.ndarray, ridge: float
) -> Scorecard:
    """Points that explain the answers, with how sure they are and how far predictions are off.

    Points minimise sum(answers x (mean of cell - prediction)^2) + ridge x sum(points^2): a level
    that n answers speak for and that goes with no other is moved by ridge / (n + ridge) of its way
    to the answers' mean, and one that nobody speaks for is there. A direction is a bound on the
    steps from level to level, so that the least squares under it are found exactly.

    Standard errors are by the delete-a-group jackknife, (G - 1) / G x sum over the G groups of the
    squared distance of the fit without the group from the mean of these fits (Kott, Journal of
    Official Statistics 17, 2001). They hold for customers who answered several times. They are of
    the points as shrunk and bounded: how far that takes them off is not in them.

    Args:
        cells: the answers, of at least two groups.
        features: how many levels there are of each, and their direction.
        customers: the customers in each level, (levels,), whose mean points are to be 0; where a
            feature has none, the answers' mean is.
        ridge: answers that move a level half of its way; above 0.
    """
    offsets = np.cumsum([0] + [feature.count for feature in features[:-1]])
    columns = cells.levels + offsets
    group_count = int(cells.groups.max()) + 1
    products, totals = _sums_by_group(cells, columns, sum(f.count for f in features), group_count)
    whole_products, whole_totals = products.sum(axis=0), totals.sum(axis=0)
    fits = [_fit(whole_products, whole_totals, features, ridge)] + [
        _fit(whole_products - products[group], whole_totals - totals[group], features, ridge)
        for group in range(group_count)
    ]
    counts = np.diag(whole_products)
    centred = [_centred(*fit, features, customers, counts) for fit in fits]
    intercepts = np.array([intercept for intercept, _ in centred])
    points = np.array([of_levels for _, of_levels in centred])

    predicted = np.array(
        [intercept + of_levels[columns].sum(axis=1) for intercept, of_levels in fits[1:]]
    )
    own = np.clip(predicted[cells.groups, np.arange(len(columns))], LOWEST, HIGHEST)
    squared = cells.squares - 2 * own * cells.totals + own**2 * cells.counts
    of_levels = np.bincount(columns.ravel(), np.repeat(squared, len(features)), len(counts))
    answers = cells.counts.sum()
    variation = cells.squares.sum() - cells.totals.sum() ** 2 / answers
    is_told = counts > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.sqrt(np.maximum(of_levels, 0) / counts)
    return Scorecard(
        intercept=float(intercepts[0]),
        points=points[0],
        intercept_standard_error=float(_jackknife(intercepts[1:])),
        standard_errors=np.where(is_told, _jackknife(points[1:]), np.nan),
        answer_counts=counts,
        out_of_fold_errors=np.where(is_told, errors, np.nan),
        out_of_fold_error=float(np.sqrt(squared.sum() / answers)),
        out_of_fold_r2=float(1 - squared.sum() / variation) if variation > 0 else np.nan,
    )


def _sums_by_group(
    cells: Cells, columns: np.ndarray, level_count: int, group_count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Answers in each pair of levels, (groups, levels, levels), and totals, (groups, levels)."""
    rows = np.repeat(np.arange(len(columns)), columns.shape[1])
    shape = (len(columns), level_count)
    is_in = csr_array((np.ones(columns.size), (rows, columns.ravel())), shape=shape)
    products = np.empty((group_count, level_count, level_count))
    totals = np.empty((group_count, level_count))
    for group in range(group_count):
        own = np.flatnonzero(cells.groups == group)
        of_group = is_in[own]
        products[group] = (of_group.T @ of_group.multiply(cells.counts[own, None])).toarray()
        totals[group] = of_group.T @ cells.totals[own]
    return products, totals


def _fit(
    products: np.ndarray, totals: np.ndarray, features: Sequence[Levels], ridge: float
) -> tuple[float, np.ndarray]:
    """The answers' mean, and points whose mean over the answers is 0 in each feature."""
    counts = np.diag(products)
    answers, total = counts[: features[0].count].sum(), totals[: features[0].count].sum()
    starts = np.cumsum([0] + [feature.count for feature in features])
    steps, lowest = [], []
    for feature, start in zip(features, starts[:-1], strict=True):
        step, least = _steps(feature, counts[start : start + feature.count] / answers)
        steps.append(step)
        lowest.append(least)
    step, least = block_diag(*steps), np.concatenate(lowest)
    if not len(least):
        return total / answers, np.zeros(len(counts))
    # The least squares of the root of the products are those of the cells.
    root = np.linalg.cholesky(step.T @ (products + ridge * np.eye(len(counts))) @ step)
    target = solve_triangular(root, step.T @ totals, lower=True)
    found = lsq_linear(root.T, target, bounds=(least, np.inf), method="bvls")
    return total / answers, step @ found.x


def _steps(feature: Levels, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How a feature's points come of steps from level to level, (levels, levels - 1), less their
    mean over the answers; and the least that each step may be.
    """
    size, ordered = feature.count, max(feature.ordered_count, 1)
    steps = np.eye(size)
    if feature.direction:
        steps[:ordered, :ordered] = feature.direction * np.tri(ordered)
    steps = steps[:, 1:]
    least = np.full(size - 1, -np.inf)
    if feature.direction:
        least[: ordered - 1] = 0
    return steps - shares @ steps, least


def _centred(
    intercept: float,
    points: np.ndarray,
    features: Sequence[Levels],
    customers: np.ndarray,
    counts: np.ndarray,
) -> tuple[float, np.ndarray]:
    points, start = points.copy(), 0
    for feature in features:
        of_feature = slice(start, start + feature.count)
        weights = customers[of_feature] if customers[of_feature].any() else counts[of_feature]
        mean = weights @ points[of_feature] / weights.sum()
        points[of_feature] -= mean
        intercept += mean
        start += feature.count
    return intercept, points


def _jackknife(fits: np.ndarray) -> np.ndarray:
    size = len(fits)
    return np.sqrt((size - 1) / size * ((fits - fits.mean(axis=0)) ** 2).sum(axis=0))
