"""What landing keeps of a file's last event is enough to tell the day it was for the business."""

from __future__ import annotations

from datetime import date

import pytest
from landing_home import PAYMENTS, payment

from saydo.build import resolve_as_of
from saydo.landing import replay_batch

USAGE = PAYMENTS | {
    "name": "usage",
    "source": "network_usage_daily",
    "columns": {"id_type": "'email'", "id_value": "mail", "usage_date": "cast(paid as date)"},
}


@pytest.mark.parametrize(
    ("zone", "paid"),
    [
        ("America/Los_Angeles", "2024-04-30 23:30:00"),
        ("Asia/Tokyo", "2024-04-30 05:00:00"),
        ("Asia/Kolkata", "2024-04-30 05:15:00"),
    ],
)
def test_the_newest_event_is_of_the_day_it_was_where_the_business_is(home, zone, paid):
    home.config["business"] = {"timezone": zone}
    home.feed(timezone=zone)
    home.deliver_lines(payment(1, paid="2024-02-01 00:10:00"), payment(2, paid=paid))
    home.land()
    assert resolve_as_of(home.settings, None) == date(2024, 4, 30)
    home.config["business"]["timezone"] = "UTC"  # the zone may change after landing
    (batch,) = home.ledger()
    assert resolve_as_of(home.settings, None) == batch.last_event_date


def test_a_day_of_usage_is_that_day_in_every_zone(home):
    home.config["business"] = {"timezone": "America/Los_Angeles"}
    home.feed(USAGE)
    home.deliver_lines(payment(1, paid="2024-04-30"))
    home.land()
    assert resolve_as_of(home.settings, None) == date(2024, 4, 30)


def test_a_replayed_snapshot_ends_with_the_last_event_of_old_and_new_rows(home):
    home.config["business"] = {"timezone": "Asia/Tokyo"}
    home.feed(delivery="snapshot", timezone="UTC")
    home.deliver_lines(payment(1, paid="2024-04-30 16:00:00"), payment(2, kind="gift"))
    home.land()
    assert resolve_as_of(home.settings, None) == date(2024, 5, 1)
    (batch,) = home.ledger()
    gift = {"transaction_type": "replace(kind, 'gift', 'charge')"}
    home.feed(delivery="snapshot", timezone="UTC", columns=gift)
    replay_batch(home.settings, batch.batch_id)
    _, replayed = home.ledger()
    assert (replayed.last_event_at, replayed.months) == (
        batch.last_event_at,
        ["2024-03", "2024-04"],
    )
