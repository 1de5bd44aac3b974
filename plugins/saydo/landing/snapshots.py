"""The day that a snapshot speaks of, and the order of a feed's snapshots."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from saydo.config import Feed
from saydo.errors import ConfigError
from saydo.landing.expressions import value_of
from saydo.landing.ledger import Batch, current_batches
from saydo.landing.relations import refusal
from saydo.settings import Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HINT = "20250201 in a name is strptime(regexp_extract(file_name, '[0-9]{8}'), '%Y%m%d')"


def check_days(feed: Feed) -> None:
    """Refuse a `snapshot_date` or `expect.date` that is no expression over `file_name` alone.

    Raises:
        ConfigError: what is wrong with it.
    """
    days = {"snapshot_date": feed.snapshot_date, "expect.date": feed.expect.date}
    for key, expression in days.items():
        if expression is None:
            continue
        try:
            value_of(expression, "date", file_name=None)
        except ConfigError as error:
            raise ConfigError(f"feeds.{feed.name}.{key}: {error}") from None
        except duckdb.Error:
            pass  # of a name that there is not


def snapshot_date(settings: Settings, feed: Feed, file_name: str, now: datetime) -> date | None:
    """The day that a file of a snapshot feed speaks of, by the feed's `snapshot_date`.

    Args:
        settings: zone of the business, and how far a day may lie in the future.
        feed: the mapping.
        file_name: the file's name below landing/.
        now: the landing clock.

    Returns:
        None where the feed does not say: such a snapshot speaks of the day it was landed.

    Raises:
        ConfigError: the expression is none.
        DeliveryRefused: it gives no day for this name, or one that is still to come.
    """
    if feed.snapshot_date is None:
        return None
    check_days(feed)
    found = None
    try:
        found = value_of(feed.snapshot_date, "date", file_name=file_name)
        reason = "it gives null"
    except duckdb.Error as error:
        reason = str(error).split("\n")[0]
    advice = f"rename the file, or correct feeds.{feed.name}.snapshot_date"
    if not isinstance(found, date):
        what = f"snapshot_date {feed.snapshot_date!r} reads no day from this name: {reason}"
        raise refusal(feed, file_name, what, f"{advice} ({_HINT})")
    today = now.astimezone(settings.feeds.business.zone).date()
    if found > today + timedelta(days=settings.policy.gate.max_future_days):
        raise refusal(feed, file_name, f"its snapshot_date {found} is still to come", advice)
    return found


def landed_date(batch: Batch, zone: ZoneInfo) -> date:
    """The business day on which a batch was landed.

    By its place in the load order, which a replay shares with the file that it repeats.
    """
    return (_EPOCH + timedelta(microseconds=batch.sequence)).astimezone(zone).date()


def newest_snapshot(batches: list[Batch], zone: ZoneInfo) -> Batch | None:
    """Of one feed's accepted snapshots the last by day; of those of one day, the last delivered."""
    snapshots = [b for b in current_batches(batches) if b.delivery == "snapshot"]
    return max(
        snapshots,
        key=lambda b: (b.snapshot_date or landed_date(b, zone), b.sequence),
        default=None,
    )
