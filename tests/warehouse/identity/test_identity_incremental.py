"""Identity brought up to date day by day holds what is made of the same files at once, every day.

Sixty made-up histories share two homes: one is built day by day, its twin fully each day. They hold
what changes a person after the fact: late and corrected spans, new names, spans of days to come,
snapshots that leave an account out, a release that is not published, a build that did not finish.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import duckdb
import pytest
from world import IDENTITY

HISTORIES = 60
FIRST_DAY = date(2024, 3, 1)
DAYS = 5
SNAPSHOTS_FROM = 4  # from then on, identifiers come as snapshots, and identity is made whole
UNPUBLISHED, UNFINISHED = {1}, {2}  # the builds of these days
NAMES = ("ana", "ben", None)
KINDS = ("email", "msisdn", "loyalty_id", "imsi", "account_id")
TABLES = {
    name: f"intermediate.{name}"
    for name in (
        "int_accounts_described", "int_identifiers_spanned", "int_identifiers_contested",
        "int_identifiers_counted", "int_accounts_compared", "int_accounts_linked",
        "int_accounts_clustered", "int_accounts_grouped", "int_accounts_resolved",
        "int_accounts_moved", "int_account_neighbours_changed", "int_identifiers_resolved",
        "int_customers_resolved", "int_customers_minted", "int_identity_registered",
        "int_identity_changes_detected", "int_identity_changes_logged",
    )
} | {
    name: f"staging.{name}"
    for name in ("stg_identity__accounts", "stg_identity__account_identifiers")
}  # fmt: skip


def account(rng: random.Random, history: str, name: str, day: date) -> dict:
    given = rng.choice(NAMES)
    return {
        "account_key": f"{history}/{name}",
        "opened_at": "2024-01-01" if name < "c" else f"2024-02-0{rng.randint(1, 9)}",
        "updated_at": f"{day + timedelta(days=rng.choice((-1, 0, 2)))} 0{rng.randint(0, 9)}:00",
        "given_name_key": given,
        "birth_date_key": given and f"{given}'s",
    }


def span(rng: random.Random, history: str) -> dict:
    kind = rng.choice(KINDS)
    begin = FIRST_DAY + timedelta(days=rng.choice((-50, -40, -33, -31, -29, -2, 1, 3)))
    value = rng.choice("abcde") if kind == "account_id" else rng.choice("xy")
    return {
        "account_key": f"{history}/{rng.choice('abcde')}",
        "id_type": kind,
        "id_key": f"{history}/{value}",
        "valid_from_at": None if rng.random() < 0.2 else begin.isoformat(),
        "valid_to_at": None
        if rng.random() < 0.6
        else (begin + timedelta(days=rng.choice((5, 20, 45)))).isoformat(),
    }


def one_per_key(rows: list[dict], *keys: str) -> list[dict]:
    """As landing leaves a batch: the last row of each key."""
    return list({tuple(row[key] for key in keys): row for row in rows}.values())


def deliveries(number: int) -> list[tuple[str, list[dict], dict]]:
    """What comes on a day: (source, rows, what is special about the batch)."""
    rng = random.Random(number)
    day = FIRST_DAY + timedelta(days=number)
    touched = [f"h{at:02}" for at in range(HISTORIES) if number == 0 or rng.random() < 0.5]
    count = 5 if number == 0 else 1
    accounts = [
        account(rng, history, name, day)
        for history in touched
        for name in ("abcd" if number == 0 else rng.choice("abcde"))
    ]
    spans = [span(rng, history) for history in touched for _ in range(count)]
    key = ("account_key", "id_type", "id_key", "valid_from_at")
    found = [
        ("accounts", one_per_key(accounts, "account_key", "updated_at"), {}),
        ("account_identifiers", one_per_key(spans, *key), {}),
    ]
    # Others send all they have, each time; of another day than the one before, or of days to come.
    batch = {"delivery": "snapshot", "snapshot_date": f"{day + timedelta(days=number % 2)}"}
    if number in (0, 1, 3):
        rows = [account(rng, f"h{at:02}", rng.choice("efg"), day) for at in range(0, HISTORIES, 2)]
        rows = one_per_key(rows, "account_key", "updated_at")
        found.append(("accounts", rows, batch | {"feed": "panel"}))
    if number >= SNAPSHOTS_FROM:
        held = [span(rng, f"h{at:02}") for at in range(0, HISTORIES, 3)]
        found.append(("account_identifiers", one_per_key(held, *key), batch | {"feed": "cards"}))
    return found


def crowd(number: int) -> list[tuple[str, list[dict], dict]]:
    """A card that comes to have the persons of a placeholder on day 1, and a device that ceases to
    be one on day 4, when others are delivered by which it is not so unusual any more."""
    held = {
        0: {"card": range(19), "kiosk": range(22), "lone": range(1)},
        1: {"card": range(19, 23)},
        4: {f"usual{at}": range(40 + 3 * at, 43 + 3 * at) for at in range(3)},
    }.get(number, {})
    persons = sorted({person for holders in held.values() for person in holders})
    accounts = [
        {
            "account_key": f"crowd/{person}", "opened_at": "2024-01-01", "updated_at": "2024-01-01",
            "given_name_key": f"name{person}", "birth_date_key": f"day{person}",
        }
        for person in persons
    ]  # fmt: skip
    spans = [
        {
            "account_key": f"crowd/{person}", "id_key": f"crowd/{value}",
            "id_type": "loyalty_id" if value == "card" else "device_id",
            "valid_from_at": "2024-01-05", "valid_to_at": None,
        }
        for value, holders in held.items()
        for person in holders
    ]  # fmt: skip
    return [("accounts", accounts, {}), ("account_identifiers", spans, {})] if held else []


def finish(home, day: date) -> None:
    """What the marts leave behind when they have finished: the memory of the build."""
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create table if not exists marts.customer_months (customer_id text)")
        connection.execute(
            "create or replace table intermediate.built_batches as select batch_id, source, "
            f"silent_from_date, is_heard, date '{day}' as as_of_date "
            "from staging.stg_operations__batches where is_current"
        )
        connection.execute(
            "create or replace table intermediate.built_identity__erased_accounts as "
            "select * from staging.stg_identity__erased_accounts"
        )
        connection.execute(
            "create or replace table intermediate.built_identifier_types_measured as "
            "select * from intermediate.int_identifier_types_measured"
        )


def contents(dbt, home) -> dict[str, list[dict]]:
    dbt.turn_to(home)
    return {
        name: home.rows(f"select * from {table} order by all") for name, table in TABLES.items()
    }


def build(dbt, home, day: date, *flags: str, **variables: bool) -> int:
    variables |= {"as_of_date": f"{day}", "as_of_end_at": f"{day + timedelta(days=1)} 00:00:00"}
    statuses = dbt(home, "run", *IDENTITY, *flags, **variables)
    assert set(statuses.values()) == {"success"}, dbt.failures
    return len(home.rows("select * from intermediate.int_accounts_touched"))


@pytest.fixture(scope="module")
def days(dbt, make_home):
    """(built day by day, built at once, accounts looked at, follows its release) of each day."""
    daily, twin = make_home("daily"), make_home("twin")
    found = []
    built, released = None, None  # the last build that finished; the one whose release there is
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        for source, rows, batch in deliveries(number) + crowd(number):
            for home in (daily, twin):
                home.deliver(source, rows, **batch)
        follows = built is not None and built == released
        touched = build(dbt, daily, day, follows_release=follows)
        build(dbt, twin, day, "--full-refresh")
        found.append((contents(dbt, daily), contents(dbt, twin), touched, follows))
        if number not in UNPUBLISHED | UNFINISHED:
            daily.keep_registry()
            twin.keep_registry()
            released = number
        if number not in UNFINISHED:
            finish(daily, day)
            built = number
    return found


@pytest.mark.parametrize("number", range(DAYS))
@pytest.mark.parametrize("name", TABLES)
def test_each_day_gives_what_a_full_refresh_gives(days, name, number):
    daily, full, *_ = days[number]
    assert daily[name] == full[name]


def test_the_histories_hold_what_they_claim(days):
    changes = {
        row["change_type"] for daily, *_ in days for row in daily["int_identity_changes_detected"]
    }
    assert changes == {"created", "merged", "split", "reassigned"}
    resolved = [row for daily, *_ in days for row in daily["int_identifiers_resolved"]]
    assert any(row["is_shared"] for row in resolved)
    assert any(row["quarantined_until_at"] for row in resolved)
    ended = [
        {row["account_key"] for row in daily["stg_identity__accounts"] if row["_silent_batch_id"]}
        for daily, *_ in days
    ]
    assert all(here != before for before, here in pairwise(ended[1:4]))


def test_placeholders_come_and_go(days):
    placeholders = [
        {row["id_key"] for row in daily["int_identifiers_counted"] if row["is_placeholder"]}
        for daily, *_ in days
    ]
    both = {"crowd/card", "crowd/kiosk"}
    assert placeholders == [{"crowd/kiosk"}, both, both, both, {"crowd/card"}]


def test_a_day_looks_at_what_it_touches_and_no_more(days):
    everybody = len(days[-1][0]["int_accounts_described"])
    assert days[0][2] == 0, "there is nothing to go on from: everything is made"
    assert all(0 < touched < everybody for _, _, touched, _ in days[1:2] + days[3:])


def test_some_days_follow_a_publication_and_others_a_build_that_was_not_published(days):
    assert [follows for *_, follows in days] == [False, True, False, False, True]
