"""Which delivery of a feed is due when, and whether it is there.

A delivery is due at `expect.by` of the feed's `expect`, on each day of its rhythm, and tells of the
days since the last such day. What is published of that depends on the as-of day and on the files
alone, whenever it is built; only what a run tells, or stops for, asks the clock as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES
from saydo.landing.expressions import value_of
from saydo.landing.ledger import Batch, current_batches
from saydo.landing.snapshots import landed_date
from saydo.notices import Notice
from saydo.settings import Settings

_DAY = timedelta(days=1)
_ADVICE = (
    "ask its sender, and run again once it is delivered; if it is to come later, or not so often, "
    "correct the feed's `expect`"
)


@dataclass(frozen=True)
class Due:
    """One delivery that a feed expects: of which days, and by when (naive UTC)."""

    feed: str
    source: str
    from_date: date
    to_date: date
    expected_by_at: datetime
    expected_by: str  # as people there say it
    is_late: bool  # no file of these days counts

    @property
    def notice(self) -> Notice:
        """What a person should know of a late one; nothing that was delivered is in it."""
        days = f"{self.from_date}"
        if self.to_date > self.from_date:
            days += f" to {self.to_date}"
        what = f"no delivery for {days}, due by {self.expected_by}"
        return Notice(what, f"feed {self.feed}", None, _ADVICE)


def expected_by_as_of(settings: Settings, ledger: Sequence[Batch], as_of: date) -> list[Due]:
    """Of each feed with a deadline the last delivery whose days were over at the end of a day.

    Args:
        settings: the feeds.
        ledger: every batch.
        as_of: the day; what is due the morning after it is looked at too, whatever the time is now.

    Returns:
        in the order of feeds.yml.
    """
    return [
        _due(settings, feed, ledger, _last_day(feed, as_of + _DAY))
        for feed in settings.feeds.feeds
        if feed.expect.by
    ]


def late_by_now(
    settings: Settings, ledger: Sequence[Batch], as_of: date, is_newest: bool, now: datetime
) -> list[Due]:
    """The deliveries that a run of a day is without though their time has passed.

    Args:
        settings: the feeds.
        ledger: every batch.
        as_of: the day of the run.
        is_newest: whether no later day has been delivered: then what is due since counts as well.
        now: naive UTC.
    """
    found = expected_by_as_of(settings, ledger, as_of)
    if is_newest:
        feeds = [feed for feed in settings.feeds.feeds if feed.expect.by]
        found += [_due(settings, feed, ledger, _passed(settings, feed, now)) for feed in feeds]
    late = (due for due in found if due.is_late and due.expected_by_at <= now)
    return sorted(dict.fromkeys(late), key=lambda due: (due.expected_by_at, due.feed))


def _due(settings: Settings, feed: Feed, ledger: Iterable[Batch], on: date) -> Due:
    first = _last_day(feed, on - _DAY)
    last = on - _DAY
    mine = [batch for batch in current_batches(ledger) if batch.feed == feed.name]
    zone = settings.feeds.zone_of(feed)
    return Due(
        feed.name,
        feed.source,
        first,
        last,
        _instant(settings, feed, on),
        f"{feed.expect.by} on {on} ({zone})",
        not any(_tells_of(settings, feed, batch, first, last) for batch in reversed(mine)),
    )


def _last_day(feed: Feed, day: date) -> date:
    """The last day of the feed's rhythm up to a day."""
    match feed.expect.rhythm:
        case "weekday":
            return day - timedelta(days=max(0, day.weekday() - 4))
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
    return day


def _passed(settings: Settings, feed: Feed, now: datetime) -> date:
    """The last day of the rhythm on which the time has passed."""
    today = now.replace(tzinfo=UTC).astimezone(_zone(settings, feed)).date()
    on = _last_day(feed, today)
    return on if _instant(settings, feed, on) <= now else _last_day(feed, on - _DAY)


def _instant(settings: Settings, feed: Feed, on: date) -> datetime:
    """`by` on a day, naive UTC: the first of a time that a day has twice, an hour later of none."""
    local = datetime.combine(on, feed.expect.clock, tzinfo=_zone(settings, feed))
    return local.astimezone(UTC).replace(tzinfo=None)


def _zone(settings: Settings, feed: Feed) -> ZoneInfo:
    return ZoneInfo(settings.feeds.zone_of(feed))


def _tells_of(settings: Settings, feed: Feed, batch: Batch, first: date, last: date) -> bool:
    """Whether a file tells of one of these days.

    By what its name says, or the day of the snapshot; else facts by the days of their events. What
    says no day (lists of accounts, contracts, relations) is of days that were over when it came.
    """
    zone = _zone(settings, feed)
    if feed.expect.date or batch.snapshot_date:
        day = _named_day(feed, batch) if feed.expect.date else batch.snapshot_date
        return day is not None and first <= day <= last
    source = SOURCES[batch.source]
    if source.event_time is None or source.silence_ends:
        return landed_date(batch, zone) - _DAY >= first
    until = batch.last_event_date
    if batch.last_event_at is not None:
        until = batch.last_event_at.replace(tzinfo=UTC).astimezone(zone).date()
    # The first day is known in UTC alone, and may be one too late where the clock is behind it.
    since = batch.first_event_date
    return until is not None and since is not None and until >= first and min(since, until) <= last


def _named_day(feed: Feed, batch: Batch) -> date | None:
    try:
        found = value_of(str(feed.expect.date), "date", file_name=batch.file_name)
    except duckdb.Error:
        return None
    return found if isinstance(found, date) else None
