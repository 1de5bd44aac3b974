"""The estimate `satisfaction_drivers`: rows, order and bounds of bands, and too few answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from saydo.config import Policy
from saydo.config.scorecard import Feature, ScorecardPolicy
from saydo.estimate.satisfaction_drivers import ANSWERS, CUSTOMERS, SATISFACTION_DRIVERS, run

DAY = date(2025, 3, 31)
POLICY = Policy(
    scorecard=ScorecardPolicy(
        features={
            "experience_score": Feature(edges=(50, 80), direction="increasing"),
            "plan_code": Feature(),
        }
    )
)
HELD = {
    ("experience_score", "under_50"): 10, ("experience_score", "80_and_over"): 20,
    ("experience_score", "unknown"): 5, ("plan_code", "basic"): 30, ("plan_code", "new"): 5,
}  # fmt: skip


def sums(count: int = 400, groups: str = "0123456789abcdef") -> dict[str, pa.Table]:
    """Whoever is well served says 8 or 9, the others 4 or 5; two plans with the same scores."""
    rows = [
        {
            "customer_group": groups[number % len(groups)],
            "experience_score": ("under_50", "80_and_over")[number % 2],
            "plan_code": ("basic", "unknown", "other")[number % 3],
            "answer_count": 1,
            "total_score": Decimal(4 + 4 * (number % 2) + number // 2 % 2),
            "total_squared_score": Decimal((4 + 4 * (number % 2) + number // 2 % 2) ** 2),
        }
        for number in range(count)
    ]
    schema = pa.schema(
        [(name, pa.string()) for name in ("customer_group", "experience_score", "plan_code")]
        + [("answer_count", pa.int64())]
        + [(name, pa.decimal128(38, 6)) for name in ("total_score", "total_squared_score")]
    )
    held = [{"feature": f, "band": b, "customer_count": n} for (f, b), n in HELD.items()]
    held_schema = pa.schema(
        [("feature", pa.string()), ("band", pa.string()), ("customer_count", pa.int64())]
    )
    return {
        ANSWERS: pa.Table.from_pylist(rows, schema),
        CUSTOMERS: pa.Table.from_pylist(held, held_schema),
    }


def rows_of(tables: dict[str, pa.Table], policy: Policy = POLICY) -> list[dict]:
    return run(tables, policy, DAY).table.cast(SATISFACTION_DRIVERS.schema).to_pylist()


def test_every_band_that_is_declared_or_found_has_a_row_lowest_first_and_the_unknown_last():
    rows = rows_of(sums())
    names = ("feature", "band", "lower_bound", "upper_bound")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("intercept", "all", None, None),
        ("experience_score", "under_50", None, 50),
        ("experience_score", "50_to_80", 50, 80),
        ("experience_score", "80_and_over", 80, None),
        ("experience_score", "unknown", None, None),
        ("plan_code", "basic", None, None),
        ("plan_code", "new", None, None),
        ("plan_code", "other", None, None),
        ("plan_code", "unknown", None, None),
    ]  # fmt: skip
    assert [row["customer_count"] for row in rows] == [35, 10, 0, 20, 5, 30, 5, 0, 0]
    assert [row["answer_count"] for row in rows[:5]] == [400, 200, 0, 200, 0]
    assert [row["is_intercept"] for row in rows] == [True] + 8 * [False]
    assert [row["standard_error"] is None for row in rows[:5]] == [False, False, True, False, True]


def test_points_tell_the_well_served_from_the_others_and_plans_apart_by_nothing():
    points = {(row["feature"], row["band"]): row["points"] for row in rows_of(sums())}
    apart = points["experience_score", "80_and_over"] - points["experience_score", "under_50"]
    assert 3.5 < apart < 4
    assert max(abs(value) for (feature, _), value in points.items() if feature == "plan_code") < 0.1
    held = sum(n * points[f, b] for (f, b), n in HELD.items() if f == "experience_score")
    assert held == pytest.approx(0, abs=35 * 5e-5)


@pytest.mark.parametrize(
    ("tables", "reason"),
    [(sums(199), "too few"), (sums(0), "none"), (sums(400, "0123456"), "of too few customers")],
)
def test_of_too_few_answers_nothing_is_estimated_and_the_bands_are_told_all_the_same(
    tables, reason
):
    estimate = run(tables, POLICY, DAY)
    assert estimate.diagnostics["is_estimated"] is False, reason
    for row in estimate.table.cast(SATISFACTION_DRIVERS.schema).to_pylist():
        assert row["points"] is row["standard_error"] is row["out_of_fold_error"] is None
        assert row["customer_count"] is not None and row["answer_count"] is not None


def test_a_version_is_that_of_answers_customers_rules_and_day():
    def version(tables=None, policy=POLICY, day=DAY):
        return run(tables or sums(), policy, day).diagnostics["version"]

    other = POLICY.model_copy(
        update={"scorecard": POLICY.scorecard.model_copy(update={"shrink_answers": 30})}
    )
    found = [version(), version(sums(401)), version(policy=other), version(day=date(2025, 4, 1))]
    assert len(set(found)) == 4 and version() == found[0]
    assert found[0].startswith("2025-03-31-")


def test_a_feature_of_one_band_adds_nothing():
    tables = sums()
    one = pa.array(["basic"] * tables[ANSWERS].num_rows, pa.string())
    at = tables[ANSWERS].column_names.index("plan_code")
    tables[ANSWERS] = tables[ANSWERS].set_column(at, "plan_code", one)
    held = tables[CUSTOMERS].to_pylist()
    tables[CUSTOMERS] = pa.Table.from_pylist(
        [row for row in held if row["band"] != "new"], tables[CUSTOMERS].schema
    )
    rows = [row for row in rows_of(tables) if row["feature"] == "plan_code"]
    assert [(row["band"], row["points"], row["standard_error"]) for row in rows] == [
        ("basic", 0, 0)
    ]


def test_the_order_of_the_cells_changes_nothing():
    tables = sums()
    shuffled = np.random.default_rng(1).permutation(400)
    mixed = tables | {ANSWERS: tables[ANSWERS].take(pa.array(shuffled))}
    for row, other in zip(rows_of(tables), rows_of(mixed), strict=True):
        assert row["points"] == other["points"]


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"experience_score": {}}, "needs edges"),
        ({"plan_code": {"edges": [1]}}, "has no edges"),
        ({"experience_score": {"edges": [80, 50]}}, "rise from one to the next"),
        ({"plan_code": {"direction": "increasing"}}, "only bands between edges"),
        ({"recent_contact_count": {"edges": [1.00000001, 1.00000002, 2]}}, "first six digits"),
        ({"latest_satisfaction_band": {}}, "Input should be"),
        ({}, "at least 1"),
    ],
)
def test_a_feature_that_cannot_be_is_refused(features, message):
    with pytest.raises(ValidationError, match=message):
        Policy.model_validate({"scorecard": {"features": features}})


def test_bands_are_named_after_their_edges():
    assert Feature(edges=(-0.05, 0.05)).bands == ("under_-0.05", "-0.05_to_0.05", "0.05_and_over")
    assert Feature(edges=(1,)).bands == ("under_1", "1_and_over")
    assert Feature().bands == ()
