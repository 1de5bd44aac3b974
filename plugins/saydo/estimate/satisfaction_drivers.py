"""The estimate `satisfaction_drivers`: what each band of each feature adds to the score."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saydo.config import Policy
from saydo.config.scorecard import UNKNOWN, Feature
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.scorecard import Cells, Levels, Scorecard, fit_scorecard
from saydo.estimate.survey_waves import numbers

ANSWERS = "int_driver_answers_summarised_to_cells"
CUSTOMERS = "int_driver_customers_counted_to_bands"

INTERCEPT = "intercept"
# Fewer groups leave each fit without the group too far from that of all.
_LEAST_GROUPS = 8
_SIGNS = {"increasing": 1, "decreasing": -1, "none": 0}
SCHEMA = pa.schema(
    [
        ("feature", pa.string()),
        ("band", pa.string()),
        ("lower_bound", pa.float64()),
        ("upper_bound", pa.float64()),
        ("points", pa.float64()),
        ("standard_error", pa.float64()),
        ("customer_count", pa.int64()),
        ("answer_count", pa.int64()),
        ("out_of_fold_error", pa.float64()),
        ("direction_expected", pa.string()),
        ("model_version", pa.string()),
        ("is_intercept", pa.bool_()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row for the intercept, and one per feature and band that is declared or was found.

    Of too few answers, or of customers in too few groups to hold one against the others, nothing is
    estimated: the rows are there, with neither points nor errors.
    """
    answers, card = sums[ANSWERS], policy.scorecard
    held = {
        (row["feature"], row["band"]): row["customer_count"] for row in sums[CUSTOMERS].to_pylist()
    }
    given = _answers_of_bands(answers, list(card.features))
    bands = {
        name: _bands(feature, {band for of, band in (*held, *given) if of == name})
        for name, feature in card.features.items()
    }
    rows = [
        _row(card.features[name], name, band)
        | {"customer_count": held.get((name, band), 0), "answer_count": given.get((name, band), 0)}
        for name, of_feature in bands.items()
        for band in of_feature
    ]
    first = [row for row in rows if row["feature"] == next(iter(bands))]
    intercept = _row(Feature(), INTERCEPT, "all") | {
        count: sum(row[count] for row in first) for count in ("customer_count", "answer_count")
    }
    groups = sorted(pc.unique(answers["customer_group"]).to_pylist())
    cells = _cells(answers, groups, bands)
    told: dict[str, Any] = {
        "version": f"{as_of.isoformat()}-{_digest(cells, rows, policy)}",
        "is_estimated": intercept["answer_count"] >= card.min_answers
        and len(groups) >= _LEAST_GROUPS,
        "answers": intercept["answer_count"],
        "groups": len(groups),
    }
    if told["is_estimated"]:
        customers = np.array([row["customer_count"] for row in rows], dtype=float)
        found = fit_scorecard(cells, _levels(bands, policy), customers, card.shrink_answers)
        told["out_of_fold_r2"] = round(found.out_of_fold_r2, 4)
        told["out_of_fold_error"] = round(found.out_of_fold_error, 4)
        _fill([intercept, *rows], found)
    for row in (intercept, *rows):
        row["model_version"] = told["version"]
    return Estimate(pa.Table.from_pylist([intercept, *rows], SCHEMA), told)


def _answers_of_bands(answers: pa.Table, features: list[str]) -> dict[tuple[str, str], int]:
    return {
        (name, row[name]): row["answer_count_sum"]
        for name in features
        for row in answers.group_by(name).aggregate([("answer_count", "sum")]).to_pylist()
    }


def _bands(feature: Feature, found: set[str]) -> list[str]:
    """Bands in their order, the unknown last."""
    known = list(feature.bands) or sorted(found - {UNKNOWN})
    return known + ([UNKNOWN] if UNKNOWN in found else [])


def _row(feature: Feature, name: str, band: str) -> dict[str, Any]:
    lower, upper = None, None
    if band in feature.bands:
        number = feature.bands.index(band)
        lower, upper = (None, *feature.edges)[number], (*feature.edges, None)[number]
    return {
        "feature": name,
        "band": band,
        "lower_bound": lower,
        "upper_bound": upper,
        "direction_expected": feature.direction,
        "is_intercept": name == INTERCEPT,
    }


def _levels(bands: Mapping[str, list[str]], policy: Policy) -> list[Levels]:
    return [
        Levels(len(bands[name]), len(feature.bands), _SIGNS[feature.direction])
        for name, feature in policy.scorecard.features.items()
    ]


def _cells(answers: pa.Table, groups: list[str], bands: Mapping[str, list[str]]) -> Cells:
    return Cells(
        np.column_stack([_positions(answers, name, of) for name, of in bands.items()]),
        _positions(answers, "customer_group", groups),
        numbers(answers, "answer_count"),
        numbers(answers, "total_score"),
        numbers(answers, "total_squared_score"),
    )


def _positions(table: pa.Table, column: str, values: list[str]) -> np.ndarray:
    return pc.index_in(table[column], pa.array(values, pa.string())).to_numpy()


def _fill(rows: list[dict[str, Any]], found: Scorecard) -> None:
    points = np.round([found.intercept, *found.points], 4)
    errors = np.array([found.intercept_standard_error, *found.standard_errors])
    off = np.array([found.out_of_fold_error, *found.out_of_fold_errors])
    for row, *figures in zip(rows, points, errors, off, strict=True):
        for name, figure in zip(
            ("points", "standard_error", "out_of_fold_error"), figures, strict=True
        ):
            row[name] = None if np.isnan(figure) else float(figure)


def _digest(cells: Cells, rows: list[dict[str, Any]], policy: Policy) -> str:
    """Twelve digits, others where the answers, the customers or the policy are others."""
    read = hashlib.sha256(policy.scorecard.model_dump_json().encode())
    read.update(repr([tuple(row.values()) for row in rows]).encode())
    for column in (cells.levels, cells.groups, cells.counts, cells.totals, cells.squares):
        read.update(np.ascontiguousarray(column).tobytes())
    return read.hexdigest()[:12]


SATISFACTION_DRIVERS = Estimator("satisfaction_drivers", (ANSWERS, CUSTOMERS), SCHEMA, run)
