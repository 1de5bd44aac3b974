"""Day by day, what DuckDB and Spark would publish stays the same, whatever comes late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from daily_deliveries import DAYS, hold_back

from saydo.simulate import simulate

COMPARED = 2  # of the days; a day is two builds, of which Spark's takes over a minute


@pytest.mark.usefixtures("without_data_tests")
def test_late_and_corrected_rows_give_the_same_figures_each_day(engines, tmp_path):
    # Bills are written at a month's begin: the days after it have few.
    policy = tmp_path / "policy.yml"
    policy.write_text("gate: {max_volume_change_ratio: 1}", encoding="utf-8")
    both = engines(policy_file=policy)
    last_day = date(2025, 12, 31)
    days = None

    def first(landing):
        nonlocal days
        simulate(landing, customers=700, months=3, seed=3)
        days = hold_back(landing, last_day)
        return next(days)

    both.deliver(first)
    both.build(last_day - timedelta(days=DAYS))
    assert both.differences() == []
    for _ in range(COMPARED):
        day = None

        def next_day(_landing):
            nonlocal day
            day, _ = next(days)

        both.deliver(next_day)
        both.build(day)
        assert both.differences() == [], day
