"""A business of random histories: merges, hand-overs, gaps, and events on the edges of windows."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CUSTOMERS = 24
# Days before the as-of day at which some window begins or ends.
EDGES = (0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 179, 180, 181)


class RandomBusiness:
    """Rows of every source, drawn by one seed; times are local to `zone`, delivered as UTC."""

    def __init__(self, seed: int, zone: str, as_of: date, customers: int = CUSTOMERS):
        self.draw = random.Random(f"{seed} {zone} {as_of}")
        self.zone = ZoneInfo(zone)
        self.as_of = as_of
        self.count = 0
        self.lines: list[tuple[str, int | None, int | None]] = []  # number, days ago begun, ended
        self.accounts: list[dict[str, Any]] = []
        self.identifiers: list[dict[str, Any]] = []
        for customer in range(customers):
            self._accounts(customer)
        self._hand_overs()

    def deliver(self, home: Any) -> None:
        """Everything, as one batch a source."""
        home.deliver("accounts", self.accounts)
        home.deliver("account_identifiers", self.identifiers)
        numbers = [f"m{n}" for n in range(self.count)]
        home.deliver("network_usage_daily", [r for n in numbers for r in self._usage(n)])
        charges = [r for n in numbers for r in self._transactions(n)]
        home.deliver("transactions", [*charges, self._first_charge()])
        home.deliver("subscriptions", [r for n in numbers for r in self._subscriptions(n)])
        home.deliver("survey_responses", [r for n in numbers for r in self._answers(n)])
        home.deliver("interactions", [r for n in numbers for r in self._contacts(n)])

    def day(self, most: int = 200, least: int = 0) -> date:
        """A day of the past, often one on which a window begins or ends."""
        edges = [edge for edge in EDGES if least <= edge <= most]
        if edges and self.draw.random() < 0.5:
            return self.as_of - timedelta(days=self.draw.choice(edges))
        return self.as_of - timedelta(days=self.draw.randint(least, most))

    def at(self, day: date) -> datetime:
        """An instant of that day, naive UTC; often next to midnight."""
        clock = self.draw.choice(
            (time(0), time(0, 0, 1), time(23, 59, 59), time(self.draw.randint(3, 20), 30))
        )
        return datetime.combine(day, clock, self.zone).astimezone(UTC).replace(tzinfo=None)

    def _accounts(self, customer: int) -> None:
        """Up to three accounts that a panel id makes one person, each with up to three numbers."""
        for n in range(self.draw.choice((1, 1, 2, 3))):
            key = f"a{customer}_{n}"
            opened = self.at(self.day(400, 150)) if self.draw.random() < 0.9 else None
            consents = {
                name: self.draw.choice((True, True, True, False, None))
                for name in ("has_analytics_consent", "has_marketing_consent")
            }
            closed = (
                self.at(self.day(40) + timedelta(days=10)) if self.draw.random() < 0.3 else None
            )
            version = {"account_key": key, "opened_at": opened, "closed_at": closed} | consents
            regions = self.draw.choices(("NORTH", "SOUTH", None), k=self.draw.randint(1, 3))
            days = sorted(self.draw.sample(range(60), len(regions)), reverse=True)
            for number, (region, ago) in enumerate(zip(regions, days, strict=True)):
                written = self.at(self.as_of - timedelta(days=ago))
                is_first = number == 0 and self.draw.random() < 0.5
                self.accounts.append(
                    version | {"region_code": region, "updated_at": None if is_first else written}
                )
                version = version | {"has_marketing_consent": self.draw.choice((True, False, None))}
            own = {"account_key": key, "valid_from_at": None, "valid_to_at": None}
            self.identifiers.append(own | {"id_type": "panel_id", "id_key": f"p{customer}"})
            for _ in range(self.draw.randint(1, 3)):
                self.identifiers.append(own | {"id_type": "msisdn", "id_key": f"m{self.count}"})
                self.count += 1

    def _hand_overs(self) -> None:
        """Some numbers end with one account and begin with another, on one day or weeks later."""
        for row in self.draw.sample(self.identifiers, 12):
            if row["id_type"] != "msisdn":
                continue
            day = self.day(120, 1)
            row["valid_to_at"] = self.at(day)
            begun = row["valid_to_at"] + timedelta(days=self.draw.choice((0, 0, 1, 35)))
            other = self.draw.choice(self.accounts)["account_key"]
            self.identifiers.append(
                row | {"account_key": other, "valid_from_at": begun, "valid_to_at": None}
            )

    def _whose(self, number: str) -> dict[str, str]:
        return {"id_type": "msisdn", "id_key": number}

    def _usage(self, number: str) -> list[dict[str, Any]]:
        """Days with gaps; some numbers stop, begin, halve or have no traffic measured."""
        begun, stopped = self.draw.choice(
            ((200, 0), (200, 0), (200, 30), (91, 29), (45, 0), (0, 1))
        )
        change = self.draw.choice((1, 1, 1, 0.3, 3))
        is_measured, rows = self.draw.random() < 0.9, []
        for ago in range(begun, stopped - 1, -1):
            if self.draw.random() < 0.4:
                continue
            for site in self.draw.choice((("S1",), ("S1", "S2"))):
                traffic = self.draw.randint(1, 40) * (change if ago < 30 else 1)
                rows.append(
                    self._whose(number)
                    | {
                        "usage_date": self.as_of - timedelta(days=ago),
                        "site_code": site,
                        "session_count": self.draw.randint(0, 9),
                        "failed_session_count": self.draw.choice((0, 0, 1)),
                        "dropped_session_count": self.draw.choice((0, 0, 0, 1)),
                        "stall_seconds": self.draw.randint(0, 90),
                        "usage_minutes": self.draw.choice((0, 30, 60)),
                        "traffic_mb": round(traffic, 3) if is_measured else None,
                        "outage_minutes": self.draw.choice((*[0] * 14, None, 10, 10, 15, 30)),
                        "throughput_mbps": self.draw.choice((None, 5, 25)),
                        "latency_ms": self.draw.choice((None, 30, 90)),
                    }
                )
        for row in self.draw.sample(rows, min(2, len(rows))):
            row["outage_minutes"] = 900  # at two sites, more than a day has
        return rows

    def _transactions(self, number: str) -> list[dict[str, Any]]:
        return [
            self._whose(number)
            | {
                "transaction_id": f"{number}_{n}",
                "occurred_at": self.at(self.day()),
                "transaction_type": self.draw.choice(
                    ("charge", "charge", "one_off", "refund", "credit", "payment")
                ),
                "amount": self.draw.randint(1, 9999) / 100,
                "currency": "EUR",
            }
            for n in range(self.draw.randint(0, 9))
        ]

    def _first_charge(self) -> dict[str, Any]:
        """Of seventy years ago."""
        return {
            "transaction_id": "first", "occurred_at": self.at(date(1955, 3, 31)),
            "id_type": "account_id", "id_key": self.accounts[0]["account_key"],
            "transaction_type": "charge", "amount": 7.77, "currency": "EUR",
        }  # fmt: skip

    def _subscriptions(self, number: str) -> list[dict[str, Any]]:
        """A plan, at times another in its place, and add-ons that end, go on or are priced anew."""
        rows: list[dict[str, Any]] = []

        def span(name: str, kind: str, product: str, started: datetime, ended: datetime | None):
            ends = self.as_of + timedelta(days=self.draw.choice((-1, 0, 1, 59, 60, 61, 300)))
            rows.append(
                self._whose(number)
                | {
                    "subscription_id": f"{number}_{name}", "product_type": kind,
                    "product_code": product, "recurring_amount": self.draw.randint(1, 50),
                    "currency": "EUR", "billing_interval": "month", "started_at": started,
                    "ended_at": ended, "updated_at": started,
                    "contract_ends_at": self.at(ends) if self.draw.random() < 0.4 else None,
                }
            )  # fmt: skip

        if self.draw.random() < 0.8:
            most = self.draw.choice((28, 28, 94))
            ended = self.at(self.day(most)) if self.draw.random() < 0.6 else None
            span("plan", "plan", "basic", self.at(self.day(300, 95)), ended)
            pause = timedelta(hours=self.draw.choice((-24, -25, 0, 0, 24, 25)))
            if ended and ended + pause < self.at(self.as_of):
                product = self.draw.choice(("basic", "large", "large"))
                span("next", "plan", product, ended + pause, None)
        for n in range(self.draw.randint(0, 2)):
            started = self.at(self.day(200, 35))
            ended = self.at(self.day(34)) if self.draw.random() < 0.6 else None
            span(f"extra{n}", "add_on", "music", started, ended)
            if ended and self.draw.random() < 0.4 and ended < self.at(self.as_of):
                span(f"extra{n}", "add_on", "music", ended, None)
        return rows

    def _answers(self, number: str) -> list[dict[str, Any]]:
        return [
            self._whose(number)
            | {
                "response_id": f"{number}_{n}", "survey_code": "wave", "question_code": "overall",
                "responded_at": self.at(self.day(120)), "score": self.draw.randint(0, 10),
                "scale_min": 0, "scale_max": 10,
            }
            for n in range(self.draw.randint(0, 2))
        ]  # fmt: skip

    def _contacts(self, number: str) -> list[dict[str, Any]]:
        return [
            self._whose(number)
            | {
                "interaction_id": f"{number}_{n}", "occurred_at": self.at(self.day(60)),
                "channel_code": "phone",
                "interaction_type": self.draw.choice(("complaint", "question", "question")),
            }
            for n in range(self.draw.choice((0, 0, 0, 1)))
        ]  # fmt: skip
