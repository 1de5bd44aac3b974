"""The estimate `survey_groups_monthly`: who answers, is silent or was never asked, and stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.differences import stratified_difference
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.intervals import wilson
from saydo.estimate.survey_waves import Levels, levels_of, numbers

CELLS = "int_survey_groups_summarised_to_cells"
CONTROL = "not_sampled"
# A group, and the groups of the cells that it is made of.
GROUPS = {
    "answered": ("answered",),
    "silent": ("silent",),
    "invited": ("answered", "silent"),
    CONTROL: (CONTROL,),
}
# Of those alike in these, chance alone decided who was asked.
_STRATUM = ("survey_code", "design_weight", "draw_count")
_SUMS = ("customer_count", "paying_count", "staying_count", "total_mrr", "total_mrr_after")
SCHEMA = pa.schema(
    [
        ("month_start_date", pa.date32()),
        ("group_type", pa.string()),
        ("customer_count", pa.int64()),
        ("paying_count", pa.int64()),
        ("staying_count", pa.int64()),
        ("stay_ratio", pa.float64()),
        ("stay_ratio_low", pa.float64()),
        ("stay_ratio_high", pa.float64()),
        ("stay_difference", pa.float64()),
        ("stay_difference_low", pa.float64()),
        ("stay_difference_high", pa.float64()),
        ("stay_difference_p_value", pa.float64()),
        ("total_mrr", pa.float64()),
        ("total_mrr_after", pa.float64()),
        ("mrr_change_ratio", pa.float64()),
        ("is_pending", pa.bool_()),
        ("is_small_cell", pa.bool_()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per month and group with a customer.

    Ratios are of those who paid a recurring price at the month's end, 0-1, with 95% Wilson
    intervals. How likely one is to be asked differs with survey, design weight and how often one
    is drawn, so the difference from the control compares within these alone, and weighs them by
    Mantel and Haenszel. It is null without a control that paid beside them.
    """
    cells = sums[CELLS]
    tables = {CELLS: cells}
    months = levels_of(tables, "month_start_date")
    strata = levels_of(tables, "month_start_date", *_STRATUM)
    by_group = {name: _by_stratum(cells, strata, of) for name, of in GROUPS.items()}
    pending = dict(
        zip(cells.column("month_start_date").to_pylist(), cells.column("is_pending").to_pylist(),
            strict=True)
    )  # fmt: skip
    month_of = np.array([name[0] for name in strata.names], dtype=object)
    rows = [
        _row(
            month,
            name,
            {column: values[month_of == month] for column, values in of_group.items()},
            {column: values[month_of == month] for column, values in by_group[CONTROL].items()},
            pending[month],
            policy.weighting.small_cell_answers,
        )
        for (month,) in (months.names if cells.num_rows else [])
        for name, of_group in by_group.items()
    ]
    rows = [row for row in rows if row["customer_count"]]
    compared = sum("stay_difference" in row for row in rows)
    return Estimate(
        pa.Table.from_pylist(rows, SCHEMA), {"rows": len(rows), "rows_with_control": compared}
    )


def _by_stratum(cells: pa.Table, strata: Levels, groups: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Sums of the cells of some groups, each (strata,). What is pending counts as 0."""
    is_of = np.isin(np.array(cells.column("group_type").to_pylist(), dtype=object), groups)
    return {
        name: np.bincount(
            strata.of_rows[CELLS],
            np.where(is_of, np.nan_to_num(numbers(cells, name)), 0),
            len(strata.names),
        )
        for name in _SUMS
    }


def _row(
    month: date,
    group: str,
    of_group: Mapping[str, np.ndarray],
    of_control: Mapping[str, np.ndarray],
    is_pending: bool,
    small: int,
) -> dict[str, Any]:
    total = {name: float(values.sum()) for name, values in of_group.items()}
    paying = total["paying_count"]
    row: dict[str, Any] = {
        "month_start_date": month,
        "group_type": group,
        "customer_count": round(total["customer_count"]),
        "paying_count": round(paying),
        "total_mrr": total["total_mrr"],
        "is_pending": is_pending,
        "is_small_cell": paying < small,
    }
    if is_pending:
        return row
    row |= {
        "staying_count": round(total["staying_count"]),
        "total_mrr_after": total["total_mrr_after"],
    }
    if paying:
        low, high = wilson(np.array([total["staying_count"]]), np.array([paying]))
        row |= {
            "stay_ratio": total["staying_count"] / paying,
            "stay_ratio_low": float(low[0]),
            "stay_ratio_high": float(high[0]),
            "mrr_change_ratio": total["total_mrr_after"] / total["total_mrr"] - 1,
        }
    told = (
        stratified_difference(
            of_group["staying_count"],
            of_group["paying_count"],
            of_control["staying_count"],
            of_control["paying_count"],
        )
        if group != CONTROL
        else None
    )
    if told:
        row |= {
            "stay_difference": told.value,
            "stay_difference_low": told.low,
            "stay_difference_high": told.high,
            "stay_difference_p_value": told.p_value,
        }
    return row


SURVEY_GROUPS_MONTHLY = Estimator("survey_groups_monthly", (CELLS,), SCHEMA, run)
