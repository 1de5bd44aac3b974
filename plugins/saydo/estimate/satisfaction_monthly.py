"""The estimate `satisfaction_monthly`: weighted scores by segment, how sure, and how they moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.survey_waves import (
    ANSWERS,
    CUSTOMERS,
    INVITATIONS,
    REPEATS,
    Levels,
    levels_of,
    numbers,
    weighted_waves,
    weights_of,
)
from saydo.estimate.weighted_scores import (
    Groups,
    Means,
    Repeats,
    changes,
    covariances,
    effective_counts,
    net_promoter,
    weighted_means,
)

_FIGURES = (
    "effective_response_count", "design_effect", "score_mean_unweighted", "score_mean",
    "score_standard_error", "nps", "nps_standard_error", "top_box_ratio", "bias_low", "bias_high",
    "change_from_previous", "change_p_value", "total_weight",
)  # fmt: skip
_COUNTS = ("invited_count", "response_count", "invited_response_count")
SCHEMA = pa.schema(
    [
        ("month_start_date", pa.date32()),
        *((name, pa.string()) for name in ("question_role", "segment_type", "segment_code")),
        *((name, pa.int64()) for name in _COUNTS),
        *((name, pa.float64()) for name in _FIGURES),
        ("is_small_cell", pa.bool_()),
    ]
)
_WAVE = ("month_start_date", "question_role")
_HIGHEST = 10.0  # of the scale that all scores are on


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per month, question role and segment that was invited or answered."""
    weights = weights_of(weighted_waves(sums, policy), sums[ANSWERS].num_rows)
    segments = ("all", *policy.segments.satisfaction)
    parts = [_segment(sums, segment, weights, policy) for segment in segments]
    table = pa.concat_tables(parts)
    return Estimate(
        table, {"rows": table.num_rows, "small": pc.sum(table["is_small_cell"]).as_py()}
    )


def _segment(
    sums: Mapping[str, pa.Table], segment: str, weights: np.ndarray, policy: Policy
) -> pa.Table:
    answers, invitations = sums[ANSWERS], sums[INVITATIONS]
    tables = {ANSWERS: answers, INVITATIONS: invitations}
    waves = levels_of(tables, *_WAVE)
    levels = levels_of(tables, *([] if segment == "all" else [segment]))
    width = len(levels.names)
    size = len(waves.names) * width
    group_of = {name: waves.of_rows[name] * width + levels.of_rows[name] for name in tables}
    groups = Groups(group_of[ANSWERS], size)

    counts, totals, squares, top, promoters, detractors, invited_answers = (
        numbers(answers, name)
        for name in (
            "answer_count", "total_score", "total_squared_score", "top_box_count",
            "promoter_count", "detractor_count", "invited_answer_count",
        )
    )  # fmt: skip
    scores = weighted_means(weights, counts, totals, squares, groups)
    equal = weighted_means(np.ones_like(weights), counts, totals, squares, groups)
    promoted = net_promoter(weights, counts, promoters, detractors, groups)
    boxes = weighted_means(weights, counts, top, top, groups)
    effective, effect = effective_counts(weights, counts, groups)
    responses, invited = (
        groups.sums(counts),
        Groups(group_of[INVITATIONS], size).sums(numbers(invitations, "invited_count")),
    )
    answered = groups.sums(invited_answers)

    month, role = (np.array([wave[i] for wave in waves.names], dtype=object) for i in (0, 1))
    is_recommend = np.repeat(role == "recommend", width)
    is_single = responses < 2
    silent = 1 - np.divide(answered, invited, out=np.zeros(size), where=invited > 0)
    tilt = policy.weighting.bias_delta * silent
    moved, chance = _moved(sums, segment, weights, waves, levels, scores)
    figures = {
        "effective_response_count": effective,
        "design_effect": effect,
        "score_mean_unweighted": equal.mean,
        "score_mean": scores.mean,
        "score_standard_error": np.where(is_single, np.nan, scores.standard_error),
        "nps": np.where(is_recommend, promoted.mean, np.nan),
        "nps_standard_error": np.where(is_recommend & ~is_single, promoted.standard_error, np.nan),
        "top_box_ratio": boxes.mean,
        "bias_low": np.maximum(scores.mean - tilt, 0),
        "bias_high": np.minimum(scores.mean + tilt, _HIGHEST),
        "change_from_previous": moved,
        "change_p_value": chance,
        "total_weight": scores.weight,
    }
    kept = np.flatnonzero((responses > 0) | (invited > 0))
    codes = ["all" if segment == "all" else level[0] for level in levels.names]
    columns = {
        "month_start_date": pa.array(np.repeat(month, width)[kept].tolist(), pa.date32()),
        "question_role": pa.array(np.repeat(role, width)[kept].tolist(), pa.string()),
        "segment_type": pa.array([segment] * len(kept), pa.string()),
        "segment_code": pa.array([codes[at] for at in kept % width], pa.string()),
        **{
            name: pa.array(values[kept].astype(np.int64))
            for name, values in zip(_COUNTS, (invited, responses, answered), strict=True)
        },
        **{name: pa.array(values[kept], from_pandas=True) for name, values in figures.items()},
        "is_small_cell": pa.array(
            ~(effective[kept] >= policy.weighting.small_cell_answers), pa.bool_()
        ),
    }
    return pa.table(columns).select(SCHEMA.names).cast(SCHEMA)


def _moved(
    sums: Mapping[str, pa.Table],
    segment: str,
    weights: np.ndarray,
    waves: Levels,
    levels: Levels,
    scores: Means,
) -> tuple[np.ndarray, np.ndarray]:
    """Change of each group's mean since the role's wave before, and its p-value, (groups,)."""
    width, answers, repeats = len(levels.names), sums[ANSWERS], sums[REPEATS]
    has_answers = np.bincount(waves.of_rows[ANSWERS], minlength=len(waves.names)) > 0
    previous = np.arange(len(waves.names))  # of itself where there is none before
    last: dict[str, int] = {}
    for number in np.flatnonzero(has_answers):  # by month
        role = waves.names[number][1]
        previous[number] = last.get(role, number)
        last[role] = number
    has_previous = np.repeat(previous != np.arange(len(previous)), width)
    before_of = (previous[:, None] * width + np.arange(width)).ravel()
    before = Means(scores.mean[before_of], scores.variance[before_of], scores.weight[before_of])

    keys = answers.column("cell_key").combine_chunks()
    now_at, then_at = (
        pc.index_in(repeats.column(name), keys).to_numpy(zero_copy_only=False).astype(int)
        for name in ("cell_key", "previous_cell_key")
    )
    stays = np.flatnonzero(levels.of_rows[ANSWERS][now_at] == levels.of_rows[ANSWERS][then_at])
    cells, past = now_at[stays], then_at[stays]
    count, total, previous_total, product = (
        numbers(repeats, name)[stays]
        for name in ("answer_count", "total_score", "previous_total_score", "total_product")
    )
    both = Repeats(weights[cells], weights[past], count, total, previous_total, product)
    group = waves.of_rows[ANSWERS][cells] * width + levels.of_rows[ANSWERS][cells]
    shared = covariances(both, scores, before, Groups(group, len(scores.mean)))
    difference, _, chance = changes(scores, before, shared)
    return np.where(has_previous, difference, np.nan), np.where(has_previous, chance, np.nan)


SATISFACTION_MONTHLY = Estimator(
    "satisfaction_monthly", (CUSTOMERS, INVITATIONS, ANSWERS, REPEATS), SCHEMA, run
)
