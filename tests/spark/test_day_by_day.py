"""Day by day, what DuckDB and Spark build and publish stays the same, whatever comes late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from daily_deliveries import DAYS, hold_back

from saydo.build import LAYERS
from saydo.simulate import simulate

LAST_DAY = date(2025, 12, 31)
PUBLISHED = (DAYS // 2 + 1, DAYS)  # the day of the correction, and the last
# What a build takes over from the one before ends in this table: all that is not above it is made
# anew from it each day, so on the other days only what is above it is built.
REMEMBERING = "int_customer_months_measured"
COMPARED = [
    ("intermediate", name)
    for name in (
        REMEMBERING,
        "int_accounts_resolved",
        "int_identifiers_resolved",
        "int_subscriptions_resolved",
        "int_survey_summarised_to_customer_months",
    )
]
BUILT = ("staging", "identity", "intermediate")


@pytest.mark.usefixtures("without_data_tests")
def test_late_and_corrected_rows_give_the_same_figures_each_day(engines, tmp_path, monkeypatch):
    # Bills are written at a month's begin: the days after it have few.
    policy = tmp_path / "policy.yml"
    policy.write_text("gate: {max_volume_change_ratio: 1}", encoding="utf-8")
    both = engines(policy_file=policy)
    days = None

    def come(landing):
        nonlocal days
        if days is None:
            simulate(landing, customers=700, months=3, seed=3)
            days = hold_back(landing, LAST_DAY)
        next(days)

    for number in range(DAYS + 1):
        day = LAST_DAY - timedelta(days=DAYS - number)
        both.deliver(come)
        if number in PUBLISHED:
            both.build(day)
            assert both.differences() == [], day
            continue
        with monkeypatch.context() as narrowed:
            for layer in BUILT:
                narrowed.setitem(LAYERS, layer, _above(LAYERS[layer]))
            both.build(day, layers=BUILT)
        assert both.differences(*COMPARED) == [], day


def _above(selection: list[str]) -> list[str]:
    """The same layer, without what the remembering table is not made from."""
    return [
        f"{word},+{REMEMBERING}" if word.startswith("path:models") else word for word in selection
    ]
