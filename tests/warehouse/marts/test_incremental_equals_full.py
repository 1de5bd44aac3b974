"""A warehouse brought up to date day by day holds what a full refresh makes of the same files.

Five builds of every model: about a minute of computing.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from small_business import ESTIMATED, MARTS


@pytest.mark.parametrize("mart", MARTS)
def test_day_by_day_gives_what_a_full_refresh_gives(daily_and_full, mart):
    _, daily, full = daily_and_full
    assert daily[mart] == full[mart]
    assert full[mart] or mart in ("release_history", "restatement_log", *ESTIMATED)


@pytest.mark.parametrize(
    "model",
    ["int_network_usage_summarised_to_identifier_months", "int_customer_months_measured"],
)
def test_a_full_refresh_of_many_rows_is_made_month_by_month(
    daily_and_full, small_business_home, model
):
    ran = small_business_home.ran[model]
    (months,) = small_business_home.rows(
        f"select count(distinct month_start_date) as n from intermediate.{model}"
    )
    assert ran.count("insert into") == months["n"] - 1 > 1  # the first step makes the table
    assert "in this step" not in ran


def test_a_day_takes_steps_of_what_it_makes_and_not_of_all_history(
    daily_and_full, small_business_home
):
    ran = small_business_home.ran_on_a_day
    usage = ran["int_network_usage_summarised_to_identifier_months"]
    assert usage.count("insert into") == 1
    assert ran["int_customer_months_measured"].count("insert into") > 1


def test_a_day_reads_the_months_it_touches_and_no_other(daily_and_full):
    _, late, april, _ = daily_and_full[0]
    assert {month for source, month in late if source == "network_usage_daily"} == {
        "2025-01", "2025-03",
    }  # fmt: skip
    assert {month for source, month in april if source == "network_usage_daily"} == {
        "2025-03", "2025-04",
    }  # fmt: skip


def test_months_begin_for_everybody_though_nothing_is_delivered(daily_and_full):
    touched = daily_and_full[0][-1]
    assert {month for source, month in touched if source == "calendar"} == {
        "2025-04", "2025-05", "2025-06",
    }  # fmt: skip
    assert not {month for source, month in touched if source != "calendar" and month > "2025-05"}
    assert list(months_of(daily_and_full, "a7"))[-2:] == ["2025-05", "2025-06"]


def test_a_redelivered_charge_leaves_its_old_month(daily_and_full):
    assert ("transactions", "2025-02") in daily_and_full[0][1]


def months_of(daily_and_full, account):
    owner = next(
        row["customer_id"]
        for row in daily_and_full[1]["customer_identifiers"]
        if row["id_type"] == "account_id" and row["id_key"] == account
    )
    return {
        row["month_start_date"].isoformat()[:7]: row
        for row in daily_and_full[1]["customer_months"]
        if row["customer_id"] == owner
    }


def test_a_late_row_starts_a_life_earlier_and_leaves_no_gap(daily_and_full):
    months = months_of(daily_and_full, "a7")
    assert list(months) == ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"]
    assert months["2025-01"]["fault_day_count"] == 1
    assert months["2025-02"]["session_count"] is None


def test_merged_customers_leave_no_rows_behind(daily_and_full):
    assert months_of(daily_and_full, "a2") == months_of(daily_and_full, "a5")
    profiles = {row["customer_id"] for row in daily_and_full[1]["customer_profiles"]}
    assert {row["customer_id"] for row in daily_and_full[1]["customer_months"]} <= profiles
    assert len(profiles) == 8


def test_facts_that_nobody_owned_are_counted_and_go_home_when_their_owner_is_told(
    daily_and_full, small_business_home
):
    before, after, *_ = small_business_home.match_ratios
    assert 0.9 < before["transactions"] < 1 and 0.9 < before["network_usage_daily"] < 1
    assert set(after.values()) == {1}
    january = months_of(daily_and_full, "a9")["2025-01"]
    assert (january["revenue"], january["session_count"]) == (42, 3 * 13)
    assert daily_and_full[1]["customer_months"] == daily_and_full[2]["customer_months"]


def test_a_recycled_number_splits_its_month_between_two_owners(daily_and_full):
    before = months_of(daily_and_full, "a1")["2025-02"]["session_count"]
    after = months_of(daily_and_full, "a8")["2025-02"]["session_count"]
    assert before and after
    assert before + after <= 28 * 5


def test_leaving_and_coming_back_are_told_apart(daily_and_full):
    paused = months_of(daily_and_full, "a4")
    assert [month for month, row in paused.items() if row["is_reactivated"]] == ["2025-03"]
    left = months_of(daily_and_full, "a3")
    assert [month for month, row in left.items() if row["is_churned"]] == ["2025-02"]


def test_a_version_told_late_describes_the_months_from_its_own_time_on(daily_and_full):
    regions = {month: row["region_code"] for month, row in months_of(daily_and_full, "a6").items()}
    assert regions["2025-01"] == "CA"
    assert set(list(regions.values())[1:]) == {"NV"} and len(regions) == 6
    paid = months_of(daily_and_full, "a6")["2025-06"]["acquisition_month_start_date"]
    assert paid.isoformat() == "2025-01-01"


def test_a_source_without_its_delivery_is_late_in_every_row_of_it_and_no_other_is(daily_and_full):
    readiness = daily_and_full[1]["data_readiness"]
    late = [row for row in readiness if row["is_late"]]
    assert late and {row["source"] for row in late} == {"transactions"}
    assert len(late) == sum(row["source"] == "transactions" for row in readiness)
    for row in late:
        assert row["grade"] >= "C" and row["expected_by_at"] == datetime(2025, 6, 1, 6)
        assert "not delivered in time: ledger, till" in row["why"]
    assert {row["source"] for row in readiness if row["expected_by_at"]} == {
        "transactions", "accounts",
    }  # fmt: skip
