"""What stands of accounts, identifiers and subscriptions: file by file in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ALWAYS, STILL = datetime.min, datetime.max
Row = dict[str, Any]


@dataclass(frozen=True)
class File:
    """One delivered file; the list of files is in load order."""

    feed: str
    source: str
    rows: tuple[Row, ...]
    delivery: str = "snapshot"
    landed_date: date = date(2025, 1, 1)
    snapshot_date: date | None = None
    status: str = "accepted"
    absent: str = "ended"


def midnight(day: date, zone: str) -> datetime:
    local = datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


KEYS = {
    "accounts": ("account_key", "updated_at"),
    "account_identifiers": ("account_key", "id_type", "id_key", "valid_from_at"),
    "subscriptions": ("subscription_id", "started_at"),
}
SPANS = {
    "accounts": ("opened_at", "closed_at"),
    "account_identifiers": ("valid_from_at", "valid_to_at"),
    "subscriptions": ("started_at", "ended_at"),
}


@dataclass
class Standing:
    """A row that stands, from when to when, and what the snapshots said of it."""

    row: Row
    begin: datetime
    end: datetime
    first: int
    last: int | None  # of the files that are heard
    is_silenced: bool
    is_ended_by_silence: bool
    follows: datetime | None = None


class Oracle:
    """Of one table of one world, as of the end of a day of a zone."""

    def __init__(self, files: list[File], table: str, zone: str, as_of: date = date(9999, 1, 1)):
        self.table, self.zone, self.as_of = table, zone, as_of
        self.end = midnight(as_of + timedelta(days=1), zone)
        self.files = self._that_count([f for f in files if f.source == table])
        self.rows = self._standing()

    @staticmethod
    def _told(file: File) -> date:
        return file.snapshot_date or file.landed_date

    def _that_count(self, files: list[File]) -> list[File]:
        """In the order of their days."""
        accepted = [(n, f) for n, f in enumerate(files) if f.status == "accepted"]
        last = {(f.feed, f.snapshot_date): n for n, f in accepted}
        kept = [(n, f) for n, f in accepted
                if f.snapshot_date is None or last[f.feed, f.snapshot_date] == n]  # fmt: skip
        kept.sort(key=lambda item: (self._told(item[1]), item[0]))
        files = [f for _, f in kept]
        newest = {f.feed: n for n, f in enumerate(files) if f.delivery == "snapshot"}
        return [f for n, f in enumerate(files)
                if f.absent == "ended" or n >= newest.get(f.feed, 0)]  # fmt: skip

    def _is_heard(self, file: File) -> bool:
        return file.delivery == "incremental" or self._told(file) <= self.as_of

    def _listed(self, row: Row) -> tuple:
        return tuple(row[n] for n in KEYS[self.table] if n != "updated_at")

    def _silent_after(self, number: int) -> int | None:
        feed = self.files[number].feed
        for later, file in enumerate(self.files):
            if later > number and file.feed == feed and file.delivery == "snapshot":
                return later if self._told(file) <= self.as_of else None
        return None

    def _silence(self, listed: tuple) -> datetime | None:
        """When every feed that had told of it was silent of it."""
        last: dict[str, int] = {}
        for number, file in enumerate(self.files):
            if self._is_heard(file) and any(self._listed(row) == listed for row in file.rows):
                last[file.feed] = number
        silent = [self._silent_after(number) for number in last.values()]
        if not silent or None in silent:
            return None
        return midnight(self._told(self.files[max(silent)]), self.zone)

    def _standing(self) -> list[Standing]:
        told: dict[tuple, list[tuple]] = {}
        for number, file in enumerate(self.files):
            for row in file.rows:
                key = tuple(row[name] for name in KEYS[self.table])
                told.setdefault(key, []).append((row.get("updated_at"), number, row))
        standing = [self._span(v) for v in told.values() if any(self._is_known(*i) for i in v)]
        if self.table == "accounts":
            return standing
        kept = [row for row in standing if not self._tell_anew(row, standing)]
        for row in kept:
            row.end = row.__dict__.pop("cut", row.end)
        return kept

    def _is_known(self, version: datetime | None, *_) -> bool:
        return version is None or version < self.end

    def _span(self, versions: list[tuple]) -> Standing:
        known = [version for version in versions if self._is_known(*version)]
        row = max(known, key=lambda version: (version[0] or ALWAYS, version[1]))[2]
        heard = [n for _, n, _ in versions if self._is_heard(self.files[n])]
        first = min(n for _, n, _ in versions)
        begins, ends = SPANS[self.table]
        begin, end = row[begins] or ALWAYS, row[ends] or STILL
        silence = self._silence(self._listed(row))
        standing = Standing(row, begin, end, first, max(heard, default=None), bool(silence), False)
        if silence and silence < end:
            standing.end, standing.is_ended_by_silence = max(begin, silence), True
        return standing

    def _tell_anew(self, row: Standing, standing: list[Standing]) -> bool:
        """Whether later files say all of a silenced row anew; cuts it where they go on with it."""
        if self.table == "account_identifiers" and row.row["valid_from_at"] is None:
            row.follows = max(
                (other.end for other in standing
                 if other.is_silenced and self._value(other) == self._value(row)
                 and other.last < row.first),
                default=None,
            )  # fmt: skip
        if not row.is_silenced:
            return False
        later = self._later(row, [o for o in standing if o.last is not None], standing)
        later = [o for o in later if o.begin < row.end and o.end > row.begin]
        if any(other.begin <= row.begin for other in later):
            return True
        if later and row.is_ended_by_silence:
            row.cut = min([row.end, *(other.begin for other in later)])
        return False

    def _later(self, row: Standing, heard: list[Standing], standing: list[Standing]) -> list:
        """What the next file that tells of the same thing says of it, and to whom it passes."""
        same = [o for o in heard if self._thing(o) == self._thing(row) and o.last > row.last]
        found = [o for o in same if o.last == min(other.last for other in same)]
        if self.table == "account_identifiers":
            new = [o for o in standing if self._value(o) == self._value(row) and o.first > row.last]
            found += [
                o for o in new
                if o.first == min(other.first for other in new)
                and o.row["account_key"] != row.row["account_key"]
                and o.row["valid_from_at"] is not None
            ]  # fmt: skip
        return found

    def _thing(self, standing: Standing) -> tuple:
        return self._listed(standing.row)[:-1]

    def _value(self, standing: Standing) -> tuple:
        return standing.row["id_type"], standing.row["id_key"]
