"""Intervals of shares against scipy's, and the calibration of stated intents."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest

from saydo.config import Policy
from saydo.estimate.intervals import wilson
from saydo.estimate.stated_vs_actual_monthly import SEGMENTS, STATED_VS_ACTUAL_MONTHLY

_CELL = {
    "month_start_date": date(2025, 1, 1), "question_role": "stated_stay_intent",
    "stated_band": "fan", "segment_type": "all", "segment_code": "all", "response_count": 60,
    "pending_count": 10, "buying_count": 5, "paying_count": 40, "staying_count": 34,
    "spending_count": 45, "keeping_count": 36, "total_paying_score": 380.0,
    "total_spending_score": 405.0,
}  # fmt: skip


def estimated(**cell):
    table = pa.Table.from_pylist([_CELL | cell])
    made = STATED_VS_ACTUAL_MONTHLY.run({SEGMENTS: table}, Policy(), date(2025, 12, 31))
    assert made.table.schema == STATED_VS_ACTUAL_MONTHLY.schema
    [row] = made.table.to_pylist()
    return row


def test_intervals_are_those_of_an_independent_library():
    rng = np.random.default_rng(5)
    counts = np.concatenate([np.arange(1, 40), rng.integers(40, 5000, 60)])
    hits = np.array([rng.integers(0, count + 1) for count in counts])
    hits[:10], hits[10:20] = 0, counts[10:20]
    low, high = wilson(hits.astype(float), counts.astype(float))
    for number, (hit, count) in enumerate(zip(hits.tolist(), counts.tolist(), strict=True)):
        theirs = binomtest(hit, count).proportion_ci(0.95, method="wilson")
        assert (low[number], high[number]) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_of_nobody_there_is_no_interval():
    low, high = wilson(np.zeros(1), np.zeros(1))
    assert np.isnan(low[0]) and np.isnan(high[0])


def test_95_of_100_intervals_hold_the_share_that_made_the_counts():
    rng = np.random.default_rng(11)
    for share, count in ((0.04, 60), (0.5, 40), (0.93, 200)):
        hits = rng.binomial(count, share, 4000).astype(float)
        low, high = wilson(hits, np.full(4000, float(count)))
        assert 0.92 < np.mean((low <= share) & (share <= high)) < 0.98


def test_a_gap_is_what_they_said_less_what_they_did_as_sure_as_what_they_did():
    row = estimated()
    assert row["stated_ratio"] == pytest.approx(0.95)
    assert row["stay_ratio"] == pytest.approx(0.85)
    assert row["calibration_gap"] == pytest.approx(0.10)
    theirs = binomtest(34, 40).proportion_ci(0.95, method="wilson")
    assert row["calibration_gap_low"] == pytest.approx(0.95 - theirs.high)
    assert row["calibration_gap_high"] == pytest.approx(0.95 - theirs.low)


def test_an_intent_to_spend_is_held_against_spending_and_satisfaction_against_nothing():
    row = estimated(question_role="stated_spend_intent")
    assert (row["stated_ratio"], row["calibration_gap"]) == pytest.approx((0.9, 0.1))
    row = estimated(question_role="overall_satisfaction")
    assert row["stated_ratio"] is row["calibration_gap"] is row["calibration_gap_low"] is None
    assert row["stay_ratio"] == pytest.approx(0.85)


def test_pending_answers_are_in_no_ratio():
    row = estimated()
    assert row["buy_ratio"] == pytest.approx(5 / 50) and not row["is_small_cell"]
    none = dict.fromkeys(
        ("buying_count", "paying_count", "staying_count", "spending_count", "keeping_count"), 0
    )
    row = estimated(pending_count=60, total_paying_score=0.0, total_spending_score=0.0, **none)
    figures = [name for name in row if name.endswith(("_ratio", "_low", "_high", "_gap"))]
    assert [row[name] for name in figures] == [None] * 13 and row["is_small_cell"]


def test_of_no_answers_there_is_an_empty_table():
    table = pa.Table.from_pylist([_CELL]).slice(0, 0)
    made = STATED_VS_ACTUAL_MONTHLY.run({SEGMENTS: table}, Policy(), date(2025, 12, 31))
    assert made.table.num_rows == 0 and made.table.schema == STATED_VS_ACTUAL_MONTHLY.schema
