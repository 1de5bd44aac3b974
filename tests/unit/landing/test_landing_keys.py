"""Idempotence, keys within a file, and the ledger that counts them."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_home import HEADER, Home, payment

from saydo.errors import DeliveryRefused
from saydo.landing import Batch, prepare_raw, replay_batch, write_entry
from saydo.landing import feed as feed_module


def test_an_unchanged_file_is_not_read_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.deliver_lines(payment(1))
    home.land()

    def never(*arguments: object) -> None:
        raise AssertionError("the file was read again")

    monkeypatch.setattr(feed_module, "land_file", never)
    assert home.land()["landed"] == []


def test_the_same_file_delivered_twice_is_loaded_once(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    file = home.deliver_lines(payment(1), payment(2))
    home.land()
    os.utime(file, ns=(1, 1))
    assert home.land() == {
        "feed": "payments",
        "landed": [],
        "delivered_count": 2,
        "loaded_count": 0,
        "quarantined_count": 0,
        "duplicate_count": 2,
        "filtered_count": 0,
    }
    assert len(home.rows()) == 2
    assert all(reconciles(batch) for batch in home.ledger())
    assert home.land()["delivered_count"] == 0


def test_the_same_content_under_a_new_name_is_loaded_once(home: Home) -> None:
    home.deliver_lines(payment(1), name="payments_1.csv")
    home.land()
    home.deliver_lines(payment(1), name="payments_2.csv")
    home.land()
    first, second = home.ledger()
    assert (first.status, second.status) == ("landed", "duplicate")
    assert second.batch_id.startswith(first.batch_id)
    assert "the same content as 'payments_1.csv'" in second.warnings[0]
    assert len(home.rows()) == 1


def test_two_feeds_may_read_the_same_file(home: Home) -> None:
    home.deliver_lines(payment(1))
    home.land()
    home.feed(name="again")
    home.land()
    assert [batch.feed for batch in home.ledger()] == ["payments", "again"]


def test_the_same_name_with_new_content_is_a_newer_batch(home: Home) -> None:
    home.deliver_lines(payment(1))
    home.land()
    home.deliver_lines(payment(1, amount="9.00"))
    home.land()
    first, second = home.ledger()
    assert first.batch_id != second.batch_id
    assert second.sequence > first.sequence
    assert [b for (b,) in home.rows("_batch_id")] == [first.batch_id, second.batch_id]


def test_files_are_landed_in_the_order_of_their_names(home: Home) -> None:
    for day in (3, 1, 2):
        home.deliver_lines(payment(day), name=f"payments_{day}.csv")
    home.land()
    assert [batch.file_name[-5] for batch in home.ledger()] == ["1", "2", "3"]
    assert len({batch.sequence for batch in home.ledger()}) == 3


def test_a_batch_that_the_gate_refused_is_tried_again(home: Home) -> None:
    home.deliver_lines(payment(1))
    home.land()
    (batch,) = home.ledger()
    write_entry(home.settings, batch.model_copy(update={"status": "refused"}))
    assert home.land()["landed"] == [batch.batch_id]


def test_exact_duplicates_are_counted_and_told(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    home.deliver_lines(payment(1), payment(2), payment(1), payment(1))
    home.land()
    (batch,) = home.ledger()
    assert (batch.duplicate_count, batch.loaded_count) == (2, 2)
    assert batch.warnings == ["2 rows repeat another in every mapped column: one of each was kept"]
    assert reconciles(batch)
    assert home.rows("transaction_id, _line_number") == [("t2", 3), ("t1", 5)]


def test_of_rows_with_one_key_the_last_line_wins_and_is_reported(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [payment(1, amount="1.00"), payment(1, amount="2.00"), *map(payment, range(2, 101))]
    home.deliver_lines(*lines)
    home.land()
    (batch,) = home.ledger()
    assert batch.duplicate_count == 1
    assert batch.warnings == [
        "1 rows repeat a key (transaction_id) with other values: the newest of each was kept; add "
        "what tells the rows apart to feeds.payments.columns.transaction_id, as in "
        "(id) || ':' || line_number, or roll them up before delivery"
    ]
    assert f"feed payments: file 'payments.csv': {batch.warnings[0]}" in caplog.messages
    assert home.rows("transaction_id, amount::varchar")[:2] == [
        ("t1", "2.000000"),
        ("t2", "2.500000"),
    ]


def test_a_file_whose_key_is_no_key_is_refused_with_lines_and_no_values(home: Home) -> None:
    """One row over the policy's share, after a blank line: nothing of the file goes in."""
    lines = [payment(1), "", payment(1, amount="7.00"), *map(payment, range(2, 99))]
    home.deliver_lines(*lines)
    with pytest.raises(DeliveryRefused) as refused:
        home.land()
    message = str(refused.value)
    assert "1 of 99 rows share a key (transaction_id) with other values" in message
    assert "max_key_conflict_ratio 0.01 allows: it is no key. For example lines 2 and 4" in message
    assert "(id) || ':' || line_number" in message
    assert "example.com" not in message and "7.00" not in message
    assert home.leftovers() == []


def test_the_policy_says_what_share_of_rows_may_conflict(home: Home) -> None:
    home.policy = {"landing": {"max_key_conflict_ratio": 0.5}}
    home.deliver_lines(payment(1, amount="1.00"), payment(1, amount="2.00"))
    assert home.land()["duplicate_count"] == 1


def test_equal_rows_under_a_key_made_of_columns_are_told_with_what_to_do(home: Home) -> None:
    home.feed(columns={"transaction_id": "mail || paid"})
    home.deliver_lines(payment(1), payment(1), payment(2))
    home.land()
    assert home.ledger()[0].warnings == [
        "1 rows repeat another in every mapped column: one of each was kept; if each is an event "
        "of its own, make feeds.payments.columns.transaction_id of file_name and line_number"
    ]


def test_rows_that_are_replayed_are_judged_with_their_file(home: Home) -> None:
    """Two of two hundred rows share a key: the file may go in, and so may the two alone."""
    home.feed(where="kind <> 'payment'")
    again = [payment(1, kind="gift", amount="1.00"), payment(1, kind="gift", amount="2.00")]
    home.deliver_lines(*again, *map(payment, range(2, 200)))
    home.land()
    (batch,) = home.ledger()
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    assert replay_batch(home.settings, batch.batch_id)["duplicate_count"] == 1
    assert home.ledger()[-1].warnings[-1].startswith("1 rows repeat a key")


def test_the_version_column_decides_before_the_line(home: Home) -> None:
    columns = {
        "subscription_id": "id",
        "id_type": "'account_id'",
        "id_value": "'a'",
        "product_code": "code",
        "product_type": "'plan'",
        "recurring_amount": "10",
        "currency": "'EUR'",
        "billing_interval": "'month'",
        "started_at": "'2024-01-01'",
        "updated_at": "changed",
    }
    base = {"name": "contracts", "source": "subscriptions", "path": "c*", "format": "csv"}
    home.feed({**base, "columns": columns})
    home.deliver("id,code,changed\n1,new,2024-03-01\n1,old,2024-02-01\n1,oldest,\n", "c.csv")
    home.land()
    assert home.rows("product_code", "subscriptions") == [("new",)]
    (batch,) = home.ledger()
    assert (batch.duplicate_count, batch.warnings) == (2, []), "versions do not contradict"


def test_keys_that_are_null_are_equal(home: Home) -> None:
    usage = {"name": "u", "source": "network_usage_daily", "path": "u*", "format": "csv"}
    columns = {"id_type": "'imsi'", "id_value": "who", "usage_date": "day", "site_code": "site"}
    home.feed({**usage, "columns": columns})
    home.deliver("who,day,site\n1,2024-01-01,\n1,2024-01-01,\n1,2024-01-01,x\n", "u.csv")
    assert home.land()["duplicate_count"] == 1


def test_variants_that_normalise_to_one_identifier_are_one_key(home: Home) -> None:
    usage = {"name": "u", "source": "network_usage_daily", "path": "u*", "format": "csv"}
    columns = {"id_type": "'msisdn'", "id_value": "who", "usage_date": "day"}
    home.feed({**usage, "columns": columns})
    home.deliver("who,day\n+44 7700 900123,2024-01-01\n00447700900123,2024-01-01\n", "u.csv")
    assert home.land()["duplicate_count"] == 1


def test_monthly_sources_are_split_by_the_month_of_the_event(home: Home) -> None:
    home.deliver_lines(
        payment(1, paid="2024-01-31 23:59:59"),
        payment(2, paid="2024-02-01 00:00:00"),
        payment(3, paid="2024-02-29 10:00:00"),
    )
    home.land()
    assert home.rows("month, transaction_id") == [
        ("2024-01", "t1"),
        ("2024-02", "t2"),
        ("2024-02", "t3"),
    ]
    (batch,) = home.ledger()
    assert batch.months == ["2024-01", "2024-02"]
    assert f"{batch.first_event_date} {batch.last_event_date}" == "2024-01-31 2024-02-29"


def test_every_source_is_readable_before_anything_is_delivered(home: Home) -> None:
    prepare_raw(home.settings)
    assert home.rows() == []
    assert home.rows("latency_ms", "network_usage_daily") == []


def test_the_empty_files_follow_the_declared_measures(home: Home) -> None:
    prepare_raw(home.settings)
    home.config["measures"] = [{"name": "jitter_ms", "aggregate": "max"}]
    prepare_raw(home.settings)
    assert home.rows("jitter_ms", "network_usage_daily") == []


LINES = st.lists(
    st.one_of(
        st.integers(0, 4).map(payment),
        st.tuples(st.integers(0, 4), st.sampled_from(["1", "2.5", "x", "", " 7 "])).map(
            lambda pair: payment(pair[0], amount=pair[1])
        ),
        st.tuples(st.integers(0, 4), st.sampled_from(["refund", "payment", "gift", ""])).map(
            lambda pair: payment(pair[0], kind=pair[1])
        ),
        st.sampled_from([HEADER, "a,b", "t9,x,y,z,1,2,3", payment(3) + ",", "", ",,,,,"]),
    ),
    max_size=30,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=LINES, keep_refunds=st.booleans())
def test_every_delivered_row_is_counted_once(
    home: Home, reconciles: Callable[[Batch], bool], lines: list[str], keep_refunds: bool
) -> None:
    home.policy = {"landing": {"max_key_conflict_ratio": 1}}
    before = {batch.batch_id for batch in home.ledger()}
    stored = len(home.rows("1")) if before else 0
    quarantined = len(home.quarantined("1"))
    home.feed(
        name=f"payments{len(before)}",  # its own mapping: what was landed before stays as it is
        path=f"payments_{len(before)}.csv",
        where=None if keep_refunds else "kind <> 'refund'",
        expect={"min_rows": 0, "max_reject_ratio": 1},
    )
    home.deliver_lines(*lines, name=f"payments_{len(before)}.csv")
    home.land()
    for batch in home.ledger():
        assert reconciles(batch)
        if batch.batch_id in before:
            continue
        assert batch.delivered_count == sum(bool(line) for line in lines)
        if batch.status == "landed":
            assert batch.loaded_count == len(home.rows("1")) - stored
            assert batch.quarantined_count == len(home.quarantined("1")) - quarantined
            assert sum(batch.reason_counts.values()) == batch.quarantined_count
