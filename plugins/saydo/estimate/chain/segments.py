"""Slopes of segments from one regression, in which months are the same for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saydo.estimate.chain.jackknife import Estimand
from saydo.estimate.chain.regression import (
    ROUNDING,
    inverse_of_months,
    month_products,
    problem_of,
    problems_of,
    pseudo_inverse,
    without_each,
)
from saydo.estimate.chain.sums import Sample


@dataclass(frozen=True)
class Slopes:
    """Coefficients of one segment by regressor, or why they cannot be had."""

    of: Mapping[str, Estimand]
    problems: Mapping[str, str]


def slopes_of_segments(
    everybody: Sample, segments: Sequence[Sample], outcome: str, regressors: Sequence[str]
) -> list[Slopes]:
    """Least squares with slopes of each segment, customers and common months taken out.

    With W = x'Mx and v = x'My of a segment and B = D'Mx, the effects of months solve
    (D'MD - sum B W^+ B') m = D'My - sum B W^+ v, and the slopes are W^+ (v - B'm): the cost is that
    of the months, however many segments there are.

    Args:
        everybody: sums of the sample.
        segments: sums of segments that have each customer once, with groups in the same order.
        outcome: the variable that is explained.
        regressors: variables that have a slope in each segment.
    """
    at = everybody.variables.index(outcome)
    columns = [everybody.variables.index(name) for name in regressors]
    left = without_each(month_products(everybody))
    right = without_each(everybody.month_within[:, :, [at]])
    parts = []
    for segment in segments:
        within = without_each(segment.within)
        totals = np.zeros((len(within), everybody.month_count, len(columns)))
        rows = np.searchsorted(np.array(everybody.months), np.array(segment.months))
        totals[:, rows] = without_each(segment.month_within[:, :, columns])
        products, answers = within[:, columns][:, :, columns], within[:, columns][:, :, [at]]
        raw = np.diag(segment.raw.sum(axis=0))
        sizes = np.diag(products[0])
        varies = sizes > ROUNDING * raw[columns]
        inverse, rank = pseudo_inverse(products, varies)
        explained = totals @ inverse
        left = left - explained @ np.swapaxes(totals, 1, 2)
        right = right - explained @ answers
        found = problems_of(regressors, products[0], varies)
        problem = problem_of(outcome, within[:, at, at], raw[at])
        if problem:
            found = dict.fromkeys(regressors, problem)
        parts.append((segment, inverse, answers, totals, rank, found))
    months = inverse_of_months(left)[0] @ right
    slopes = []
    for segment, inverse, answers, totals, rank, found in parts:
        values = (inverse @ (answers - np.swapaxes(totals, 1, 2) @ months))[:, :, 0]
        values[rank < rank[0]] = np.nan
        of = {
            name: Estimand(values[:, number], segment.group_count)
            for number, name in enumerate(regressors)
        }
        slopes.append(Slopes(of, found))
    return slopes
