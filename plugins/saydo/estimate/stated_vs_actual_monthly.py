"""The estimate `stated_vs_actual_monthly`: how often customers did what they said, how surely."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.intervals import wilson
from saydo.estimate.survey_waves import numbers

SEGMENTS = "int_stated_answers_summarised_to_segments"
_KEY = ("month_start_date", "question_role", "stated_band", "segment_type", "segment_code")
_COUNTS = ("response_count", "pending_count", "paying_count", "spending_count")
# ratio: who did, of whom
_RATIOS = {
    "stay": ("staying_count", "paying_count"),
    "spend": ("keeping_count", "spending_count"),
    "buy": ("buying_count", "decided_count"),
}
# Of an intent to do it, a score in tenths is the share of those who give it that say they will.
_INTENTS = {
    "stated_stay_intent": ("stay", "total_paying_score"),
    "stated_spend_intent": ("spend", "total_spending_score"),
}
_FIGURES = (
    *(f"{name}_ratio{end}" for name in _RATIOS for end in ("", "_low", "_high")),
    "stated_ratio", "calibration_gap", "calibration_gap_low", "calibration_gap_high",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("month_start_date", pa.date32()),
        *((name, pa.string()) for name in _KEY[1:]),
        *((name, pa.int64()) for name in _COUNTS),
        *((name, pa.float64()) for name in _FIGURES),
        ("is_small_cell", pa.bool_()),
    ]
)
_HIGHEST = 10.0  # of the scale that all scores are on


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per month, question role, stated band and segment with an answer.

    Ratios are of answers whose 90 days are over, 0-1, with 95% Wilson intervals. The calibration
    gap is the share that the scores state less the share that did; what was said is known, so its
    interval is that of what was done.
    """
    table = sums[SEGMENTS]
    counted = {name: numbers(table, name) for name in table.column_names if name.endswith("_count")}
    counted["decided_count"] = counted["response_count"] - counted["pending_count"]
    figures = {name: np.full(table.num_rows, np.nan) for name in _FIGURES}
    for name, (did, of) in _RATIOS.items():
        hits, counts = counted[did], counted[of]
        figures[f"{name}_ratio"] = _shares(hits, counts)
        figures[f"{name}_ratio_low"], figures[f"{name}_ratio_high"] = wilson(hits, counts)
    roles = np.array(table.column("question_role").to_pylist(), dtype=object)
    for role, (name, total) in _INTENTS.items():
        at = roles == role
        stated = _shares(numbers(table, total)[at], _HIGHEST * counted[_RATIOS[name][1]][at])
        figures["stated_ratio"][at] = stated
        figures["calibration_gap"][at] = stated - figures[f"{name}_ratio"][at]
        figures["calibration_gap_low"][at] = stated - figures[f"{name}_ratio_high"][at]
        figures["calibration_gap_high"][at] = stated - figures[f"{name}_ratio_low"][at]
    is_small = counted["decided_count"] < policy.weighting.small_cell_answers
    columns = {
        **{name: table.column(name) for name in _KEY},
        **{name: pa.array(counted[name].astype(np.int64)) for name in _COUNTS},
        **{name: pa.array(values, from_pandas=True) for name, values in figures.items()},
        "is_small_cell": pa.array(is_small, pa.bool_()),
    }
    made = pa.table(columns).select(SCHEMA.names).cast(SCHEMA)
    return Estimate(made, {"rows": made.num_rows, "small": int(is_small.sum())})


def _shares(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


STATED_VS_ACTUAL_MONTHLY = Estimator("stated_vs_actual_monthly", (SEGMENTS,), SCHEMA, run)
