"""What a step costs, as a line through measured points, and what it says of larger businesses.

    CPU seconds = fixed + a_customer × customers + a_row × rows

All three are at least 0. Rows are what landing loaded; a step of landing and the source gate has no
term of customers. A point held out of the fit says how far the line can be trusted between the
points; beyond them it is a guess that nothing jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

Point = dict[str, Any]

BY_ROWS = ("land", "check_sources")
STEPS = (*BY_ROWS, "full", "gate_marts", "publish", "report", "day")


@dataclass(frozen=True)
class Line:
    """The coefficients of a step, in CPU seconds, and the points it was drawn through."""

    step: str
    fixed: float
    a_customer: float
    a_row: float

    def seconds(self, customers: float, rows: float) -> float:
        """What the step takes of a business, in CPU seconds."""
        return self.fixed + self.a_customer * customers + self.a_row * rows


def rows_of(point: Point) -> int:
    """How many rows landing loaded, of all sources."""
    return sum(source["loaded"] for source in point["rows"].values())


def cells_of(point: Point) -> int:
    """Rows × columns of what landing loaded, of all sources."""
    return sum(source["loaded"] * source["columns"] for source in point["rows"].values())


def fit(points: Sequence[Point], step: str) -> Line | None:
    """The line of a step with the least relative errors; None: it was measured in fewer than three.

    Relative, as else the largest business alone would decide, and the fixed part would be noise.
    """
    known = [point for point in points if step in point["steps"]]
    if len(known) < 3:
        return None
    cpu = np.array([point["steps"][step]["cpu"] for point in known])
    terms = np.array(
        [
            [1.0, 0.0 if step in BY_ROWS else point["customers"], rows_of(point)]
            for point in known
        ]
    )
    scale = np.where(terms.max(axis=0) > 0, terms.max(axis=0), 1.0)
    found, _ = nnls(terms / scale / cpu[:, None], np.ones(len(known)))
    fixed, a_customer, a_row = found / scale
    return Line(step, float(fixed), float(a_customer), float(a_row))
