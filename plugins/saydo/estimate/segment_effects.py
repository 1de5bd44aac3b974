"""The estimate `segment_effects`: who spends less when unhappy, who buys when happy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.chain import reasons
from saydo.estimate.chain.figures import adjust_rows, rounded
from saydo.estimate.chain.jackknife import infer, multiplier
from saydo.estimate.chain.links import LEAST_GROUPS, OUTCOMES, PIECEWISE, SIDES, Chain
from saydo.estimate.chain.segments import slopes_of_segments
from saydo.estimate.chain.shrinkage import shrink
from saydo.estimate.chain.sums import READS, Sample
from saydo.estimate.chain.units import POINT, unit_of
from saydo.estimate.estimator import Estimate, Estimator

SAMPLE = "spending"
_VARIABLES = dict(zip(SIDES, ("below", "above"), strict=True))
_REGRESSORS = ("below", "above", "service")
_FIGURES = (
    "estimate", "standard_error", "ci_low", "ci_high", "segment_estimate",
    "segment_standard_error", "common_estimate", "shrinkage_ratio", "p_value", "adjusted_p_value",
)  # fmt: skip
SCHEMA = pa.schema(
    [(name, pa.string()) for name in
     ("link", "band", "segment_type", "segment_code", "exposure_code", "outcome_code", "unit")]
    + [(name, pa.int64()) for name in ("customer_count", "observation_count")]
    + [(name, pa.float64()) for name in _FIGURES]
    + [("is_publishable", pa.bool_())]
    + [(name, pa.string()) for name in ("not_publishable_reason", "method")]
)  # fmt: skip


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per link from satisfaction to spending, side of the edge, segment type and segment.

    `segment_estimate` is the slope of the segment alone; `estimate`, with its interval, is drawn
    towards the slope that segments of the type have in common. The p-value is of the segment's own
    slope, adjusted over all rows that have one.
    """
    chain = Chain(sums, policy.chain)
    by_type: dict[str, dict[str, Sample]] = {}
    for (kind, code), sample in sorted(chain.segments(SAMPLE).items()):
        by_type.setdefault(kind, {})[code] = sample
    rows = [
        row
        for outcome in ("revenue", "new_service")
        for kind, segments in by_type.items()
        for row in _rows(chain, outcome, kind, segments)
    ]
    adjust_rows(rows)
    told = {"rows": len(rows), "publishable": sum(row["is_publishable"] for row in rows)}
    return Estimate(pa.Table.from_pylist(rows, SCHEMA), told)


def _rows(
    chain: Chain, outcome: str, kind: str, segments: Mapping[str, Sample]
) -> Iterator[dict[str, Any]]:
    everybody = chain.sample(SAMPLE)
    if everybody is None:  # segments of a sample are made with it
        return
    slopes = slopes_of_segments(everybody, [*segments.values()], OUTCOMES[outcome], _REGRESSORS)
    for side, variable in _VARIABLES.items():
        link = chain.behaviour(outcome, side)
        rows = []
        for (code, sample), own in zip(segments.items(), slopes, strict=True):
            row = {
                "link": f"satisfaction_to_{outcome}",
                "band": side,
                "segment_type": kind,
                "segment_code": code,
                "exposure_code": "satisfaction",
                "outcome_code": outcome,
                "unit": unit_of(outcome, POINT),
                "customer_count": round(sample.repeat_customers.sum()),
                "observation_count": round(sample.observations.sum()),
                "method": f"{PIECEWISE}, months in common; drawn to the common slope",
            }
            reason = None if link.within else link.reason
            reason = reason or _unready(chain, sample) or own.problems.get(variable)
            estimand = own.of[variable]
            if reason is None and not estimand.is_sure:
                reason = reasons.held_by_few(variable)
            if reason is None:
                told = infer(estimand)
                row |= {
                    "segment_estimate": told.estimate,
                    "segment_standard_error": told.standard_error,
                    "p_value": told.p_value,
                    "multiplier": multiplier(estimand),
                }
            # A link whose test failed is of no use for segments either, though it has figures.
            row["not_publishable_reason"] = reason or link.reason
            row["is_publishable"] = row["not_publishable_reason"] is None
            rows.append(row)
        _draw_together([row for row in rows if row.get("segment_standard_error")])
        yield from rows


def _unready(chain: Chain, sample: Sample) -> str | None:
    if sample.repeat_customers.sum() < chain.policy.min_segment_customers:
        return reasons.FEW_IN_SEGMENT
    return reasons.FEW_GROUPS if sample.group_count < LEAST_GROUPS else None


def _draw_together(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    own = np.array([row["segment_estimate"] for row in rows])
    errors = np.array([row["segment_standard_error"] for row in rows])
    drawn = shrink(own, errors)
    for number, row in enumerate(rows):
        estimate, error = float(drawn.estimates[number]), float(drawn.errors[number])
        half = row.pop("multiplier") * error
        figures = {
            "estimate": estimate,
            "standard_error": error,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "segment_estimate": row["segment_estimate"],
            "segment_standard_error": row["segment_standard_error"],
            "common_estimate": drawn.common,
            "shrinkage_ratio": 1 - float(drawn.kept[number]),
        }
        row |= {name: rounded(value) for name, value in figures.items()}


SEGMENT_EFFECTS = Estimator("segment_effects", READS, SCHEMA, run)
