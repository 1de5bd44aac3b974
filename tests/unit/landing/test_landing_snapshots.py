"""The day that a snapshot speaks of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from landing_home import Home, payment

from saydo.build.prepare import batches_table
from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import check_feeds, read_ledger, replay_batch
from saydo.landing.snapshots import landed_date

BY_NAME = "regexp_extract(file_name, '[0-9]{4}-[0-9]{2}-[0-9]{2}')"


def snapshots(home: Home, expression: str | None = BY_NAME, **changes) -> None:
    home.feed(delivery="snapshot", snapshot_date=expression, path="in/*", **changes)


def test_a_snapshot_speaks_of_the_day_in_its_name_and_so_does_its_replay(home: Home) -> None:
    snapshots(home)
    home.deliver_lines(payment(1), payment(2, kind="gift"), name="in/payments_2024-06-29.csv")
    home.land()
    (batch,) = home.ledger()
    snapshots(home, columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    replay_batch(home.settings, batch.batch_id)
    assert [entry.snapshot_date for entry in home.ledger()] == [date(2024, 6, 29)] * 2
    table = batches_table(home.settings, read_ledger(home.settings))
    assert table["snapshot_date"].to_pylist() == [date(2024, 6, 29)] * 2


def test_one_that_does_not_say_speaks_of_its_day_of_landing_in_the_business_zone(
    home: Home,
) -> None:
    snapshots(home, None)
    home.deliver_lines(payment(1), name="in/payments.csv")
    home.land()
    (batch,) = home.ledger()
    assert batch.snapshot_date is None
    late = datetime(2024, 6, 30, 23, 30, tzinfo=UTC)
    batch = batch.model_copy(update={"sequence": int(late.timestamp() * 1_000_000)})
    assert landed_date(batch, ZoneInfo("Europe/London")) == date(2024, 7, 1)
    assert landed_date(batch, ZoneInfo("America/New_York")) == date(2024, 6, 30)
    table = batches_table(home.settings, [batch])
    assert table.select(["landed_date", "snapshot_date", "absent"]).to_pylist() == [
        {"landed_date": date(2024, 6, 30), "snapshot_date": None, "absent": "ended"}
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("payments.csv", "reads no day from this name"),
        ("payments_2024-06-31.csv", "reads no day from this name"),
        ("payments_2024-07-01.csv", "2024-07-01 is still to come"),
    ],
)
def test_a_file_whose_day_cannot_be_told_is_refused_and_says_why(
    home: Home, name: str, why: str
) -> None:
    snapshots(home)
    home.deliver_lines(payment(1), name=f"in/{name}")
    with pytest.raises(DeliveryRefused, match=why) as refused:
        home.land()
    assert f"in/{name}" in str(refused.value) and "feeds.payments.snapshot_date" in str(
        refused.value
    )
    assert [batch.status for batch in home.ledger()] == ["refused"]
    assert not home.leftovers()


@pytest.mark.parametrize("expression", ["null", "try_cast(split_part(file_name, '_', 2) as date)"])
def test_no_day_is_not_the_day_of_landing(home: Home, expression: str) -> None:
    snapshots(home, expression)
    home.deliver_lines(payment(1), name="in/payments.csv")
    with pytest.raises(DeliveryRefused, match="reads no day"):
        home.land()


@pytest.mark.parametrize(
    "expression",
    ["paid", "today()", "(select 1)", "line_number", "getenv('HOME')"],
)
def test_a_rule_that_reads_more_than_the_name_is_refused_by_name(
    home: Home, expression: str
) -> None:
    snapshots(home, expression)
    home.deliver_lines(payment(1), name="in/payments_2024-06-29.csv")
    with pytest.raises(ConfigError, match=r"feeds\.payments\.snapshot_date: "):
        home.land()
    assert any("snapshot_date" in problem.reason for problem in check_feeds(home.settings))


def test_a_check_names_the_file_whose_day_cannot_be_read(home: Home) -> None:
    snapshots(home)
    for name in ("in/payments_2024-06-29.csv", "in/a.csv"):
        home.deliver_lines(payment(1), name=name)
    (problem,) = check_feeds(home.settings)
    assert problem.column == "snapshot_date" and "'in/a.csv'" in problem.reason


@pytest.mark.parametrize("changes", [{"snapshot_date": BY_NAME}, {"absent": "erased"}])
def test_what_is_said_of_snapshots_needs_a_feed_of_snapshots(home: Home, changes: dict) -> None:
    home.feed(**changes)
    with pytest.raises(ConfigError, match="delivery: snapshot"):
        _ = home.settings.feeds
