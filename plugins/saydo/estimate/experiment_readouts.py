"""The estimate `experiment_readouts`: what each variant did against the control, how surely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

import pyarrow as pa

from saydo.config import Policy
from saydo.config.experiments import ExperimentsPolicy
from saydo.estimate.chain.figures import adjust_rows
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.experiment_validity import Experiment, judged, too_few
from saydo.estimate.experiments import (
    Adjustment,
    Difference,
    Sums,
    adjustment,
    quotient,
    welch,
)

VARIANTS = "int_experiment_assignments_summarised_to_variants"
SEGMENTS = "int_experiment_metrics_summarised_to_segments"
MOVED = "satisfaction"
# Metrics in order, and which link of the chain the quotient of its difference and that of
# satisfaction is an estimate of.
METRICS = {
    "revenue": "satisfaction_to_revenue",
    "left": "satisfaction_to_churn",
    "new_services": "satisfaction_to_new_service",
    MOVED: None,
}
_MONTHLY = ("revenue",)  # told per month, where the others are told for the months together
_ALL = ("all", "all")
_FIGURES = (
    "mean", "adjusted_mean", "difference", "standard_error", "ci_low", "ci_high", "p_value",
    "adjusted_p_value", "variance_reduction_ratio", "sample_ratio_p_value", "link_estimate",
    "link_standard_error", "link_ci_low", "link_ci_high",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (
            "experiment_code", "variant_code", "metric_code", "segment_type", "segment_code",
            "control_variant_code",
        )),
        *((name, pa.int64()) for name in (
            "customer_count", "assigned_count", "pending_count", "two_variant_count",
            "unknown_count",
        )),
        *((name, pa.float64()) for name in _FIGURES),
        ("link", pa.string()),
        ("is_control", pa.bool_()),
        ("is_valid", pa.bool_()),
        ("why_not", pa.string()),
    ]
)  # fmt: skip


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per experiment, variant and metric for all customers, and by satisfaction band.

    Means and differences are in the unit of the metric: revenue a month, share who left, services
    taken and points of satisfaction within the horizon. A row that is not valid has counts and
    says why; it has no figure but the sample ratio's. The control has its means alone.
    """
    rules = policy.experiments
    cells: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {}
    for row in sums[SEGMENTS].to_pylist():
        key = (row["metric_code"], row["segment_type"], row["segment_code"], row["variant_code"])
        cells.setdefault(row["experiment_code"], {})[key] = row
    rows: list[dict[str, Any]] = []
    found = sorted(
        sums[VARIANTS].to_pylist(), key=lambda row: (row["experiment_code"], row["variant_code"])
    )
    for code, variants in groupby(found, key=lambda row: row["experiment_code"]):
        experiment = judged(code, list(variants), rules)
        rows += _readouts(experiment, cells.get(code, {}), rules)
    return Estimate(
        pa.Table.from_pylist(rows, SCHEMA),
        {"rows": len(rows), "rows_not_valid": sum(not row["is_valid"] for row in rows)},
    )


def _readouts(
    experiment: Experiment,
    cells: Mapping[tuple[str, ...], dict[str, Any]],
    rules: ExperimentsPolicy,
) -> list[dict[str, Any]]:
    """All rows of one experiment; p-values are adjusted over those of one segment type."""
    segments = [_ALL, *sorted({key[1:3] for key in cells} - {_ALL})]
    rows = []
    for segment_type, segment_code in segments:
        for metric in METRICS:
            of_variants = {
                row["variant_code"]: cells.get((metric, segment_type, segment_code,
                                                row["variant_code"]))
                for row in experiment.variants
            }  # fmt: skip
            moved = {
                name: cells.get((MOVED, segment_type, segment_code, name)) for name in of_variants
            }
            rows += _compared(
                experiment, metric, (segment_type, segment_code), of_variants, moved, rules
            )
    for segment_type in {row["segment_type"] for row in rows}:
        adjust_rows([row for row in rows if row["segment_type"] == segment_type])
    return rows


def _compared(
    experiment: Experiment,
    metric: str,
    segment: tuple[str, str],
    of_variants: Mapping[str, dict[str, Any] | None],
    moved: Mapping[str, dict[str, Any] | None],
    rules: ExperimentsPolicy,
) -> Iterator[dict[str, Any]]:
    """A row per variant for one metric and segment."""
    known = {name: _sums(cell) for name, cell in of_variants.items() if cell}
    adjusted = adjustment(list(known.values())) if known else None
    scale = 1 / rules.horizon_months if metric in _MONTHLY else 1.0
    for variant in experiment.variants:
        name = variant["variant_code"]
        row: dict[str, Any] = {
            "experiment_code": experiment.code,
            "variant_code": name,
            "metric_code": metric,
            "segment_type": segment[0],
            "segment_code": segment[1],
            "control_variant_code": experiment.control,
            "customer_count": known[name].count if name in known else 0,
            **{n: variant[n] for n in ("assigned_count", "pending_count", "two_variant_count",
                                       "unknown_count")},
            "sample_ratio_p_value": experiment.sample_ratio_p_value,
            "is_control": name == experiment.control,
        }  # fmt: skip
        faults = list(experiment.faults) or too_few(experiment, variant, known, rules)
        difference = None
        if not faults:
            one, control = known[name], known[experiment.control]
            difference = None if row["is_control"] else welch(adjusted, one, control)
            if not (difference or row["is_control"]):
                faults = ["nothing varies among these customers: there is no interval"]
        row |= {"is_valid": not faults, "why_not": "; ".join(faults) or None}
        if not faults:
            row |= {
                "mean": float(one.y / one.count) * scale,
                "adjusted_mean": float(adjusted.mean(one)) * scale,
                "variance_reduction_ratio": adjusted.reduction,
            }
        if difference:
            row |= _told(difference, scale)
            if segment == _ALL and METRICS[metric]:
                cells = [(of_variants[of], moved[of]) for of in (name, experiment.control)]
                row |= _link(metric, adjusted, difference, cells, moved, rules)
        yield row


def _told(difference: Difference, scale: float) -> dict[str, float]:
    return {
        "difference": difference.value * scale,
        "standard_error": difference.standard_error * scale,
        "ci_low": difference.low * scale,
        "ci_high": difference.high * scale,
        "p_value": difference.p_value,
    }


def _link(
    metric: str,
    adjusted: Adjustment,
    difference: Difference,
    cells: Sequence[tuple[dict[str, Any], dict[str, Any] | None]],
    moved: Mapping[str, dict[str, Any] | None],
    rules: ExperimentsPolicy,
) -> dict[str, Any]:
    """What a point of satisfaction does to the metric in a month, as the experiment has it."""
    row: dict[str, Any] = {"link": METRICS[metric]}
    scores = [_sums(score) for _, score in cells if score]
    if len(scores) < 2 or min(score.count for score in scores) < rules.min_customers:
        return row
    of_score = adjustment([_sums(score) for score in moved.values() if score])
    first_stage = welch(of_score, *scores)
    covariance = sum(_covariance(cell, adjusted.theta, of_score.theta) for cell, _ in cells)
    found = first_stage and quotient(
        difference, first_stage, float(covariance), rules.min_first_stage_t
    )
    if found:
        months = rules.horizon_months
        row |= {
            "link_estimate": found.value / months,
            "link_standard_error": found.standard_error / months,
            "link_ci_low": found.low / months,
            "link_ci_high": found.high / months,
        }
    return row


def _sums(cell: Mapping[str, Any]) -> Sums:
    totals = ("before", "after", "before_squared", "before_after", "after_squared")
    return Sums(cell["customer_count"], *(Fraction(cell[f"total_{name}"]) for name in totals))


def _covariance(cell: Mapping[str, Any], theta: Fraction, theta_score: Fraction) -> Fraction:
    """Of one variant's adjusted mean with that of its satisfaction, which only some told."""
    answered = cell["answered_count"]
    total = Fraction(0)
    for value, weight in (("after", Fraction(1)), ("before", -theta)):
        for score, score_weight in (
            ("satisfaction", Fraction(1)),
            ("previous_satisfaction", -theta_score),
        ):
            product = Fraction(cell[f"answered_total_{value}_{score}"])
            sums = [Fraction(cell[f"answered_total_{name}"]) for name in (value, score)]
            total += weight * score_weight * (product - sums[0] * sums[1] / answered)
    return total / (answered - 1) / cell["customer_count"]


EXPERIMENT_READOUTS = Estimator("experiment_readouts", (VARIANTS, SEGMENTS), SCHEMA, run)
