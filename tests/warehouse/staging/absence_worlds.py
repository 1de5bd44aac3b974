"""Random histories of snapshots, seeded: late, corrected, withdrawn, replayed, beside others.

A world has things of its own (its name begins every key) and feeds of its own. Half of the days lie
after the as-of date.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from absence_oracle import File, Row

from saydo.contract import SOURCES

WORLDS, TWINS = 60, 8
ZONE = "America/New_York"  # its days begin at 4 or 5 in UTC; summer time begins on 10 March
AS_OF = date(2024, 3, 12)
FIRST_DAY = date(2024, 3, 6)
TABLES = ("accounts", "account_identifiers", "subscriptions")


def make() -> list[File]:
    return [f for n in range(WORLDS) for f in _World(random.Random(n), f"w{n:03}").files()]


def twins() -> tuple[list[File], list[File]]:
    """The same dated snapshots, landed day by day and all at once in any order."""
    daily, bulk = [], []
    for number in range(TWINS):
        world = _World(random.Random(1000 + number), f"daily{number:02}")
        files = [
            File(f"{world.name}.{table}", table, world.rows(table),
                 landed_date=world.day(n), snapshot_date=world.day(n))
            for table in TABLES
            for n in range(4)
        ]  # fmt: skip
        daily += files
        for file in random.Random(number).sample(files, len(files)):
            rows = tuple(_renamed(row, "daily", "bulk_") for row in file.rows)
            feed = file.feed.replace("daily", "bulk_")
            bulk.append(File(feed, file.source, rows, landed_date=date(2024, 6, 1),
                             snapshot_date=file.snapshot_date))  # fmt: skip
    return daily, bulk


def _renamed(row: Row, old: str, new: str) -> Row:
    return {n: v.replace(old, new) if isinstance(v, str) else v for n, v in row.items()}


class _World:
    def __init__(self, rng: random.Random, name: str):
        self.rng, self.name = rng, name

    def day(self, number: int) -> date:
        return FIRST_DAY + timedelta(days=2 * number)

    def files(self) -> list[File]:
        return [f for table in TABLES for feed in self._feeds(table) for f in feed]

    def _feeds(self, table: str) -> list[list[File]]:
        feeds = [self._snapshots(table, f"{self.name}.{table}.a")]
        if self.rng.random() < 0.3:
            feeds.append(self._snapshots(table, f"{self.name}.{table}.b"))
        if self.rng.random() < 0.3:
            feeds.append([
                File(f"{self.name}.{table}.c", table, self.rows(table, few=True), "incremental",
                     self.day(n))
                for n in range(self.rng.randint(1, 2))
            ])  # fmt: skip
        return feeds

    def _snapshots(self, table: str, feed: str) -> list[File]:
        """Of one feed, in load order."""
        is_dated = self.rng.random() < 0.7
        absent = "erased" if self.rng.random() < 0.1 else "ended"
        days = [self.day(n) for n in range(self.rng.randint(2, 5))]
        if is_dated:
            days += [day for day in days if self.rng.random() < 0.15]  # corrected
            if self.rng.random() < 0.5:
                self.rng.shuffle(days)  # late
        landed, files = FIRST_DAY, []
        for day in days:
            landed = landed + timedelta(days=self.rng.randint(0, 3)) if is_dated else day
            file = File(
                feed, table, self.rows(table), landed_date=landed, absent=absent,
                snapshot_date=day if is_dated else None,
                status=self.rng.choice(("accepted",) * 8 + ("withdrawn", "landed")),
            )  # fmt: skip
            files.append(file)
            if file.status == "accepted" and self.rng.random() < 0.1:  # the rest of it, replayed
                more = {_key(table, row): row for row in (*self.rows(table, few=True), *file.rows)}
                files.append(File(**{**file.__dict__, "rows": tuple(more.values())}))
            if self.rng.random() < 0.1:  # some rows, delivered before or after it was a snapshot
                files.append(File(feed, table, self.rows(table, few=True), "incremental", landed,
                                  absent=absent))  # fmt: skip
        return files

    def rows(self, table: str, few: bool = False) -> tuple[Row, ...]:
        share = 0.3 if few else 0.65
        made = [getattr(self, f"_{table}")() for _ in range(12) if self.rng.random() < share]
        return tuple({_key(table, row): row for row in made}.values())

    def _instant(self) -> datetime:
        """Before, among and after the days of the snapshots, often at their very begin."""
        day = FIRST_DAY + timedelta(days=self.rng.choice((-9, -2, 0, 1, 2, 3, 4, 5, 6, 8)))
        return datetime(day.year, day.month, day.day, self.rng.choice((0, 4, 5, 12)))

    def _span(self) -> tuple[datetime, datetime | None]:
        begin, end = sorted((self._instant(), self._instant()))
        return begin, end if self.rng.random() < 0.25 and end > begin else None

    def _accounts(self) -> Row:
        opened, closed = self._span()
        return {
            "account_key": f"{self.name}/{self.rng.choice('abcdefg')}", "opened_at": opened,
            "closed_at": closed, "region_code": f"{self.rng.random()}",
            "updated_at": self.rng.choice((None, None, self._instant())),
        }  # fmt: skip

    def _account_identifiers(self) -> Row:
        begin, end = self._span()
        return {
            "account_key": f"{self.name}/{self.rng.choice('abc')}", "id_type": "msisdn",
            "id_key": f"{self.name}/{self.rng.choice('xy')}", "valid_to_at": end,
            "valid_from_at": self.rng.choice((None, begin)),
        }  # fmt: skip

    def _subscriptions(self) -> Row:
        begin, end = self._span()
        return {
            "subscription_id": f"{self.name}/{self.rng.choice('stu')}", "id_type": "account_id",
            "id_key": self.name, "product_code": "p", "product_type": "plan",
            "recurring_amount": self.rng.randint(1, 1000), "currency": "EUR",
            "billing_interval": "month", "started_at": begin, "ended_at": end,
            "updated_at": self.rng.choice((None, None, self._instant())),
        }  # fmt: skip


def _key(table: str, row: Row) -> tuple:
    return tuple(row[name] for name in SOURCES[table].key)
