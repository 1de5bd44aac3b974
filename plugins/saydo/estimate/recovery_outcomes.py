"""The estimate `recovery_outcomes`: what credits changed, against those deliberately left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.experiments import Adjustment, Sums, welch
from saydo.estimate.intervals import newcombe

ARMS = "int_credits_summarised_to_arms"
OUTCOMES = ("churn", "satisfaction", "revenue")
# Of means: how many have the value, its sum and the sum of its squares.
_SUMS = {
    "satisfaction": ("answered_count", "total_satisfaction_score"),
    "revenue": ("customer_count", "total_revenue"),
}
_NOTHING = Adjustment(Fraction(0), Fraction(0), 0.0)
SCHEMA = pa.schema(
    [
        ("policy_version", pa.int64()),
        ("horizon_days", pa.int64()),
        ("satisfaction_band", pa.string()),
        ("credited_count", pa.int64()),
        ("holdout_count", pa.int64()),
        ("pending_count", pa.int64()),
        *(
            (f"{outcome}_{figure}", pa.float64())
            for outcome in OUTCOMES
            for figure in ("difference", "ci_low", "ci_high")
        ),
        ("is_measurable", pa.bool_()),
        ("why_not", pa.string()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per policy version, horizon and satisfaction band in which anybody was assigned.

    Differences are credited less held out: share who left, -1 to 1, by Newcombe; mean satisfaction
    in points and revenue in the reporting currency within the horizon, by Welch. Each has a 95%
    interval. A row that is not measurable has counts and says why; a mean that does not vary, or of
    fewer than two who answered, has no figure.
    """
    cells: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for row in sums[ARMS].to_pylist():
        key = (row["policy_version"], row["horizon_days"], row["satisfaction_band"])
        cells.setdefault(key, {})[row["arm"]] = row
    rows = [_outcome(key, cells[key], policy) for key in sorted(cells)]
    measurable = sum(row["is_measurable"] for row in rows)
    return Estimate(
        pa.Table.from_pylist(rows, SCHEMA), {"rows": len(rows), "rows_measurable": measurable}
    )


def _outcome(
    key: tuple[Any, ...], arms: Mapping[str, dict[str, Any]], policy: Policy
) -> dict[str, Any]:
    credited, held = arms.get("credit"), arms.get("holdout")
    why_not = _why_not(credited, held, policy)
    row = dict(zip(SCHEMA.names, key, strict=False)) | {
        "credited_count": _count(credited, "customer_count"),
        "holdout_count": _count(held, "customer_count"),
        "pending_count": sum(
            arm["assigned_count"] - arm["customer_count"] for arm in arms.values()
        ),
        "is_measurable": why_not is None,
        "why_not": why_not,
    }
    if credited is None or held is None or why_not:
        return row
    row |= _figures("churn", _left_more(credited, held))
    for outcome in _SUMS:
        one, other = _sums(credited, outcome), _sums(held, outcome)
        found = welch(_NOTHING, one, other) if min(one.count, other.count) > 1 else None
        if found:
            row |= _figures(outcome, (found.value, found.low, found.high))
    return row


def _why_not(
    credited: Mapping[str, Any] | None, held: Mapping[str, Any] | None, policy: Policy
) -> str | None:
    if _count(held, "assigned_count") == 0:
        return "nobody was held out: recovery.holdout_share of policy.yml was 0, or too small"
    if _count(credited, "assigned_count") == 0:
        return "nobody was credited"
    least = policy.experiments.min_customers
    fewest = min(_count(credited, "customer_count"), _count(held, "customer_count"))
    if fewest < least:
        return f"the days are over for {fewest} customers of one arm, and it takes {least}"
    return None


def _left_more(credited: Mapping[str, Any], held: Mapping[str, Any]) -> tuple[float, float, float]:
    """Share that left of the credited less that of the held out, and its interval."""
    shares = [
        (np.array([float(arm["left_count"])]), np.array([float(arm["customer_count"])]))
        for arm in (credited, held)
    ]
    (low,), (high,) = newcombe(*shares[0], *shares[1])
    (one,), (other,) = (left / count for left, count in shares)
    return float(one - other), float(low), float(high)


def _count(arm: Mapping[str, Any] | None, name: str) -> int:
    return int(arm[name]) if arm else 0


def _sums(arm: Mapping[str, Any], outcome: str) -> Sums:
    count, total = _SUMS[outcome]
    squared = total.replace("total_", "total_squared_")
    nothing = Fraction(0)
    return Sums(arm[count], nothing, Fraction(arm[total]), nothing, nothing, Fraction(arm[squared]))


def _figures(outcome: str, of: tuple[float, float, float]) -> dict[str, float]:
    return {
        f"{outcome}_{name}": value
        for name, value in zip(("difference", "ci_low", "ci_high"), of, strict=True)
    }


RECOVERY_OUTCOMES = Estimator("recovery_outcomes", (ARMS,), SCHEMA, run)
