"""The estimate `journey_paths`: what satisfaction did over each path, and after which step most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.intervals import mean_interval

PATHS = "int_journey_paths_summarised"
STEPS = "int_journey_path_steps_summarised"
# Means closer than this are one: the same answers stand before and after both steps.
_SAME = 1e-9
SCHEMA = pa.schema(
    [
        ("start_type", pa.string()),
        ("path", pa.string()),
        ("path_step_count", pa.int64()),
        ("worst_step", pa.string()),
        ("worst_step_number", pa.int64()),
        ("journey_count", pa.int64()),
        ("customer_count", pa.int64()),
        ("answered_customer_count", pa.int64()),
        ("resolved_ratio", pa.float64()),
        ("left_ratio", pa.float64()),
        ("median_hours", pa.float64()),
        ("satisfaction_change", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("worst_step_change", pa.float64()),
        ("worst_step_ci_low", pa.float64()),
        ("worst_step_ci_high", pa.float64()),
        ("is_association", pa.bool_()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per path and what it starts with.

    Shares are of the journeys that are over, 0-1; changes are in points of the 0-10 scale, means of
    customers (each with the mean of his journeys) with a 95% t interval, of at least
    `journeys.min_customers` with an answer before and after.
    """
    least = policy.journeys.min_customers
    of_path: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for step in sums[STEPS].to_pylist():
        of_path[step["start_type"], step["path"]].append(step)
    rows = [
        _row(path, of_path[path["start_type"], path["path"]], least)
        for path in sums[PATHS].to_pylist()
    ]
    told = sum(row["satisfaction_change"] is not None for row in rows)
    worst = sum(row["worst_step"] is not None for row in rows)
    return Estimate(
        pa.Table.from_pylist(rows, SCHEMA),
        {"paths": len(rows), "paths_with_change": told, "paths_with_worst_step": worst},
    )


def worst_step(means: Sequence[float], counts: Sequence[int], least: int) -> int | None:
    """Position of the step after which the change is lowest; None where nothing tells it.

    Args:
        means: of each step of a path, the mean change from the last answer before it to the first
            after it.
        counts: customers that each is a mean of.
        least: how many of them suffice.

    A path of one step has no other to compare with. Two steps tie where no answer was ever given
    between them: then nobody can say which of them it was.
    """
    known = [position for position, count in enumerate(counts) if count >= max(least, 1)]
    if len(known) < 2:
        return None
    first, second = sorted(known, key=lambda position: (means[position], position))[:2]
    return None if means[second] - means[first] < _SAME else first


def _row(path: Mapping[str, Any], steps: Sequence[dict[str, Any]], least: int) -> dict[str, Any]:
    steps = sorted(steps, key=lambda step: step["path_step_number"])
    counts = [step["answered_customer_count"] for step in steps]
    means = [
        float(step["total_change"]) / count if count else np.nan
        for step, count in zip(steps, counts, strict=True)
    ]
    at = worst_step(means, counts, least)
    over, answered = path["closed_count"], path["answered_customer_count"]
    nothing = (None, None, None)
    change, low, high = _change(path) if answered >= max(least, 2) else nothing
    worst_change, worst_low, worst_high = nothing if at is None else _change(steps[at])
    return {
        "start_type": path["start_type"],
        "path": path["path"],
        "path_step_count": len(steps),
        "worst_step": None if at is None else steps[at]["event_type"],
        "worst_step_number": None if at is None else at + 1,
        "journey_count": path["journey_count"],
        "customer_count": path["customer_count"],
        "answered_customer_count": answered,
        "resolved_ratio": path["resolved_count"] / over if over else None,
        "left_ratio": path["left_count"] / path["journey_count"],
        "median_hours": None if path["median_hours"] is None else float(path["median_hours"]),
        "satisfaction_change": change,
        "ci_low": low,
        "ci_high": high,
        "worst_step_change": worst_change,
        "worst_step_ci_low": worst_low,
        "worst_step_ci_high": worst_high,
        "is_association": True,
    }


def _change(sums: Mapping[str, Any]) -> tuple[float, float, float]:
    return mean_interval(
        sums["answered_customer_count"],
        float(sums["total_change"]),
        float(sums["total_squared_change"]),
    )


JOURNEY_PATHS = Estimator("journey_paths", (PATHS, STEPS), SCHEMA, run)
