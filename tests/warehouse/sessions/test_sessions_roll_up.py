"""Sessions land, and roll up to the days of the business as an oracle in pandas says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from session_world import COLUMNS, SessionHome, Sessions, rolled_up

from saydo.landing import hash_identifier

# Clocks change over midnight in Havana, and at night in Los Angeles (below).
ZONES = {
    "America/Havana": ["2024-11-01", "2025-03-07"],
    "UTC": ["2024-12-30"],
}
AS_OF = {"as_of_date": "2025-05-31", "as_of_end_at": "2025-06-01 04:00:00"}


def keys(home: SessionHome) -> dict[str, str]:
    return {f"i{n}": hash_identifier(home.settings, "imsi", f"i{n}") for n in range(4)}


@pytest.mark.parametrize("zone", ZONES)
def test_random_sessions_roll_up_to_the_days_that_an_oracle_says(dbt, make_home, zone):
    home = SessionHome(make_home(f"sessions_{zone.replace('/', '_')}"), zone)
    world = Sessions(zone, zone, ZONES[zone])
    files = [world.file(0, 400), world.file(400, 100, again=60), world.file(500, 20, again=60)]
    for file in files:
        home.land(file)
    home.build(dbt, "+int_network_usage_united_to_identifier_days", **AS_OF)
    expected = rolled_up(files, zone, keys(home))
    assert home.days() == expected
    assert home.days("int_network_usage_united_to_identifier_days") == expected
    assert len(expected) > 50


@pytest.fixture(scope="module")
def day_by_day(dbt, make_home):
    """A home built after each of three files, and what a full refresh makes of the same."""
    zone = "America/Los_Angeles"
    home = SessionHome(make_home("sessions_day_by_day"), zone)
    world = Sessions("by day", zone, ["2025-01-30", "2025-02-26", "2025-03-08", "2025-03-29"])
    first = [*world.file(0, 200), session("moves", "2025-01-10"), session("stays", "2025-02-10")]
    late = [session("moves", "2025-03-10"), session("late", "2025-03-20", hours=30)]
    last = world.file(200, 50, again=40)
    steps, touched = [], []
    days = ("2025-03-30", "2025-03-31"), ("2025-03-31", "2025-04-01"), ("2025-04-02", "2025-04-03")
    for file, (day, next_day) in zip((first, late, last), days, strict=True):
        home.land(file)
        as_of = {"as_of_date": day, "as_of_end_at": f"{next_day} 07:00:00"}
        home.build(dbt, "+int_customer_months_measured", **as_of)
        steps.append(contents(home))
        rows = home.home.rows("select * from intermediate.int_months_touched")
        touched.append(
            {row["month_start_date"].isoformat()[:7] for row in rows if row["source"] != "calendar"}
        )
    home.build(dbt, "+int_customer_months_measured", "--full-refresh", **as_of)
    return home, [first, late, last], steps, touched, contents(home)


def session(number: str, day: str, hours: float = 0.5) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "") | {"session_id": number, "imsi": "i0"}
    start = datetime.fromisoformat(f"{day} 20:00:00")
    end = start + timedelta(hours=hours)
    return row | {"started_at": f"{start}", "ended_at": f"{end}", "usage_minutes": "60"}


def contents(home: SessionHome) -> list[list[dict[str, Any]]]:
    return [
        home.home.rows(f"select * from intermediate.{model} order by all")
        for model in (
            "int_network_sessions_summarised_to_identifier_days",
            "int_network_usage_summarised_to_identifier_months",
            "int_network_outages_summarised_to_identifier_days",
            "int_customer_months_measured",
        )
    ]


def test_a_home_built_day_by_day_equals_a_full_refresh_and_the_oracle(day_by_day):
    home, files, steps, _, full = day_by_day
    assert steps[-1] == full and all(full)
    expected = rolled_up(files, "America/Los_Angeles", keys(home))
    last_day = date(2025, 4, 2)
    assert home.days() == [day for day in expected if day[1] <= last_day]


def test_a_session_that_moves_leaves_its_old_month_and_only_those_two_are_built(day_by_day):
    _, _, steps, touched, _ = day_by_day
    assert touched[1] == {"2025-01", "2025-03"}, "February and what it holds is not read again"
    days = [{(row["usage_date"], row["id_key"]) for row in step[0]} for step in steps]
    assert {day.isoformat() for day, _ in days[0] - days[1]} <= {"2025-01-10"}
    minutes = [
        sum(row["usage_minutes"] or 0 for row in step[0] if row["usage_date"] == date(2025, 1, 10))
        for step in steps
    ]
    assert minutes[0] - minutes[1] == 60


def test_of_what_a_days_total_says_its_sessions_say_nothing(dbt, make_home):
    totals = "imsi,usage_date,site_code,traffic_mb\ni0,2025-01-10,,100\ni1,2025-01-10,,7\n"
    home = SessionHome(make_home("sessions_beside_totals"), "UTC", totals)
    told = {"traffic_mb": "5"}
    home.land([session("a", "2025-01-10") | told, session("b", "2025-01-11") | told])
    home.build(dbt, "+int_network_usage_summarised_to_identifier_months", **AS_OF)
    rows = home.home.rows(
        "select id_key, sum(traffic_mb) as mb, sum(usage_minutes) as minutes, "
        "sum(session_count) as sessions "
        "from intermediate.int_network_usage_united_to_identifier_days group by id_key"
    )
    found = {row["id_key"]: (row["mb"], row["minutes"], row["sessions"]) for row in rows}
    cards = keys(home)
    assert found == {cards["i0"]: (105, 120, 2), cards["i1"]: (7, None, None)}


def test_a_business_without_sessions_reads_no_usage_to_subtract_from_it(dbt, make_home):
    model = "int_network_sessions_summarised_to_identifier_days"
    home = make_home("no_sessions")
    home.deliver("network_usage_daily", [
        {"id_type": "msisdn", "id_key": "a", "usage_date": date(2024, 3, 1), "session_count": 2}
    ])  # fmt: skip
    dbt.build_models(home, f"+{model}")

    plan = home.rows(f"explain {dbt.compiled[model]}")

    # Nothing is scanned: the join would keep all of the usage in memory for no row.
    assert "EMPTY_RESULT" in str(plan) and "READ_PARQUET" not in str(plan)
