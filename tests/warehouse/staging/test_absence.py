"""What a snapshot's silence means: random histories against an oracle, and cases worked by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import groupby

import absence_worlds
import pytest
from absence_oracle import ALWAYS, SPANS, STILL, File, Oracle, midnight
from absence_worlds import AS_OF, TABLES, ZONE

STAGED = {
    "accounts": (
        "stg_identity__accounts", ("account_key", "updated_at", "region_code", "closed_at"),
    ),
    "account_identifiers": (
        "stg_identity__account_identifiers",
        ("account_key", "id_key", "valid_from_at", "valid_to_at", "follows_at"),
    ),
    "subscriptions": (
        "stg_transactions__subscriptions",
        ("subscription_id", "started_at", "recurring_amount", "ended_at"),
    ),
}  # fmt: skip
END = midnight(AS_OF + timedelta(days=1), ZONE)
OCTOBER = datetime(2023, 10, 1)


def listed(name: str, table: str, *snapshots: tuple[int, list[dict]], **changes) -> list[File]:
    """A feed of its own whose snapshots are of these days of March."""
    return [
        File(f"{name}.{table}", table, tuple(rows), snapshot_date=date(2024, 3, day), **changes)
        for day, rows in snapshots
    ]


def account(key: str, **values) -> dict:
    return {"account_key": key, "opened_at": OCTOBER, "region_code": "r"} | values


def number(key: str, value: str, begin: datetime | None = None) -> dict:
    return {"account_key": key, "id_type": "msisdn", "id_key": value, "valid_from_at": begin}


def contract(key: str, begin: datetime, price: int = 20) -> dict:
    return {
        "subscription_id": key, "id_type": "account_id", "id_key": key, "product_code": "p",
        "product_type": "plan", "recurring_amount": price, "currency": "EUR",
        "billing_interval": "month", "started_at": begin,
    }  # fmt: skip


def march(day: int, hour: int = 0) -> datetime:
    return datetime(2024, 3, day, hour)


CASES = [
    *listed("gone", "accounts", (6, [account("gone"), account("there")]), (8, [account("there")])),
    *listed("back", "accounts", (6, [account("back")]), (8, []), (10, [account("back")])),
    *listed("to come", "accounts", (11, [account("to come")]), (13, [])),
    *listed("late", "accounts", (6, [account("late")]), (10, []), (8, [])),
    *listed("never", "accounts", (6, [account("never")]), (6, [account("instead")])),
    *listed("moves", "accounts", (6, [account("moves")]), (8, [])),
    *listed("moved to", "accounts", (8, [account("moves")])),
    *listed("erased", "accounts", (6, [account("erased")]), (8, []), absent="erased"),
    *listed("n1", "account_identifiers", (6, [number("n1/a", "n1")]), (8, [number("n1/b", "n1")])),
    *listed("n2", "account_identifiers", (6, [number("n2/a", "n2", OCTOBER)]),
            (10, [number("n2/b", "n2", march(7))])),
    *listed("n3", "account_identifiers", (6, [number("n3/a", "n3", OCTOBER)]),
            (10, [number("n3/b", "n3", OCTOBER)])),
    *listed("price", "subscriptions", (6, [contract("price", OCTOBER, 20)]),
            (10, [contract("price", march(7), 25)])),
    *listed("start", "subscriptions", (6, [contract("start", march(5))]),
            (10, [contract("start", march(1))])),
    *listed("planned", "subscriptions", (6, [contract("planned", march(10))]), (8, [])),
]  # fmt: skip


@pytest.fixture(scope="module")
def staged(dbt, make_home):
    """One home for all: every world has its own feeds and keys."""
    home = make_home("absence")
    keep, home._write_batches = home._write_batches, lambda: None
    daily, bulk = absence_worlds.twins()
    for file in (*absence_worlds.make(), *CASES, *daily, *bulk):
        batch = {name: value for name, value in file.__dict__.items() if name != "rows"}
        home.deliver(batch.pop("source"), file.rows, **batch)
    keep()
    models = [f"+{model}" for model, _ in STAGED.values()]
    as_of = {"as_of_date": f"{AS_OF}", "as_of_end_at": f"{END}", "business_timezone": ZONE}
    dbt.build_models(home, *models, **as_of)
    home.stood = {table: read(home, table) for table in TABLES}
    return home


def found(home, table: str, name: str) -> list[tuple]:
    """Rows of a world, or of a key."""
    return home.stood[table].get(name.split("/")[0], [])


def read(home, table: str) -> dict[str, list[tuple]]:
    """World to rows."""
    model, columns = STAGED[table]
    rows = home.rows(f"select {', '.join(columns)} from staging.{model}")
    worlds = defaultdict(list)
    for row in sorted((tuple(row.values()) for row in rows), key=repr):
        worlds[row[0].split("/")[0]].append(row)
    return worlds


def expected(files: list[File], table: str) -> list[tuple]:
    rows = []
    for standing in Oracle(files, table, ZONE, AS_OF).rows:
        _, ends = SPANS[table]
        if standing.begin == ALWAYS or standing.begin < END:
            told = standing.row | {ends: None if standing.end == STILL else standing.end}
            rows.append(
                tuple((told | {"follows_at": standing.follows})[n] for n in STAGED[table][1])
            )
    return sorted(rows, key=repr)


@pytest.mark.parametrize("table", TABLES)
def test_random_histories_stand_as_the_oracle_says(staged, table):
    ended = 0
    for name, files in groupby(absence_worlds.make(), key=lambda file: file.feed.split(".")[0]):
        files = list(files)
        assert found(staged, table, name) == expected(files, table), (name, table)
        ended += sum(row.is_ended_by_silence for row in Oracle(files, table, ZONE, AS_OF).rows)
    assert ended > 50


@pytest.mark.parametrize("table", TABLES)
def test_landed_daily_or_at_once_in_any_order_the_same_stands(staged, table):
    count = 0
    for number in range(absence_worlds.TWINS):
        daily, bulk = (found(staged, table, f"{name}{number:02}") for name in ("daily", "bulk_"))
        count += len(daily)
        assert repr(bulk).replace("bulk_", "daily") == repr(daily)
    assert count > 80


def stood(home, table: str, key: str) -> list[tuple]:
    """Begin and end of each row of a key, its price or what it follows."""
    begins, ends = SPANS[table]
    more = {"account_identifiers": "follows_at", "subscriptions": "recurring_amount"}.get(table)
    rows = [dict(zip(STAGED[table][1], row, strict=True)) for row in found(home, table, key)]
    return [
        (row.get(begins), row[ends], *([row[more]] if more else []))
        for row in rows
        if key in row.values()
    ]


@pytest.mark.parametrize(
    ("key", "closed_at"),
    [
        ("gone", march(8, 5)),  # midnight in New York
        ("there", None),
        ("back", None),
        ("to come", None),
        ("late", march(8, 5)),
        ("moves", None),
    ],
)
def test_an_account_ends_with_the_first_snapshot_of_its_last_silence(staged, key, closed_at):
    assert stood(staged, "accounts", key) == [(None, closed_at)]


def test_a_corrected_snapshot_never_was_and_erased_is_erased(staged):
    assert stood(staged, "accounts", "never") == [] == stood(staged, "accounts", "erased")
    assert stood(staged, "accounts", "instead") == [(None, None)]


def test_an_identifier_passes_on_when_it_says_so_else_with_the_snapshot(staged):
    handed_over = march(8, 5)
    assert stood(staged, "account_identifiers", "n1/a") == [(None, handed_over, None)]
    assert stood(staged, "account_identifiers", "n1/b") == [(None, None, handed_over)]
    assert stood(staged, "account_identifiers", "n2/a") == [(OCTOBER, march(7), None)]
    assert stood(staged, "account_identifiers", "n2/b") == [(march(7), None, None)]


def test_an_identifier_told_to_have_been_anothers_all_along_is_the_others(staged):
    assert stood(staged, "account_identifiers", "n3/a") == []
    assert stood(staged, "account_identifiers", "n3/b") == [(OCTOBER, None, None)]


def test_a_price_changes_when_it_says_so_and_a_corrected_start_counts_once(staged):
    assert sorted(stood(staged, "subscriptions", "price")) == [
        (OCTOBER, march(7), 20), (march(7), None, 25),
    ]  # fmt: skip
    assert stood(staged, "subscriptions", "start") == [(march(1), None, 20)]


def test_what_was_planned_and_left_out_ended_as_it_began(staged):
    assert stood(staged, "subscriptions", "planned") == [(march(10), march(10), 20)]
