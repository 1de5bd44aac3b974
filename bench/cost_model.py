"""What a step costs, as a line through measured points, and what it says of larger businesses.

    CPU seconds = fixed + the sum of a_term × term

The terms of each step are in TERMS, and no coefficient is below 0. Points held out of the fit say
how far a line can be trusted between the points; beyond them it is a guess that nothing jumps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

Point = dict[str, Any]

_BY_MONTH = ("customers", "customer-months")
TERMS: dict[str, tuple[str, ...]] = {
    "land": ("rows",),
    "check_sources": ("rows",),
    "full": ("customers", "rows"),
    "gate_marts": _BY_MONTH,
    "publish": _BY_MONTH,
    "report": (),
    "day": _BY_MONTH,
}
STEPS = tuple(TERMS)
DAYS_A_MONTH = 31  # of the month that one day's build makes again, at its end


@dataclass(frozen=True)
class Line:
    """The coefficients of a step, in CPU seconds, by term."""

    step: str
    fixed: float
    by_term: Mapping[str, float]

    def seconds(self, sizes: Mapping[str, float]) -> float:
        """What the step takes of a business of these sizes, by term, in CPU seconds."""
        return self.fixed + sum(each * sizes[term] for term, each in self.by_term.items())


def sizes_of(point: Point) -> dict[str, float]:
    """The terms of a measured point: rows are what landing loaded, of all sources."""
    return {
        "customers": point["customers"],
        "customer-months": point["customers"] * point["months"],
        "rows": sum(source["loaded"] for source in point["rows"].values()),
    }


def fit(points: Sequence[Point], step: str) -> Line | None:
    """The line of a step with the least relative errors; None: too few points for its terms.

    Relative, as else the largest business alone would decide, and the fixed part would be noise.
    """
    known = [point for point in points if step in point["steps"]]
    if len(known) <= len(TERMS[step]):
        return None
    cpu = np.array([point["steps"][step]["cpu"] for point in known])
    sizes = [sizes_of(point) for point in known]
    terms = np.array([[1.0, *(size[term] for term in TERMS[step])] for size in sizes])
    scale = terms.max(axis=0)
    found, _ = nnls(terms / scale / cpu[:, None], np.ones(len(known)))
    fixed, *each = (found / scale).tolist()
    return Line(step, fixed, dict(zip(TERMS[step], each, strict=True)))


def of_one_day(
    lines: Mapping[str, Line], customers: float, a_day: float, months: float, usual: float
) -> dict[str, float]:
    """CPU seconds of each step of one day's run, and of a full refresh.

    The day's build makes the facts of the running month again. Those of a month as the points have
    it are within its term of customers; what there is more costs what a row costs a full refresh.

    Args:
        lines: by step.
        customers: how many.
        a_day: rows delivered a day.
        months: of history that is kept.
        usual: rows a customer and day of the points.
    """
    sizes = {"customers": customers, "customer-months": customers * months}
    history = a_day * 365 / 12 * months
    spent = {
        step: line.seconds(sizes | {"rows": history if step == "full" else a_day})
        for step, line in lines.items()
    }
    if {"full", "day"} <= lines.keys():
        more = max(0.0, a_day - usual * customers) * DAYS_A_MONTH
        spent["day"] += lines["full"].by_term["rows"] * more
    return spent
