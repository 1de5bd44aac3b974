"""Which day a build speaks of, and when that day ends."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from saydo.build import end_of_day, resolve_as_of
from saydo.errors import ConfigError, SaydoError

DAY = date(2025, 3, 30)


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
