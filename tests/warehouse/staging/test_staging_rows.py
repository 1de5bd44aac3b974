"""Which delivered rows count: the newest of each key, of current batches, of nobody erased."""

from __future__ import annotations

import pytest

from saydo.build.prepare import ERASURES

STAGING = ("path:models/staging",)
ACCOUNT = {"opened_at": "2024-01-01"}
WHOSE = {"id_type": "account_id", "id_key": "a"}


def transaction(key: str, amount: str = "1.00", **values) -> dict:
    return WHOSE | {
        "transaction_id": key, "occurred_at": "2024-05-05 12:00:00", "transaction_type": "charge",
        "amount": amount, "currency": "EUR",
    } | values  # fmt: skip


def usage(day: str, sessions: int, id_key: str = "a", site: str | None = "s1") -> dict:
    return {
        "id_type": "msisdn", "id_key": id_key, "usage_date": day, "site_code": site,
        "session_count": sessions,
    }  # fmt: skip


def account(key: str, **values) -> dict:
    return ACCOUNT | {"account_key": key} | values


def holds(key: str, value: str, begin: str | None = None, end: str | None = None) -> dict:
    return {
        "account_key": key, "id_type": "msisdn", "id_key": value,
        "valid_from_at": begin, "valid_to_at": end,
    }  # fmt: skip


@pytest.fixture(scope="module")
def staged(dbt, make_home):
    home = make_home("staging")
    home.deliver("accounts", [
        account("a", region_code="old"),
        account("a", region_code="dated", updated_at="2024-02-01"),
        account("a", region_code="after the as-of date", updated_at="2025-02-01"),
        account("b", opened_at="2025-01-01"), account("undated", opened_at=None),
        account("leaver"), account("by_number"), account("next"),
        account("first"), account("second"), account("third"), account("fourth"),
        account("sharer 1"), account("sharer 2"), account("named"), account("not named"),
    ])  # fmt: skip
    home.deliver("accounts", [account("a", region_code="newer")])
    home.deliver("accounts", [account("refused")], status="refused")
    home.deliver("accounts", [account("waiting")], status="landed")

    for feed, absent in (("books", "erased"), ("facts", "ended")):
        for keys in (("snapshot 1", "snapshot 2"), ("snapshot 2", "snapshot 3")):
            rows = [transaction(f"{feed} {key}") for key in keys]
            home.deliver("transactions", rows, feed=feed, delivery="snapshot", absent=absent)
        rows = [transaction(f"{feed} replayed")]
        home.deliver("transactions", rows, feed=feed, absent=absent)
    home.deliver("transactions", [
        transaction("once"), transaction("twice", "1.00"), transaction("moved"),
        transaction("last instant", occurred_at="2024-12-31 23:59:59.999999"),
        transaction("next day", occurred_at="2025-01-01 00:00:00"),
    ])  # fmt: skip
    home.deliver("transactions", [
        transaction("twice", "2.00"), transaction("moved", occurred_at="2024-08-01"),
    ])  # fmt: skip

    home.deliver("network_usage_daily", [
        usage("2024-05-01", 1), usage("2024-05-02", 2), usage("2024-05-02", 20, site=None),
        usage("2024-05-03", 3), usage("2025-01-01", 9),
    ])  # fmt: skip
    home.deliver("network_usage_daily", [
        usage("2024-05-02", 4), usage("2024-05-02", 40, site=None), usage("2024-05-02", 5, "b"),
    ])  # fmt: skip
    home.deliver("network_usage_daily", [usage("2024-05-03", 6, "b"), usage("2024-05-03", 7)])

    home.deliver("account_identifiers", [
        holds("leaver", "their own"),
        holds("by_number", "number", "2024-01-01", "2024-03-01"),
        holds("next", "number", "2024-06-01"),
        holds("first", "open end", "2024-01-01"),
        holds("second", "open end", "2024-06-01"),
        holds("third", "answered", "2024-01-01", "2024-03-01"),
        holds("fourth", "answered", "2024-04-01"),
        holds("sharer 1", "shared"), holds("sharer 2", "shared"),
        holds("named", "clarified"), holds("not named", "clarified"),
    ])  # fmt: skip
    home.deliver("erasure_requests", [
        {"request_id": "1", "id_type": "account_id", "id_key": "leaver",
         "requested_at": "2025-06-01"},
        {"request_id": "2", "id_type": "msisdn", "id_key": "number",
         "requested_at": "2024-04-01"},
        {"request_id": "3", "id_type": "panel_id", "id_key": "nobody's",
         "requested_at": "2024-04-01"},
    ])  # fmt: skip

    def asks(request_id: str, id_type: str, id_key: str) -> dict:
        return {
            "request_id": request_id, "id_type": id_type, "id_key": id_key,
            "requested_at": "2024-05-01",
        }  # fmt: skip

    home.deliver("erasure_requests", [
        asks("4", "msisdn", "open end"), asks("5", "msisdn", "answered"),
        asks("6", "msisdn", "shared"), asks("7", "msisdn", "clarified"),
    ])  # fmt: skip
    home.deliver("erasure_requests", [asks("7", "account_id", "named")])
    # What erasing answered when only the third had that number.
    home.write_state("erasures", [
        {"request_id": "5", "id_type": "msisdn", "id_key": "answered", "account_key": "third"},
        {"request_id": "gone", "id_type": "account_id", "id_key": "long gone",
         "account_key": "long gone"},
    ], ERASURES)  # fmt: skip

    def seen(key: str, id_type: str, id_key: str, at: str = "2024-05-05") -> dict:
        return {
            "interaction_id": key, "id_type": id_type, "id_key": id_key, "occurred_at": at,
            "channel_code": "call", "interaction_type": "question",
        }  # fmt: skip

    home.deliver("interactions", [
        seen("erased account", "account_id", "leaver"),
        seen("erased by identifier", "msisdn", "their own"),
        seen("former holder", "msisdn", "number", "2024-02-01"),
        seen("next holder", "msisdn", "number", "2024-07-01"),
        seen("unknown identifier", "panel_id", "nobody's"),
        seen("before the second", "msisdn", "open end", "2024-05-05"),
        seen("since the second", "msisdn", "open end", "2024-06-01"),
        seen("answered", "msisdn", "answered", "2024-02-05"),
        seen("not the answer", "msisdn", "answered", "2024-04-05"),
        seen("by both", "msisdn", "shared"),
        seen("sharer by account", "account_id", "sharer 2"),
        seen("not named", "account_id", "not named"),
        seen("named", "account_id", "named"),
        seen("delivered again", "account_id", "long gone"),
        seen("somebody else", "account_id", "a"),
    ])  # fmt: skip
    dbt.build_models(home, *STAGING)
    return home


def column(home, model: str, name: str, where: str = "true") -> list:
    rows = home.rows(f"select {name} as it from staging.{model} where {where} order by 1")
    return [row["it"] for row in rows]


def test_a_version_replaces_its_like_and_later_versions_stay_apart(staged):
    found = staged.rows(
        "select region_code, updated_at is null as is_undated "
        "from staging.stg_identity__accounts where account_key = 'a' order by 2"
    )
    assert [(row["region_code"], row["is_undated"]) for row in found] == [
        ("dated", False),
        ("newer", True),
    ]


def test_nothing_after_the_as_of_day_is_known_and_its_last_instant_is(staged):
    accounts = column(staged, "stg_identity__accounts", "account_key")
    assert "b" not in accounts
    assert "undated" in accounts, "an account need not say when it was opened"
    days = column(
        staged, "stg_transactions__transactions", "transaction_id", "transaction_id like '%t%'"
    )
    assert "last instant" in days and "next day" not in days
    assert (
        column(staged, "stg_network__usage_daily", "usage_date", "usage_date > '2024-12-31'") == []
    )


def test_only_accepted_batches_count(staged):
    found = column(staged, "stg_identity__accounts", "account_key")
    assert not {"refused", "waiting"} & set(found)
    current = column(staged, "stg_operations__batches", "status", "not is_current")
    assert sorted(current) == ["accepted", "landed", "refused"]


def transactions_of(home, feed: str) -> list:
    model = "stg_transactions__transactions"
    found = column(home, model, "transaction_id", f"_feed = '{feed}'")
    return [name.removeprefix(f"{feed} ") for name in found]


def test_where_absent_is_erased_a_snapshot_replaces_what_its_feed_delivered_before(staged):
    assert transactions_of(staged, "books") == ["replayed", "snapshot 2", "snapshot 3"]


def test_of_facts_the_silence_of_a_snapshot_says_nothing(staged):
    assert transactions_of(staged, "facts") == ["replayed", *(f"snapshot {n}" for n in (1, 2, 3))]


def test_a_transaction_delivered_again_counts_once_even_when_it_moved_to_another_month(staged):
    rows = staged.rows(
        "select transaction_id, cast(amount as varchar) as amount, _month "
        "from staging.stg_transactions__transactions "
        "where transaction_id in ('once', 'twice', 'moved') order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("moved", "1.000000", "2024-08"),
        ("once", "1.000000", "2024-05"),
        ("twice", "2.000000", "2024-05"),
    ]


def test_usage_of_a_contested_day_is_the_newest_and_of_other_days_as_delivered(staged):
    rows = staged.rows(
        "select day(usage_date) as day, id_key, site_code, cast(session_count as int) as sessions "
        "from staging.stg_network__usage_daily order by 1, 2, 3 nulls last"
    )
    assert [tuple(row.values()) for row in rows] == [
        (1, "a", "s1", 1),
        (2, "a", "s1", 4),
        (2, "a", None, 40),
        (2, "b", "s1", 5),
        (3, "a", "s1", 7),
        (3, "b", "s1", 6),
    ]


def test_what_arrives_of_an_erased_person_is_left_out_and_of_the_next_holder_is_not(staged):
    left = ["a", "a", "fourth", "next", "not named", "second", "undated"]
    assert column(staged, "stg_identity__accounts", "account_key") == left
    assert column(staged, "stg_identity__account_identifiers", "account_key") == left[2:-1]
    assert {"next holder", "somebody else"} <= contacts(staged)
    erased = {"erased account", "erased by identifier", "former holder", "unknown identifier"}
    assert not erased & contacts(staged)


def contacts(home) -> set:
    return set(column(home, "stg_interactions__interactions", "interaction_id"))


def test_an_open_end_stops_where_the_next_holder_begins(staged):
    assert "since the second" in contacts(staged)
    assert "before the second" not in contacts(staged)


def test_an_answer_recorded_when_erasing_is_not_asked_again(staged):
    """By its spans alone the request would be about the fourth, who has the number when asking."""
    assert "not the answer" in contacts(staged)
    assert not {"answered", "delivered again"} & contacts(staged)


def test_until_it_is_clear_who_is_meant_all_who_may_be_are_left_out(staged):
    assert not {"by both", "sharer by account"} & contacts(staged)


def test_a_request_delivered_again_by_account_is_about_that_account_only(staged):
    assert "not named" in contacts(staged)
    assert "named" not in contacts(staged)


def test_a_request_holds_for_days_before_it(staged):
    """The first request is of 2025, the as-of date of 2024."""
    assert "1" in column(staged, "stg_identity__erased_accounts", "request_id")
