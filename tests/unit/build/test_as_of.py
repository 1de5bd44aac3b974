"""Which day a build speaks of, and when that day ends."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from saydo.build import end_of_day, resolve_as_of
from saydo.errors import ConfigError, SaydoError

DAY = date(2025, 3, 30)
# West and east of UTC, half hours, both hemispheres, and where clocks change at midnight.
ZONES = (
    "America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns",
    "America/Santiago", "America/Havana", "UTC",
)  # fmt: skip


def test_latest_is_the_newest_event_landed_or_accepted(home):
    home.batch("answers", "survey_responses", last=date(2025, 3, 28))
    home.batch("usage", "network_usage_daily", last=DAY, status="landed")
    assert resolve_as_of(home.settings(), None) == DAY


def test_latest_leaves_out_what_was_refused_and_what_has_no_time(home):
    home.batch("answers", "survey_responses", last=date(2025, 3, 28))
    home.batch("usage", "network_usage_daily", last=date(2025, 4, 1), status="refused")
    home.batch("spans", "account_identifiers", last=date(2025, 4, 2))
    assert resolve_as_of(home.settings(), None) == date(2025, 3, 28)


def test_latest_leaves_out_the_planned_starts_of_subscriptions(home):
    home.batch("answers", "survey_responses", last=date(2025, 3, 28))
    home.batch("contracts", "subscriptions", last=date(2031, 1, 1))
    assert resolve_as_of(home.settings(), None) == date(2025, 3, 28)


@pytest.mark.parametrize("zone", ZONES)
def test_latest_is_the_day_that_the_newest_instant_was_where_the_business_is(home, zone):
    newest, draw = datetime(2019, 12, 31, 12), random.Random(zone)
    for _ in range(40):  # later and later, hours or months apart: changes of the clocks too
        newest += timedelta(minutes=draw.choice((7, 700, 70_000)))
        home.batch("calls", "interactions", last=newest.date(), last_event_at=newest)
        settings = home.settings(timezone=zone)
        day = newest.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
        assert resolve_as_of(settings, None) == day
        end = end_of_day(settings, day)
        assert newest < end <= newest + timedelta(hours=25)
        assert end.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)


def test_an_entry_that_knows_its_last_day_only_counts_by_it(home):
    home.batch("calls", "interactions", last=date(2025, 3, 28))  # of before instants were kept
    home.batch("usage", "network_usage_daily", last=date(2025, 3, 27))
    assert resolve_as_of(home.settings(timezone="Asia/Tokyo"), None) == date(2025, 3, 28)


def test_latest_without_a_dated_batch_says_what_to_do(home):
    with pytest.raises(SaydoError, match=r"nothing dated has been landed.*--as-of"):
        resolve_as_of(home.settings(), DAY)


def test_a_date_in_the_feeds_file_is_that_date(home):
    home.batch("answers", "survey_responses", last=date(2025, 3, 28))
    assert resolve_as_of(home.settings(as_of="2024-02-29"), DAY) == date(2024, 2, 29)


def test_run_takes_the_runs_own_day(home):
    assert resolve_as_of(home.settings(as_of="run"), DAY) == DAY


def test_run_without_a_day_is_a_configuration_error(home):
    with pytest.raises(ConfigError, match=r"business.as_of is `run`"):
        resolve_as_of(home.settings(as_of="run"), None)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2025, 1, 15), datetime(2025, 1, 16, 0, 0)),
        (date(2025, 3, 30), datetime(2025, 3, 30, 23, 0)),  # 23 hours
        (date(2025, 10, 26), datetime(2025, 10, 27, 0, 0)),  # 25 hours
        (date(2024, 2, 29), datetime(2024, 3, 1, 0, 0)),
    ],
)
def test_a_day_ends_at_the_next_local_midnight(home, day, end):
    assert end_of_day(home.settings(timezone="Europe/London"), day) == end
