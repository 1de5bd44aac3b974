"""A business with random money: currencies, price changes, parts of a cent, the largest there are.

Person n holds account a<n> alone. What is delivered is kept, so that an oracle needs no model.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from small_home import MEASURES

SEED = 11
PERSONS = 60
# Pieces at a quarter of a cent; the largest amounts; too large a sum; no rate.
PIECES, BIG, HUGE, STRANGE = "pieces", "big", "huge", "strange"
LARGEST = Decimal("999999999999.999999")
STARTS = datetime(2024, 9, 1)
CURRENCIES = {"USD": "0.91", "JPY": "0.0061", "KWD": "3.05"}
INTERVALS = ("day", "week", "month", "quarter", "year")
VARIABLES = {"business_timezone": "America/Los_Angeles", "reporting_currency": "EUR"}
# Business days of the two builds, with their ends in UTC.
FIRST_DAY = {"as_of_date": "2025-03-17", "as_of_end_at": "2025-03-18 07:00:00"}
LAST_DAY = {"as_of_date": "2025-05-02", "as_of_end_at": "2025-05-03 07:00:00"}


def owned(account: str) -> dict[str, str]:
    return {"id_type": "account_id", "id_key": account}


class RandomMoney:
    """The rows of one seed: `rates`, `subscriptions` and `transactions` as raw holds them."""

    def __init__(self, seed: int = SEED):
        self.random = random.Random(seed)
        self.accounts = [f"a{n}" for n in range(PERSONS)] + [PIECES, BIG, HUGE, STRANGE]
        self.rates = [
            {"currency_code": currency, "valid_from_date": day, "rate": self._about(around, 8)}
            for currency, around in CURRENCIES.items()
            for day in self._days()
        ]
        self.subscriptions = [
            version for account in self.accounts[:PERSONS] for version in self._versions(account)
        ] + [
            self._version(BIG, 0, STARTS, recurring_amount=LARGEST, billing_interval="day"),
            self._version(BIG, 1, STARTS, recurring_amount=LARGEST, interval_count=2**63 - 1),
        ]
        self.transactions = [
            charge
            for account in self.accounts[:PERSONS]
            for charge in self._charges(account, self._below(12))
        ] + [
            self._charge(BIG, 900, datetime(2025, 1, 31, 12), amount=LARGEST, currency="KWD"),
            self._charge(BIG, 901, datetime(2025, 2, 1, 12), amount=LARGEST),
            self._charge(BIG, 902, datetime(2025, 3, 1, 12), "refund", amount=LARGEST),
        ]
        self.transactions += [
            self._charge(PIECES, n, datetime(2025, 2, 1 + n % 28, 12), amount=Decimal("0.0025"))
            for n in range(1000)
        ]

    def _below(self, limit: int) -> int:
        return self.random.randrange(limit)

    def _days(self) -> list[date]:
        """Up to 25 days of ten months, the first before anything happens."""
        first = date(2024, 8, 1)
        return sorted({first + timedelta(days=n * self._below(12)) for n in range(25)})

    def _about(self, around: str, places: int) -> Decimal:
        share = Decimal(str(self.random.uniform(0.7, 1.4)))
        return (Decimal(around) * share).quantize(Decimal(1).scaleb(-places))

    def _instant(self) -> datetime:
        """Any second of eight months, often close to the end of a month in Los Angeles."""
        if self._below(3):
            return STARTS + timedelta(seconds=self._below(270 * 86400))
        month = self.random.choice([datetime(2025, n, 1, 8) for n in (1, 2, 3)])
        return month + timedelta(seconds=self.random.choice([-3600, -1, 0, 1, 3600]))

    def _amount(self) -> Decimal:
        return self._about("20", self.random.choice([0, 2, 2, 4, 6]))

    def _currency(self) -> str:
        return self.random.choice(["EUR", "EUR", "EUR", *CURRENCIES])

    def _version(self, account: str, number: int, start: datetime, **values: Any) -> dict[str, Any]:
        return owned(account) | {
            "subscription_id": f"{account}-{number}", "product_code": "p", "product_type": "plan",
            "recurring_amount": self._amount(), "currency": "EUR", "billing_interval": "month",
            "interval_count": None, "started_at": start, "ended_at": None, "updated_at": STARTS,
        } | values  # fmt: skip

    def _versions(self, account: str) -> list[dict[str, Any]]:
        """Subscriptions of one to three versions each, of which any may be open or end late."""
        versions = []
        for number in range(self._below(4)):
            for start in sorted({self._instant() for _ in range(1 + self._below(3))}):
                end = start + timedelta(days=1 + self._below(200)) if self._below(2) else None
                is_discount = not self._below(6)
                versions.append(
                    self._version(
                        account, number, start, ended_at=end, currency=self._currency(),
                        recurring_amount=-self._amount() if is_discount else self._amount(),
                        product_type="add_on" if is_discount else "plan",
                        billing_interval=self.random.choice(INTERVALS),
                        interval_count=self.random.choice([None, 1, 1, 2, 7]),
                    )
                )  # fmt: skip
        return versions

    def _charges(self, account: str, count: int) -> list[dict[str, Any]]:
        kinds = ("charge", "charge", "one_off", "refund", "credit", "payment")
        return [
            self._charge(
                account, n, self._instant(), self.random.choice(kinds), currency=self._currency()
            )
            for n in range(count)
        ]

    def _charge(
        self, account: str, number: int, at: datetime, kind: str = "charge", **values: Any
    ) -> dict[str, Any]:
        return owned(account) | {
            "transaction_id": f"{account}-{number}", "occurred_at": at, "transaction_type": kind,
            "amount": self._amount(), "currency": "EUR",
        } | values  # fmt: skip

    def deliver(self, home: Any) -> None:
        """All of it; most lies after the first as-of day, and waits."""
        home.deliver("accounts", [{"account_key": a, "opened_at": STARTS} for a in self.accounts])
        home.deliver(
            "account_identifiers",
            [{"account_key": a, "valid_from_at": STARTS} | owned(a) for a in self.accounts],
        )
        home.deliver("subscriptions", self.subscriptions)
        cents = [row for row in self.transactions if row["amount"] == round(row["amount"], 2)]
        as_landed_before(home, home.deliver("transactions", cents, feed="old"), "amount")
        home.deliver("transactions", [row for row in self.transactions if row not in cents])
        largest = LARGEST - Decimal("0.000001")  # a column cannot tell the largest from larger
        home.deliver("network_usage_daily", [_usage(BIG, date(2025, 1, 31), largest)])

    def deliver_what_cannot_be_published(self, home: Any) -> None:
        home.deliver(
            "network_usage_daily",
            [_usage(HUGE, date(2025, 4, day), LARGEST) for day in (1, 2, 3)],
            feed="huge",
        )
        home.deliver(
            "transactions",
            [self._charge(STRANGE, 0, datetime(2025, 4, 9, 12), currency="XTS")],
            feed="strange",
        )


def as_landed_before(home: Any, batch: str, column: str) -> None:
    """A batch as homes have it that were made when money landed with two decimals."""
    for file in home.root.glob(f"raw/*/batch={batch}/*/data.parquet"):
        table = pq.ParquetFile(file).read()
        place = table.schema.get_field_index(column)
        money = table[column].cast(pa.decimal128(18, 2))
        pq.write_table(table.set_column(place, column, money), file)


def _usage(account: str, day: date, value: Decimal) -> dict[str, Any]:
    return owned(account) | {"usage_date": day, "site_code": "S1"} | dict.fromkeys(MEASURES, value)
