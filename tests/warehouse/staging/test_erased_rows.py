"""Whom staging leaves out: by rows that count, by episodes, and by the business's own days."""

from __future__ import annotations

import pytest

ASKED = "2024-09-01"


def holds(name: str, begin: str | None, end: str | None = None, number: str | None = None) -> dict:
    """`a/1` holds the number of scenario `a`."""
    return {
        "account_key": name, "id_type": "msisdn", "id_key": number or name.split("/")[0],
        "valid_from_at": begin, "valid_to_at": end,
    }  # fmt: skip


@pytest.fixture(scope="module")
def staged(dbt, make_home):
    """Each scenario has two accounts, a number and usage of its own; the zone is an hour ahead."""
    home = make_home("erased")
    scenarios = ("waiting", "replaced", "former", "next", "late_evening", "both", "not_before")
    home.deliver("accounts", [
        {"account_key": f"{name}/{which}", "opened_at": "2024-05-10 08:00"}
        for name in scenarios for which in "12"
    ])  # fmt: skip
    home.deliver("account_identifiers", [
        holds("waiting/1", "2024-01-01"),
        holds("former/1", "2024-01-01", "2024-05-10 08:00"), holds("former/2", "2024-05-10 08:00"),
        holds("next/1", "2024-01-01", "2024-05-10 08:00"), holds("next/2", "2024-05-10 08:00"),
        holds("late_evening/1", "2024-01-01", "2024-05-10 23:30"),
        holds("late_evening/2", "2024-05-10 23:30"),
        holds("both/1", "2024-01-01"), holds("both/2", "2024-06-01"),
        holds("not_before/1", "2024-01-01", "2024-02-01"), holds("not_before/2", None),
    ])  # fmt: skip
    home.deliver("account_identifiers", [holds("waiting/2", "2024-06-01")], status="landed")
    for which in "21":
        rows = [holds(f"replaced/{which}", "2024-01-01")]
        home.deliver("account_identifiers", rows, feed="numbers", delivery="snapshot")
    home.deliver("network_usage_daily", [
        {"id_type": "msisdn", "id_key": name, "usage_date": day, "site_code": "s"}
        for name in scenarios
        for day in ("2024-01-15", "2024-05-09", "2024-05-10", "2024-05-11")
    ])  # fmt: skip
    requests = {name: ("msisdn", name) for name in scenarios}
    requests |= {name: ("account_id", f"{name}/1") for name in ("former", "late_evening")}
    home.deliver("erasure_requests", [
        {"request_id": name, "id_type": kind, "id_key": key, "requested_at": ASKED}
        for name, (kind, key) in requests.items()
    ])  # fmt: skip
    models = ("stg_identity__accounts", "stg_network__usage_daily")
    dbt.build_models(home, *(f"+{name}" for name in models), business_timezone="Europe/London")
    return home


def accounts(home, name: str) -> str:
    """Which of a scenario's accounts staging has, as their numbers."""
    rows = home.rows(
        "select account_key from staging.stg_identity__accounts "
        f"where account_key like '{name}/%' order by 1"
    )
    return "".join(row["account_key"][-1] for row in rows)


def days(home, name: str) -> list[str]:
    rows = home.rows(
        "select usage_date from staging.stg_network__usage_daily "
        f"where id_key = '{name}' order by 1"
    )
    return [f"{row['usage_date']:%m-%d}" for row in rows]


def test_a_batch_that_waits_does_not_say_whose_a_number_is(staged):
    assert accounts(staged, "waiting") == "2"


def test_a_snapshot_that_was_replaced_does_not_say_whose_a_number_is(staged):
    assert accounts(staged, "replaced") == "2"


def test_usage_of_the_day_of_a_hand_over_is_left_out_with_its_last_holder(staged):
    assert accounts(staged, "former") == "2" and accounts(staged, "next") == "1"
    assert days(staged, "former") == ["05-10", "05-11"]
    assert days(staged, "next") == ["01-15", "05-09"]


def test_the_day_of_a_hand_over_is_the_business_s_own(staged):
    """Half past eleven in UTC is after midnight in London's summer."""
    assert days(staged, "late_evening") == ["05-11"]


def test_of_two_who_hold_a_number_still_both_are_left_out(staged):
    assert accounts(staged, "both") == ""
    assert days(staged, "both") == []


def test_a_span_without_a_begin_begins_when_the_account_was_opened(staged):
    assert accounts(staged, "not_before") == "1"
    assert days(staged, "not_before") == ["01-15", "05-09"]
