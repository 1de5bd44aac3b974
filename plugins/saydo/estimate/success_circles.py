"""The estimate `success_circles`: each bet's combinations of evidence, and what came of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.chain.figures import adjusted
from saydo.estimate.circles import Circle, circles
from saydo.estimate.estimator import Estimate, Estimator

CELLS = "int_bet_cells_counted"
SURE = 0.05  # adjusted chance below which a circle is called proven, or contradicted
_TOLD = ("bet_code", "version", "owner", "why", "bet_outcome", "horizon_months", "evidence",
         "cut_off_date")  # fmt: skip
SCHEMA = pa.schema(
    [
        ("bet_code", pa.string()),
        ("version", pa.int64()),
        ("set_codes", pa.string()),
        ("set_count", pa.int64()),
        ("bet_outcome", pa.string()),
        ("horizon_months", pa.int64()),
        ("owner", pa.string()),
        ("why", pa.string()),
        ("evidence", pa.string()),
        ("base_customer_count", pa.int64()),
        ("base_outcome_count", pa.int64()),
        ("customer_count", pa.int64()),
        ("outcome_count", pa.int64()),
        ("expected_count", pa.float64()),
        ("lift", pa.float64()),
        ("tail_p", pa.float64()),
        ("adjusted_p", pa.float64()),
        ("outcome_ratio", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("outcome_difference", pa.float64()),
        ("difference_ci_low", pa.float64()),
        ("difference_ci_high", pa.float64()),
        ("outcome_p", pa.float64()),
        ("outcome_adjusted_p", pa.float64()),
        ("verdict", pa.string()),
        ("is_redundant", pa.bool_()),
        ("cut_off_date", pa.date32()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per bet and combination of its sets, single sets among them.

    Chances are adjusted over all combinations of two sets or more of one bet (Benjamini and
    Hochberg), those of the overlap and those of the outcome each.
    """
    of_bet: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for cell in sums[CELLS].to_pylist():
        of_bet[cell["bet_code"]].append(cell)
    rows = [row for cells in of_bet.values() for row in _rows(cells)]
    verdicts = [row["verdict"] for row in rows]
    return Estimate(
        pa.Table.from_pylist(rows, SCHEMA),
        {"bets": len(of_bet), "circles": len(rows)}
        | {name: verdicts.count(name) for name in ("proven", "contradicted")},
    )


def _rows(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = cells[0]["set_codes"].split(", ")
    counts, hits = (
        np.array([cell[name] for cell in cells]) for name in ("customer_count", "outcome_count")
    )
    inside = np.array(
        [[bool(cell[f"set_{number + 1}"]) for number in range(len(names))] for cell in cells]
    )
    found = circles(inside, counts, hits)
    several = [len(circle.members) > 1 for circle in found]
    overlaps = adjusted([c.tail_p for c in found])
    outcomes = adjusted(
        [c.outcome_p if is_one else None for c, is_one in zip(found, several, strict=True)]
    )
    base = {name: cells[0][name] for name in _TOLD} | {
        "base_customer_count": int(counts.sum()),
        "base_outcome_count": int(hits.sum()),
    }
    return [
        base
        | {
            "set_codes": " & ".join(names[member] for member in circle.members),
            "set_count": len(circle.members),
            "customer_count": circle.count,
            "outcome_count": circle.hits,
            "expected_count": circle.expected_count,
            "lift": circle.lift,
            "tail_p": circle.tail_p,
            "adjusted_p": overlap_p,
            "outcome_ratio": circle.ratio,
            "ci_low": circle.ci_low,
            "ci_high": circle.ci_high,
            "outcome_difference": circle.difference,
            "difference_ci_low": circle.difference_low,
            "difference_ci_high": circle.difference_high,
            "outcome_p": circle.outcome_p if outcome_p is not None else None,
            "outcome_adjusted_p": outcome_p,
            "verdict": verdict(circle, overlap_p, outcome_p),
            "is_redundant": circle.is_redundant,
        }
        for circle, overlap_p, outcome_p in zip(found, overlaps, outcomes, strict=True)
    ]


def verdict(circle: Circle, overlap_p: float | None, outcome_p: float | None) -> str:
    """What may be said of a circle.

    proven: its sets, none of which repeats another, meet more often than chance makes them, and
    the outcome is more frequent inside. contradicted: the outcome is less frequent inside.
    not_shown: neither is sure. evidence: one set alone, which is no circle. not_measurable: nobody
    is inside or outside, or the outcome does not vary.
    """
    if len(circle.members) < 2:
        return "evidence"
    if outcome_p is None or circle.difference is None:
        return "not_measurable"
    if outcome_p < SURE and circle.difference < 0:
        return "contradicted"
    meets = overlap_p is not None and overlap_p < SURE and not circle.is_redundant
    return "proven" if meets and outcome_p < SURE and circle.difference > 0 else "not_shown"


SUCCESS_CIRCLES = Estimator("success_circles", (CELLS,), SCHEMA, run)
