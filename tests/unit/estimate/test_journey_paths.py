"""Changes over paths against SciPy, and the worst step."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import t

from saydo.config import Policy
from saydo.config.policy import JourneysPolicy
from saydo.estimate.intervals import mean_interval
from saydo.estimate.journey_paths import JOURNEY_PATHS, PATHS, STEPS, worst_step

DAY = date(2025, 12, 31)


def test_a_mean_has_the_interval_of_students_t():
    values = np.array([1.5, -2, 0, 3, -1, 0.25])
    mean, low, high = mean_interval(6, values.sum(), (values**2).sum())
    error = values.std(ddof=1) / np.sqrt(6)
    assert [mean, low, high] == pytest.approx([values.mean(), *t.interval(0.95, 5, mean, error)])


def test_the_worst_step_is_the_one_after_which_the_change_is_lowest():
    assert worst_step([-0.1, -0.8, -0.3], [60, 60, 60], 50) == 1
    assert worst_step([0.4, 0.2], [60, 60], 50) == 1


def test_no_step_is_the_worst_where_no_answer_or_too_few_tell_them_apart():
    assert worst_step([-0.5], [60], 50) is None
    assert worst_step([-0.5, -0.5, 0], [60, 60, 60], 50) is None
    assert worst_step([-0.5, -0.1], [60, 49], 50) is None
    assert worst_step([np.nan, np.nan], [0, 0], 0) is None


def sums(path="complaint > credit", answered=60, closed=80):
    of_path = {
        "start_type": "contact", "path": path, "journey_count": 100, "customer_count": 90,
        "closed_count": closed, "resolved_count": 20, "left_count": 5,
        "answered_customer_count": answered, "total_change": Decimal("-30"),
        "total_squared_change": Decimal("45"),
        "median_hours": Decimal("12.5") if closed else None,
    }  # fmt: skip
    steps = [
        {
            "start_type": "contact", "path": path, "path_step_number": n + 1, "event_type": name,
            "answered_customer_count": answered, "total_change": Decimal(total),
            "total_squared_change": Decimal(50),
        }
        for n, (name, total) in enumerate([("complaint", -6), ("credit", -30)])
    ]  # fmt: skip
    return {PATHS: pa.Table.from_pylist([of_path]), STEPS: pa.Table.from_pylist(steps[::-1])}


def told(least=50, **which):
    policy = Policy(journeys=JourneysPolicy(min_customers=least))
    (row,) = JOURNEY_PATHS.run(sums(**which), policy, DAY).table.to_pylist()
    return row


def test_a_path_tells_shares_change_and_worst_step():
    row = told()
    assert (row["resolved_ratio"], row["left_ratio"], row["median_hours"]) == (0.25, 0.05, 12.5)
    assert row["satisfaction_change"] == -0.5 and row["ci_low"] < -0.5 < row["ci_high"]
    assert (row["worst_step"], row["worst_step_number"]) == ("credit", 2)
    assert row["worst_step_change"] == -0.5 and row["path_step_count"] == 2
    assert row["is_association"]


def test_of_too_few_customers_no_change_is_told():
    row = told(least=61)
    assert row["satisfaction_change"] is row["ci_low"] is row["worst_step"] is None
    assert row["answered_customer_count"] == 60


def test_where_no_journey_is_over_nobody_knows_how_they_end():
    row = told(closed=0)
    assert row["resolved_ratio"] is row["median_hours"] is None


def test_a_business_without_events_has_no_path():
    empty = {name: sums()[name].slice(0, 0) for name in (PATHS, STEPS)}
    assert JOURNEY_PATHS.run(empty, Policy(), DAY).table.num_rows == 0
