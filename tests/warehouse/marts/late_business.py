"""A random business as it is delivered over time: most rows when they happen, some weeks late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from random_business import RandomBusiness

Row = dict[str, Any]
ZONE = "America/Los_Angeles"
LAST_DAY = date(2025, 3, 31)
# The days of the runs: from 60 days before the last one on, regions change.
DAYS = (LAST_DAY - timedelta(days=40), LAST_DAY - timedelta(days=15), LAST_DAY)
_LATE_RATIO = 0.03


class LateBusiness:
    """What has arrived by the end of each day, and whose rows had not though they were due."""

    def __init__(self, seed: int):
        self.business = RandomBusiness(seed, ZONE, LAST_DAY, customers=100)
        self._sent: dict[str, set[str]] = {}
        self.arrivals = [
            *self._of("accounts", self._versions(), "updated_at"),
            *self._of("account_identifiers", self.business.identifiers, "valid_from_at"),
            *self._of("subscriptions", self._lines("_subscriptions"), "started_at"),
            *self._of("survey_responses", self._lines("_answers"), "responded_at"),
        ]

    def end_of(self, day: date) -> datetime:
        """UTC instant at which a day of the business is over."""
        after = datetime.combine(day + timedelta(days=1), datetime.min.time(), self.business.zone)
        return after.astimezone(UTC).replace(tzinfo=None)

    def deliver(self, home: Any, day: date) -> None:
        """What has newly arrived by the end of the day; an end that has come is a newer row."""
        end = self.end_of(day)
        for source in ("accounts", "account_identifiers", "subscriptions", "survey_responses"):
            rows = [self._as_known(a, end) for a in self.arrivals if a["source"] == source]
            sent = self._sent.setdefault(source, set())
            new = [row for row in rows if row is not None and repr(row) not in sent]
            sent.update(repr(row) for row in new)
            if new:
                home.deliver(source, new)

    def late_keys(self, day: date) -> set[str]:
        """Accounts and identifiers of which something due by the day's end arrived later."""
        end = self.end_of(day)
        return {
            key
            for arrival in self.arrivals
            for due, arrives in (
                (arrival["at"], arrival["arrives_at"]),
                (arrival["ends"], arrival["end_arrives_at"]),
            )
            if (due is None or due < end) and arrives is not None and arrives >= end
            for key in (arrival["row"].get("account_key"), arrival["row"].get("id_key"))
            if key is not None
        }

    def _versions(self) -> list[Row]:
        """Accounts whose first version says of no time when it was written: since they opened."""
        first: set[str] = set()
        rows = []
        for row in self.business.accounts:
            is_first = row["account_key"] not in first
            first.add(row["account_key"])
            row = row | {"customer_type": self.business.draw.choice(("consumer", "business"))}
            rows.append(row | ({"updated_at": None} if is_first else {}))
        return rows

    def _lines(self, make: str) -> list[Row]:
        numbers = range(self.business.count)
        return [row for n in numbers for row in getattr(self.business, make)(f"m{n}")]

    def _of(self, source: str, rows: list[Row], at: str) -> list[Row]:
        ends = {"subscriptions": "ended_at", "account_identifiers": "valid_to_at"}.get(source)
        return [
            {
                "source": source, "row": row, "at": row[at], "end_column": ends,
                "arrives_at": self._arrival(row[at]),
                "ends": row[ends] if ends else None,
                "end_arrives_at": self._arrival(row[ends]) if ends and row[ends] else None,
            }
            for row in rows
        ]  # fmt: skip

    def _arrival(self, at: datetime | None) -> datetime:
        """When a row arrives: at once or late, but before the last day is over."""
        draw = self.business.draw
        happened = at or datetime.min
        if draw.random() >= _LATE_RATIO:
            return happened
        begun = self.end_of(DAYS[0] - timedelta(days=1))
        late = max(happened, begun) + timedelta(days=draw.randint(1, 39))
        return min(late, self.end_of(LAST_DAY) - timedelta(hours=1))

    def _as_known(self, arrival: Row, end: datetime) -> Row | None:
        if arrival["arrives_at"] >= end:
            return None
        row = arrival["row"]
        if arrival["end_arrives_at"] is not None and arrival["end_arrives_at"] >= end:
            return row | {arrival["end_column"]: None}
        return row
