"""Replaying quarantined rows through a corrected mapping."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from landing_home import HEADER, Home, payment

from saydo.errors import ConfigError
from saydo.landing import Batch, replay_batch, write_entry


def test_rows_that_now_pass_become_a_batch_of_their_own(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    home.deliver_lines(payment(1), payment(2, kind="gift"), payment(3, amount="x"))
    home.land()
    (batch,) = home.ledger()
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    assert replay_batch(home.settings, batch.batch_id) == {
        "batch_id": f"{batch.batch_id}-r1",
        "replayed_count": 1,
        "loaded_count": 1,
        "duplicate_count": 0,
        "filtered_count": 0,
        "still_quarantined_count": 1,
    }
    old, new = home.ledger()
    assert (new.batch_id, new.status) == (f"{batch.batch_id}-r1", "landed")
    assert reconciles(old) and reconciles(new)
    assert (old.delivered_count, new.delivered_count) == (2, 1)
    assert old.reason_counts == {"cannot_be_typed": 1}
    assert home.rows("transaction_id, _line_number, _batch_id") == [
        ("t1", 2, old.batch_id),
        ("t2", 3, new.batch_id),
    ]
    assert home.quarantined("line_number, reason_code") == [(4, "cannot_be_typed")]


def test_a_second_replay_takes_the_next_number_and_empties_the_quarantine(home: Home) -> None:
    home.deliver_lines(payment(1, kind="gift"), payment(2, amount="x"))
    home.land()
    (batch,) = home.ledger()
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    replay_batch(home.settings, batch.batch_id)
    home.feed(columns={"amount": "coalesce(try_cast(amount as decimal(9,2)), 0)"})
    assert replay_batch(home.settings, batch.batch_id)["batch_id"].endswith("-r2")
    assert home.quarantined("1") == []
    with pytest.raises(ConfigError, match="has no quarantined rows"):
        replay_batch(home.settings, batch.batch_id)


def test_a_replay_that_changes_nothing_makes_no_batch(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, amount="x"))
    home.land()
    (batch,) = home.ledger()
    done = replay_batch(home.settings, batch.batch_id)
    assert (done["batch_id"], done["still_quarantined_count"]) == (None, 1)
    assert home.ledger() == [batch]
    assert len(home.quarantined("1")) == 1


def test_replayed_rows_never_beat_what_was_delivered_later(home: Home) -> None:
    home.deliver_lines(payment(1, kind="gift"), name="payments_1.csv")
    home.land()
    home.deliver_lines(payment(1, amount="9.00"), name="payments_2.csv")
    home.land()
    first, second = home.ledger()
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    replay_batch(home.settings, first.batch_id)
    replayed = next(b for b in home.ledger() if b.batch_id.endswith("-r1"))
    assert first.sequence < replayed.sequence < second.sequence


def test_lines_that_could_not_be_split_are_read_with_the_new_options(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, kind="'charge, extra'"), payment(3) + ",x,y")
    home.land()
    (batch,) = home.ledger()
    home.feed(options={"quote": "'"}, columns={"transaction_type": "split_part(kind, ',', 1)"})
    done = replay_batch(home.settings, batch.batch_id)
    assert (done["loaded_count"], done["still_quarantined_count"]) == (1, 1)
    assert home.rows("transaction_id, _line_number") == [("t1", 2), ("t2", 3)]
    assert home.quarantined("line_number, raw_text") == [(4, payment(3) + ",x,y")]


def test_the_lines_a_quote_swallowed_can_be_replayed(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, kind='"charge'), payment(3), payment(4))
    home.land()
    (batch,) = home.ledger()
    assert batch.quarantined_count == 3
    home.feed(options={"quote": ""}, columns={"transaction_type": """replace(kind, '"', '')"""})
    assert replay_batch(home.settings, batch.batch_id)["loaded_count"] == 3
    assert [n for (n,) in home.rows("_line_number")] == [2, 3, 4, 5]


def test_parquet_rows_are_replayed_with_the_types_they_had(home: Home) -> None:
    columns = {"amount": "amount / 2", "transaction_type": "kind"}
    home.feed(format="parquet", columns=columns)
    duckdb.execute(
        "copy (select 't' || i as id, 'a@b.c' as mail, timestamp '2024-01-01 10:00:00' as paid, "
        "case i when 1 then 'gift' else 'charge' end as kind, (i + 0.25)::double as amount, "
        f"'EUR' as currency from range(2) t(i)) to '{home.folder}/landing/payments.parquet'"
    )
    home.land()
    (batch,) = home.ledger()
    home.feed(
        format="parquet",
        columns={**columns, "transaction_type": "replace(kind, 'gift', 'charge')"},
    )
    replay_batch(home.settings, batch.batch_id)
    assert home.rows("transaction_id, amount::varchar, occurred_at::varchar") == [
        ("t0", "0.125000", "2024-01-01 10:00:00"),
        ("t1", "0.625000", "2024-01-01 10:00:00"),
    ]


def test_the_replay_of_a_snapshot_holds_the_whole_snapshot(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    home.feed(delivery="snapshot")
    home.deliver_lines(payment(1), payment(2, kind="gift"), payment(3, paid="2024-04-01"))
    home.land()
    (batch,) = home.ledger()
    home.feed(delivery="snapshot", columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    replay_batch(home.settings, batch.batch_id)
    new = home.ledger()[-1]
    assert new.loaded_count == 3 and new.months == ["2024-03", "2024-04"]
    assert reconciles(new)
    rows = home.rows("transaction_id, month, _batch_id, _batch_sequence")
    assert sorted(row[:2] for row in rows if row[2] == new.batch_id) == [
        ("t1", "2024-03"),
        ("t2", "2024-03"),
        ("t3", "2024-04"),
    ]
    assert {row[3] for row in rows if row[2] == new.batch_id} == {new.sequence}


def test_a_batch_that_cannot_be_replayed_says_why(home: Home) -> None:
    with pytest.raises(ConfigError, match="there is no batch 'nothing'"):
        replay_batch(home.settings, "nothing")
    home.deliver_lines(payment(1), HEADER)
    home.land()
    (batch,) = home.ledger()
    write_entry(home.settings, batch.model_copy(update={"status": "refused"}))
    with pytest.raises(ConfigError, match="is refused"):
        replay_batch(home.settings, batch.batch_id)
