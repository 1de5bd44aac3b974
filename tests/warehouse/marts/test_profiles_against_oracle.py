"""The profiles of random histories against the same figures computed in plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import LEFT_OUT, build
from profile_oracle import ProfileOracle
from random_business import RandomBusiness
from small_business import MARTS

REASONS = {
    "contract_ending", "plan_changed", "usage_shift", "moved_region", "complained", "band_fell",
    "lapsed_add_on",
}  # fmt: skip
WORLDS = (
    ("America/Los_Angeles", date(2024, 2, 29)),
    ("Asia/Kolkata", date(2025, 3, 31)),  # of 90 days the first is the first of a month
)


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: f"{world[0]}-{world[1]}")
def world(request, dbt, make_home):
    """(oracle, published tables) of one business."""
    zone, as_of = request.param
    home = make_home("random_business")
    RandomBusiness(1, zone, as_of).deliver(home)
    end = datetime.combine(as_of + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    variables = {
        "as_of_date": as_of.isoformat(),
        "as_of_end_at": f"{end:%Y-%m-%d %H:%M:%S}",
        "business_timezone": zone,
    }
    build(dbt, home, variables, *LEFT_OUT[1])
    tables = {name: home.rows(f"select * from marts.{name}") for name in MARTS}
    return ProfileOracle(home.rows, zone, as_of), tables


def test_every_figure_of_every_profile(world):
    oracle, tables = world
    assert len(tables["customer_profiles"]) > 15
    assert oracle.differences(tables["customer_profiles"]) == []


def test_the_histories_show_every_reason_and_nobody_all_of_them(world):
    _, tables = world
    profiles = tables["customer_profiles"]
    told = Counter(r for p in profiles for r in (p["flux_reasons"] or "none").split(","))
    assert told.keys() >= REASONS and max(told.values()) < len(profiles)
    assert any(p["traffic_mb_30d"] is None for p in profiles if p["has_network"])


def test_the_newest_day_of_usage_is_that_day_where_the_business_is(world):
    oracle, tables = world
    days = [row["usage_date"] for rows in oracle.usage.values() for row in rows]
    newest = {
        (row["last_event_at"], row["is_fresh"])
        for row in tables["data_readiness"]
        if row["feature"] in ("usage", "traffic_mb")
    }
    assert newest == {(oracle.begin_of(max(days)), True)}


def test_a_history_of_seventy_years_is_in_the_months(world):
    _, tables = world
    months = tables["customer_months"]
    assert min(row["month_start_date"] for row in months) == date(1955, 3, 1)
    revenue = sum(row["revenue"] for row in months)
    assert revenue == sum(row["lifetime_revenue"] for row in tables["customer_profiles"])
