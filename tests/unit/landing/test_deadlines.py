"""A delivery is late when no file tells of the days that were due, whatever the clock says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from saydo.build.prepare import expected_table, tell_late
from saydo.config import Feed, Feeds, Policy
from saydo.errors import DeliveryRefused
from saydo.landing import Batch, expected_by_as_of, late_by_now
from saydo.notices import LATE, told_by
from saydo.settings import Settings

WEDNESDAY = date(2025, 3, 5)
COLUMNS = {
    "transaction_id": "a", "id_type": "'email'", "id_value": "b", "occurred_at": "c",
    "transaction_type": "d", "amount": "e", "currency": "f",
}  # fmt: skip


def home(tmp_path, zone="UTC", policy=None, source="transactions", **expect) -> Settings:
    """A home with a feed `till` that expects so, and one without a deadline."""
    account = {"account_id": "a", "opened_at": "b"}
    feeds = [
        {"name": name, "source": source, "path": "x*.csv", "format": "csv", "timezone": zone,
         "columns": COLUMNS if source == "transactions" else account, "expect": more}
        for name, more in (("till", expect), ("other", {}))
    ]  # fmt: skip
    settings = Settings(home=tmp_path)
    object.__setattr__(settings, "feeds", Feeds(feeds=[Feed.model_validate(f) for f in feeds]))
    object.__setattr__(settings, "policy", Policy.model_validate(policy or {}))
    return settings


def file(first: date, last: date | None = None, landed: datetime | None = None, **more) -> Batch:
    """An accepted file of `till` with events from one day to another, at noon UTC."""
    last = last or first
    landed = landed or datetime(2025, 6, 1, tzinfo=UTC)
    known = {
        "batch_id": f"till-{first}", "feed": "till", "source": "transactions",
        "delivery": "incremental", "file_name": "x.csv", "content_hash": "h", "file_size": 1,
        "file_mtime_ns": 1, "status": "accepted", "sequence": int(landed.timestamp() * 1e6),
        "landed_at": landed.isoformat(), "first_event_date": first, "last_event_date": last,
        "last_event_at": datetime.combine(last, datetime.min.time()) + timedelta(hours=12),
    }  # fmt: skip
    return Batch.model_validate(known | more)


def is_late(settings: Settings, ledger: list[Batch], as_of: date = WEDNESDAY) -> bool:
    (due,) = expected_by_as_of(settings, ledger, as_of)
    return due.is_late


@pytest.mark.parametrize(
    ("every", "as_of", "first", "last", "due_on"),
    [
        ("day", "2025-03-05", "2025-03-05", "2025-03-05", "2025-03-06"),
        ("weekday", "2025-03-05", "2025-03-05", "2025-03-05", "2025-03-06"),
        ("weekday", "2025-03-07", "2025-03-06", "2025-03-06", "2025-03-07"),  # Friday's: Monday
        ("weekday", "2025-03-08", "2025-03-06", "2025-03-06", "2025-03-07"),
        ("weekday", "2025-03-09", "2025-03-07", "2025-03-09", "2025-03-10"),
        ("week", "2025-03-05", "2025-02-24", "2025-03-02", "2025-03-03"),
        ("week", "2025-03-09", "2025-03-03", "2025-03-09", "2025-03-10"),
        ("month", "2025-03-30", "2025-02-01", "2025-02-28", "2025-03-01"),
        ("month", "2025-03-31", "2025-03-01", "2025-03-31", "2025-04-01"),
        ("month", "2024-12-31", "2024-12-01", "2024-12-31", "2025-01-01"),
    ],
)
def test_the_last_delivery_whose_days_were_over_is_expected(
    tmp_path, every, as_of, first, last, due_on
):
    settings = home(tmp_path, by="06:00", every=every)
    (due,) = expected_by_as_of(settings, [], date.fromisoformat(as_of))
    assert (str(due.from_date), str(due.to_date)) == (first, last)
    assert due.expected_by_at == datetime.fromisoformat(f"{due_on} 06:00")


@pytest.mark.parametrize(
    ("by", "as_of", "expected"),
    [
        ("06:00", "2025-03-28", "2025-03-29 06:00"),  # winter
        ("06:00", "2025-03-29", "2025-03-30 05:00"),  # the day of 23 hours
        ("01:30", "2025-03-29", "2025-03-30 01:30"),  # there is no 01:30: 02:30 is meant
        ("06:00", "2025-10-24", "2025-10-25 05:00"),  # summer
        ("06:00", "2025-10-25", "2025-10-26 06:00"),  # the day of 25 hours
        ("01:30", "2025-10-25", "2025-10-26 00:30"),  # twice 01:30: the first
    ],
)
def test_the_clock_is_that_of_the_feeds_zone_through_the_year(tmp_path, by, as_of, expected):
    settings = home(tmp_path, "Europe/London", by=by)
    (due,) = expected_by_as_of(settings, [], date.fromisoformat(as_of))
    assert due.expected_by_at == datetime.fromisoformat(expected)


def test_facts_are_of_the_days_of_their_events_and_later_ones_make_up_for_none(tmp_path):
    settings = home(tmp_path, by="06:00")
    before, later = WEDNESDAY - timedelta(days=1), WEDNESDAY + timedelta(days=1)
    assert is_late(settings, [])
    assert is_late(settings, [file(before), file(later)])
    assert not is_late(settings, [file(before), file(WEDNESDAY)])
    assert not is_late(settings, [file(before, later)])
    for status in ("refused", "withdrawn", "landed"):
        assert is_late(settings, [file(WEDNESDAY, status=status)])


def test_when_a_file_was_landed_does_not_matter_to_what_its_events_tell(tmp_path):
    settings = home(tmp_path, by="06:00")
    for landed in (datetime(2025, 3, 6, 5, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)):
        assert not is_late(settings, [file(WEDNESDAY, landed=landed)])


def test_an_event_before_midnight_is_of_the_day_that_it_is_in_the_zone(tmp_path):
    """20:00 UTC on Tuesday is 05:00 on Wednesday in Tokyo; the file has nothing later."""
    tuesday = WEDNESDAY - timedelta(days=1)
    evening = file(tuesday, last_event_at=datetime(2025, 3, 4, 20))
    assert not is_late(home(tmp_path, "Asia/Tokyo", by="06:00"), [evening])
    assert is_late(home(tmp_path, "UTC", by="06:00"), [evening])


def test_the_day_in_a_name_goes_before_the_events_so_that_a_quiet_day_is_there(tmp_path):
    named = "strptime(regexp_extract(file_name, '[0-9]{8}'), '%Y%m%d')"
    settings = home(tmp_path, by="06:00", date=named)
    empty = {"first_event_date": None, "last_event_date": None, "last_event_at": None}
    assert not is_late(settings, [file(WEDNESDAY, file_name="x20250305.csv", **empty)])
    assert is_late(settings, [file(WEDNESDAY, file_name="x20250304.csv")])
    assert is_late(settings, [file(WEDNESDAY, file_name="no day.csv")])


@pytest.mark.parametrize(("landed_on", "late"), [("2025-03-05", True), ("2025-03-06", False)])
def test_a_list_that_says_no_day_is_of_days_that_were_over_when_it_came(tmp_path, landed_on, late):
    settings = home(tmp_path, source="accounts", by="06:00")
    landed = datetime.fromisoformat(f"{landed_on} 05:00+00:00")
    found = is_late(settings, [file(date(2019, 1, 1), landed=landed, source="accounts")])
    assert found == late


def test_a_snapshot_is_of_its_own_day(tmp_path):
    settings = home(tmp_path, source="accounts", by="06:00")
    listed = {"source": "accounts", "delivery": "snapshot"}
    assert not is_late(settings, [file(WEDNESDAY, snapshot_date=WEDNESDAY, **listed)])
    assert is_late(settings, [file(WEDNESDAY, snapshot_date=date(2025, 3, 4), **listed)])


def late(settings, ledger, now: str, as_of=WEDNESDAY, is_newest=True) -> list[str]:
    instant = datetime.fromisoformat(now)
    found = late_by_now(settings, ledger, as_of, is_newest, instant)
    return [f"{due.feed} {due.to_date}" for due in found]


def test_a_run_tells_what_is_missing_once_its_time_has_passed(tmp_path):
    settings = home(tmp_path, by="06:00")
    yesterday = [file(WEDNESDAY - timedelta(days=1))]
    assert late(settings, yesterday, "2025-03-06 05:59") == []
    assert late(settings, yesterday, "2025-03-06 06:00") == ["till 2025-03-05"]


def test_a_run_tells_what_was_due_since_the_newest_day_though_nothing_came_at_all(tmp_path):
    settings = home(tmp_path, by="06:00")
    there = [file(WEDNESDAY)]
    assert late(settings, there, "2025-03-07 05:00") == []
    assert late(settings, there, "2025-03-07 07:00") == ["till 2025-03-06"]
    assert late(settings, there, "2025-03-07 07:00", is_newest=False) == []


def test_what_is_published_is_the_same_whenever_it_is_built(tmp_path):
    settings = home(tmp_path, by="06:00")
    ledger = [file(WEDNESDAY - timedelta(days=1))]
    (row,) = expected_table(settings, ledger, WEDNESDAY).to_pylist()
    assert row == {
        "source": "transactions",
        "expected_by_at": datetime(2025, 3, 6, 6),
        "late_feeds": "till",
    }
    (row,) = expected_table(settings, [*ledger, file(WEDNESDAY)], WEDNESDAY).to_pylist()
    assert row["late_feeds"] is None


def test_a_late_feed_is_told_by_name_and_the_run_goes_on_or_refuses_as_policy_says(tmp_path):
    morning = datetime(2025, 3, 6, 7)
    settings = home(tmp_path, "Europe/London", by="06:00")
    tell_late(settings, [], WEDNESDAY, morning)
    (notice,) = told_by(settings, LATE)
    assert notice.text.startswith(
        "feed till: no delivery for 2025-03-05, due by 06:00 on 2025-03-06 (Europe/London); ask"
    )
    strict = home(tmp_path, by="06:00", policy={"landing": {"on_late": "refuse"}})
    with pytest.raises(
        DeliveryRefused, match=r"feed till: no delivery for 2025-03-05.*\n.*on_late"
    ):
        tell_late(strict, [], WEDNESDAY, morning)
    tell_late(strict, [file(WEDNESDAY)], WEDNESDAY, morning)
    assert told_by(strict, LATE) == []
