"""When the events of a batch happened: its months, as raw is partitioned, and the last of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES
from saydo.landing.ledger import Batch
from saydo.sql import quoted


@dataclass(frozen=True)
class Span:
    """The time that a batch's events cover; nothing for a source without events.

    Attributes:
        months: UTC months (YYYY-MM), as the partitions of raw are named.
        first_date: day of the first event: UTC of an instant, else as delivered.
        last_date: day of the last event, likewise.
        last_at: the last event as a UTC instant; none where a source knows days only.
    """

    months: list[str]
    first_date: date | None = None
    last_date: date | None = None
    last_at: datetime | None = None

    def with_batch(self, batch: Batch) -> Span:
        """This span and that of a batch whose rows are repeated beside it."""
        # An older entry has days only: then nothing better is known of the two.
        is_known = (self.last_at or not self.last_date) and (
            batch.last_event_at or not batch.last_event_date
        )
        return Span(
            sorted({*self.months, *batch.months}),
            min((d for d in (self.first_date, batch.first_event_date) if d), default=None),
            max((d for d in (self.last_date, batch.last_event_date) if d), default=None),
            max((t for t in (self.last_at, batch.last_event_at) if t and is_known), default=None),
        )

    def entry(self) -> dict[str, Any]:
        """The fields of the ledger's entry."""
        return {
            "first_event_date": self.first_date,
            "last_event_date": self.last_date,
            "last_event_at": self.last_at,
            "months": self.months,
        }


def span_of(connection: duckdb.DuckDBPyConnection, feed: Feed) -> Span:
    """The span of the good rows of `staged`."""
    event = SOURCES[feed.source].event_time
    if not event:
        return Span([])
    found = connection.execute(
        f"select {month_sql(event)} as month, min({quoted(event)}), max({quoted(event)}) "
        f"from staged where _error = 0 and {quoted(event)} is not null group by 1 order by 1"
    ).fetchall()
    if not found:
        return Span([])
    first, last = min(row[1] for row in found), max(row[2] for row in found)
    months = [month_name(row[0]) for row in found]
    if not isinstance(last, datetime):
        return Span(months, first, last)
    return Span(months, first.date(), last.date(), last)


def month_sql(event: str) -> str:
    """The months since the year 0 of an event: a number is grouped faster than a date."""
    return f"(year({quoted(event)}) * 12 + month({quoted(event)}) - 1)"


def month_name(number: int) -> str:
    """A month since the year 0 as YYYY-MM."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
