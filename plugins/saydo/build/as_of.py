"""Which day the profiles speak of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from saydo.contract import SOURCES
from saydo.errors import ConfigError, SaydoError
from saydo.landing import Batch, read_ledger
from saydo.settings import Settings


def resolve_as_of(settings: Settings, run_date: date | None) -> date:
    """The as-of date under the rule `business.as_of` of feeds.yml.

    `latest` is the newest day of the business on which something happened, over every batch that
    was landed and not refused: an instant is of the day that it was where the business is.
    Subscriptions do not count: their dates lie in the future (contracts, planned
    starts) and would date the profiles into days nobody has lived through.

    Args:
        settings: where the ledger is.
        run_date: the run's own day, in the business zone; needed under the rule `run`.

    Raises:
        SaydoError: nothing that could tell the date has been landed.
        ConfigError: the rule is `run` and the run has no date.
    """
    rule = settings.feeds.business.as_of
    if isinstance(rule, date):
        return rule
    if rule == "run":
        if run_date is None:
            raise ConfigError(
                f"{settings.feeds_file}: business.as_of is `run`, and this run has no date; "
                "give --as-of, or set business.as_of to `latest` or a date"
            )
        return run_date
    newest = newest_day(settings, read_ledger(settings))
    if newest is None:
        raise SaydoError(
            f"nothing dated has been landed from {settings.landing}, so there is no day to build "
            "for; put files where the feeds look for them (saydo feeds check), or give --as-of"
        )
    return newest


def newest_day(settings: Settings, ledger: Iterable[Batch]) -> date | None:
    """The newest day of the business on which something happened, or None."""
    days = [
        day
        for batch in ledger
        if batch.is_in_use
        and SOURCES[batch.source].event_time is not None
        and batch.source != "subscriptions"
        and (day := _last_day(settings, batch)) is not None
    ]
    return max(days, default=None)


def _last_day(settings: Settings, batch: Batch) -> date | None:
    """The business's day of a batch's last event; older entries tell its UTC day only."""
    if batch.last_event_at is None:
        return batch.last_event_date
    zone = settings.feeds.business.zone
    return batch.last_event_at.replace(tzinfo=UTC).astimezone(zone).date()


def end_of_day(settings: Settings, day: date) -> datetime:
    """The exclusive end of a business day, as a naive UTC instant.

    The day after begins at local midnight, so a 23- or 25-hour day ends where people say it does.
    """
    midnight = datetime.combine(
        day + timedelta(days=1), time.min, tzinfo=settings.feeds.business.zone
    )
    return midnight.astimezone(UTC).replace(tzinfo=None)
