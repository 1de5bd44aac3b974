"""Random worlds of persons who ask to be erased, seeded; and the deliveries that tell of them.

A world has accounts, identifiers, requests and facts of its own. What a source says of them comes
in many files: some are not accepted, some correct what came before, and of some a later snapshot is
silent.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from saydo.contract import SOURCES

WORLDS = 300
ZONE = "Pacific/Auckland"  # 12 or 13 hours before UTC: its midnights are at 11 and 12
KINDS = ("msisdn", "email", "imsi", "account_id")
HOURS = (0, 8, 11, 12, 13, 20)
FIRST_DAY = date(2024, 3, 28)  # summer time ends on 7 April
Row = dict[str, Any]
LANDED = date(2025, 1, 1)
EARLY, LATER = date(2024, 3, 30), date(2024, 4, 7)  # of snapshots, among the days of the worlds
# Feed, status, delivery and snapshot_date of each file of a source, in load order.
FILES = {
    "accounts": (
        ("crm", "accepted", "snapshot", EARLY), ("crm", "accepted", "snapshot", LATER),
        ("shop", "accepted", "incremental", None), ("shop", "landed", "incremental", None),
        ("shop", "withdrawn", "incremental", None),
    ),
    "account_identifiers": (
        ("numbers", "accepted", "incremental", None),
        ("mails", "accepted", "snapshot", EARLY), ("mails", "accepted", "snapshot", LATER),
        ("numbers", "withdrawn", "incremental", None),
        ("numbers", "duplicate", "incremental", None),
        ("mails", "accepted", "incremental", None), ("numbers", "accepted", "incremental", None),
        ("numbers", "landed", "incremental", None), ("mails", "refused", "snapshot", None),
        ("mails", "landed", "snapshot", None),
    ),
    "erasure_requests": (
        ("desk", "accepted", "incremental", None), ("desk", "accepted", "incremental", None),
        ("desk", "landed", "incremental", None), ("desk", "withdrawn", "incremental", None),
    ),
    "transactions": (
        ("bills", "accepted", "incremental", None), ("bills", "accepted", "incremental", None),
        ("bills", "landed", "incremental", None),
    ),
    "network_usage_daily": (
        ("usage", "accepted", "incremental", None), ("usage", "accepted", "incremental", None),
        ("usage", "refused", "incremental", None),
    ),
    "network_sessions": (
        ("records", "accepted", "incremental", None), ("records", "accepted", "incremental", None),
        ("records", "refused", "incremental", None),
    ),
    "relationships": (
        ("links", "accepted", "incremental", None), ("links", "accepted", "incremental", None),
        ("links", "refused", "incremental", None),
    ),
}  # fmt: skip


@dataclass
class Worlds:
    """The rows of each file of each source, and which pairs of accounts the registry joined."""

    files: dict[tuple[str, int], dict[tuple, Row]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    customers: dict[str, str] = field(default_factory=dict)  # account to customer
    names: list[str] = field(default_factory=list)

    def add(self, source: str, file: int, row: Row) -> None:
        """As landing leaves a file: the last row of each key."""
        key = tuple(row[name] for name in SOURCES[source].key)
        self.files[source, file][key] = row

    def rows(self, source: str, file: int) -> list[Row]:
        """In no order that says anything."""
        rows = list(self.files[source, file].values())
        random.Random(f"{source} {file}").shuffle(rows)
        return rows


def make() -> Worlds:
    worlds = Worlds()
    for number in range(WORLDS):
        _World(random.Random(number), f"w{number:03}", worlds).fill()
    return worlds


class _World:
    def __init__(self, rng: random.Random, name: str, worlds: Worlds):
        self.rng, self.name, self.worlds = rng, name, worlds
        worlds.names.append(name)
        self.accounts = [f"{name}/a{n}" for n in range(rng.randint(2, 4))]
        kinds = rng.choices(KINDS[:3], k=rng.randint(1, 2))
        self.identifiers = [(kind, f"{name}/v{n}") for n, kind in enumerate(kinds)]
        if rng.random() < 0.3:  # the id of another account, or of one that nobody knows
            self.identifiers.append(("account_id", rng.choice([self.accounts[0], f"{name}/old"])))

    def fill(self) -> None:
        for account in self.accounts:
            self.worlds.customers[account] = account
            for file in range(len(FILES["accounts"])):
                if self.rng.random() < (0.9 if file == 1 else 0.25):
                    self._open(account, file)
        if self.rng.random() < 0.3:
            self.worlds.customers[self.accounts[1]] = self.accounts[0]
        for identifier in self.identifiers:
            self._hand_round(identifier)
        for number in range(self.rng.randint(1, 2)):
            self._ask(f"{self.name}/r{number}")
        whose = [*self.identifiers, ("account_id", self.accounts[-1]), ("email", f"{self.name}/x")]
        for id_type, id_key in dict.fromkeys(whose):
            for number in range(6):
                self._bill(f"{id_key}/{id_type}/{number}", id_type, id_key)
                self._use(id_type, id_key)
        for one in dict.fromkeys(whose):
            for other in dict.fromkeys(whose):
                self._relate(one, other)

    def _instant(self) -> datetime:
        """One of few days and hours, so that many coincide, begin or end on one day of the zone."""
        day = FIRST_DAY + timedelta(days=self.rng.choice((0, 1, 2, 9, 10, 11, 12)))
        return datetime(day.year, day.month, day.day, self.rng.choice(HOURS))

    def _open(self, account: str, file: int) -> None:
        updated = self.rng.choice((None, None, self._instant()))
        row = {"account_key": account, "opened_at": self._instant(), "updated_at": updated}
        self.worlds.add("accounts", file, row)

    def _hand_round(self, identifier: tuple[str, str]) -> None:
        """Spans in turn, with gaps or overlaps, then what other files say otherwise."""
        for _ in range(self.rng.randint(1, 3)):
            begin, end = sorted((self._instant(), self._instant()))
            others = [file for file in range(len(FILES["account_identifiers"])) if file != 2]
            file = self.rng.choice((0, 2, 2, 5, 6))
            style = self.rng.random()
            first, second = self.rng.sample(self.accounts, 2)
            self._hold(file, first, identifier, begin if style < 0.8 else None, end)
            if style < 0.5:  # a hand-over, at one instant more often than not
                starts = end if style < 0.35 else self._instant()
                self._hold(file, second, identifier, starts, self.rng.choice((None, end)))
            elif style < 0.7:  # both hold it still
                self._hold(file, second, identifier, self._instant(), None)
                self._hold(file, first, identifier, begin, None)
            if self.rng.random() < 0.7:
                told = self.rng.choice((first, second, *self.accounts))
                late = self.rng.choice((None, self._instant()))
                self._hold(self.rng.choice(others), told, identifier, begin, late)
            if self.rng.random() < 0.5:
                stray = self.rng.choice(self.accounts)
                wrong = self.rng.choice((1, 3, 4, 7, 8, 9))
                self._hold(wrong, stray, identifier, self._instant(), None)

    def _hold(self, file: int, account: str, identifier: tuple[str, str], begin, end) -> None:
        row = {
            "account_key": account, "id_type": identifier[0], "id_key": identifier[1],
            "valid_from_at": begin, "valid_to_at": end,
        }  # fmt: skip
        self.worlds.add("account_identifiers", file, row)

    def _ask(self, request_id: str) -> None:
        for file in range(len(FILES["erasure_requests"])):
            if self.rng.random() > (0.9 if file == 0 else 0.15):
                continue
            id_type, id_key = self.rng.choice(self.identifiers)
            chance = self.rng.random()
            if chance < 0.15:
                id_type, id_key = "account_id", self.rng.choice(self.accounts)
            elif chance < 0.2:
                id_type, id_key = "email", f"{self.name}/x"  # nobody's
            asked = self._instant() + timedelta(days=self.rng.choice((0, 0, 40)))
            row = {"request_id": request_id, "id_type": id_type, "id_key": id_key}
            self.worlds.add("erasure_requests", file, row | {"requested_at": asked})

    def _bill(self, transaction_id: str, id_type: str, id_key: str) -> None:
        for file in self.rng.sample(range(3), self.rng.choice((1, 1, 2))):
            row = {
                "transaction_id": transaction_id, "id_type": id_type, "id_key": id_key,
                "occurred_at": self._instant(), "transaction_type": "charge", "amount": 1,
                "currency": "EUR",
            }  # fmt: skip
            self.worlds.add("transactions", file, row)
            whose = {"id_type": id_type, "id_key": id_key}
            session = whose | {"session_id": transaction_id, "started_at": row["occurred_at"]}
            self.worlds.add("network_sessions", file, session)

    def _use(self, id_type: str, id_key: str) -> None:
        day = self._instant().date()
        for file in self.rng.sample(range(3), self.rng.choice((1, 1, 2))):
            row = {"id_type": id_type, "id_key": id_key, "usage_date": day, "site_code": "s"}
            self.worlds.add("network_usage_daily", file, row)

    def _relate(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        at = self._instant()
        for file in self.rng.sample(range(3), self.rng.choice((1, 1, 2))):
            row = {
                "id_type": one[0], "id_key": one[1], "to_id_type": other[0], "to_id_key": other[1],
                "relation_type": "contact", "since_at": at,
            }  # fmt: skip
            self.worlds.add("relationships", file, row)
