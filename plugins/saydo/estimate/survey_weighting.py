"""The estimate `survey_weighting`: what raking did to each margin of each wave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.survey_waves import (
    ANSWERS,
    CUSTOMERS,
    Wave,
    levels_of,
    numbers,
    weighted_waves,
)

SCHEMA = pa.schema(
    [
        ("month_start_date", pa.date32()),
        ("question_role", pa.string()),
        ("margin", pa.string()),
        ("level_code", pa.string()),
        ("response_count", pa.int64()),
        ("population_share", pa.float64()),
        ("sample_share_before", pa.float64()),
        ("sample_share_after", pa.float64()),
        ("mean_weight", pa.float64()),
        ("max_weight", pa.float64()),
        ("is_collapsed", pa.bool_()),
        ("iteration_count", pa.int64()),
        ("is_converged", pa.bool_()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per month, question role, margin and level; shares are 0-1, the mean weight is 1."""
    counts = numbers(sums[ANSWERS], "answer_count")
    design = numbers(sums[ANSWERS], "design_weight")
    tables = {name: sums[name] for name in (CUSTOMERS, ANSWERS)}
    names = {margin: levels_of(tables, margin).names for margin in policy.weighting.margins}
    waves = weighted_waves(sums, policy)
    rows = [
        row for wave in waves for row in _rows(wave, counts[wave.cells], design[wave.cells], names)
    ]
    collapsed = sum(margin.is_collapsed.any() for wave in waves for margin in wave.margins)
    return Estimate(
        pa.Table.from_pylist(rows, SCHEMA),
        {
            "waves": len(waves),
            "waves_not_converged": sum(not wave.raking.is_converged for wave in waves),
            "margins_collapsed": int(collapsed),
            "most_iterations": max((wave.raking.iteration_count for wave in waves), default=0),
        },
    )


def _rows(
    wave: Wave, counts: np.ndarray, design: np.ndarray, names: Mapping[str, list[tuple[str]]]
) -> list[dict[str, Any]]:
    weights, rows = wave.raking.weights, []
    for margin in wave.margins:
        size = len(margin.levels)
        answers = np.bincount(margin.of_cells, counts, size)
        largest = np.zeros(size)
        np.maximum.at(largest, margin.of_cells, weights)
        before = np.bincount(margin.of_cells, design * counts, size)
        after = np.bincount(margin.of_cells, weights * counts, size)
        for number, level in enumerate(margin.levels):
            has_answers = answers[number] > 0
            rows.append(
                {
                    "month_start_date": wave.month,
                    "question_role": wave.role,
                    "margin": margin.attribute,
                    "level_code": names[margin.attribute][level][0],
                    "response_count": int(answers[number]),
                    "population_share": margin.targets[number],
                    "sample_share_before": before[number] / before.sum(),
                    "sample_share_after": after[number] / after.sum(),
                    "mean_weight": after[number] / answers[number] if has_answers else None,
                    "max_weight": largest[number] if has_answers else None,
                    "is_collapsed": bool(margin.is_collapsed[number]),
                    "iteration_count": wave.raking.iteration_count,
                    "is_converged": wave.raking.is_converged,
                }
            )
    return rows


SURVEY_WEIGHTING = Estimator("survey_weighting", (CUSTOMERS, ANSWERS), SCHEMA, run)
