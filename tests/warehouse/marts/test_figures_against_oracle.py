"""The published figures against the same figures computed fact by fact in plain Python."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from oracle import Oracle
from profile_oracle import ProfileOracle


@pytest.fixture(scope="module")
def months(daily_and_full):
    """customer_months after the full refresh, by customer and month."""
    return {
        (row["customer_id"], row["month_start_date"]): row
        for row in daily_and_full[2]["customer_months"]
    }


@pytest.fixture(scope="module")
def oracle(dbt, daily_and_full, small_business_home):
    dbt.turn_to(small_business_home)  # other tests may have built other homes since
    return Oracle(small_business_home.rows, "America/Los_Angeles", date(2025, 4, 1))


def published(months, column):
    return {key: row[column] for key, row in months.items() if row[column]}


def test_recurring_revenue_of_every_month(months, oracle):
    expected = oracle.closing_mrr(sorted({month for _, month in months}))
    assert published(months, "closing_mrr") == dict(expected)
    assert len(expected) > 10


def test_revenue_of_every_month_to_the_cent(months, oracle):
    expected = {key: amount for key, amount in oracle.revenue().items() if amount}
    assert published(months, "revenue") == expected
    assert sum(expected.values()) > 0


def test_mean_satisfaction_of_every_month(months, oracle):
    expected = oracle.satisfaction()
    assert published(months, "satisfaction_score") == expected
    assert len(expected) == 4


def test_experience_score_of_every_month(months, oracle):
    expected = oracle.experience()
    actual = published(months, "experience_score")
    assert actual.keys() == expected.keys() and len(expected) > 10
    for key, lived in expected.items():
        assert actual[key] == pytest.approx(lived.mean, abs=Decimal("0.0001"))


def test_minutes_without_service_and_fault_days_of_every_month(months, oracle):
    expected = oracle.experience()
    for key, lived in expected.items():
        assert months[key]["outage_minutes"] == sum(lived.outages.values())
        assert months[key]["fault_day_count"] == lived.fault_days(30)
    assert sum(lived.fault_days(30) for lived in expected.values()) > 5


def test_profiles_long_after_the_feeds_stopped(dbt, daily_and_full, small_business_home):
    """Nothing was delivered for two months: nobody's usage has shifted, the feed has stopped."""
    dbt.turn_to(small_business_home)
    oracle = ProfileOracle(small_business_home.rows, "America/Los_Angeles", date(2025, 6, 2))
    profiles = daily_and_full[2]["customer_profiles"]
    assert oracle.differences(profiles) == []
    assert {row["traffic_mb_30d"] for row in profiles} == {None}
    assert any(row["experience_score_90d"] is not None for row in profiles)
