"""Five hundred and more random lives of subscriptions: each customer is one history.

An oracle needs one rule of rounding: a monthly price is rounded to the cent, half up.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

HISTORIES = 600
MONTHS = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(14)]
AS_OF = date(2025, 2, 17)
VARIABLES = {
    "business_timezone": "UTC", "reporting_currency": "EUR",
    "as_of_date": AS_OF.isoformat(), "as_of_end_at": "2025-02-18 00:00:00",
}  # fmt: skip
# The dollar loses, by the month; a cent may round either way.
RATES = {"USD": {MONTHS[0]: Decimal("0.91"), MONTHS[5]: Decimal("0.8765"), MONTHS[9]: Decimal("1")}}
INTERVALS = ("day", "week", "month", "quarter", "year")


def version(account: str, number: int, start: datetime, **values: Any) -> dict[str, Any]:
    return {
        "id_type": "account_id", "id_key": account, "subscription_id": f"{account}-{number}",
        "product_code": "basic", "product_type": "plan", "recurring_amount": Decimal(20),
        "currency": "EUR", "billing_interval": "month", "interval_count": None,
        "started_at": start, "ended_at": None, "updated_at": start, "end_reason_code": None,
    } | values  # fmt: skip


class RandomHistory:
    """`subscriptions` of one account, as raw holds them."""

    def __init__(self, account: str, random: random.Random):
        self.random = random
        self.subscriptions = self._history(account)

    def _below(self, limit: int) -> int:
        return self.random.randrange(limit)

    def _instant(self) -> datetime:
        """Any second of a year, often at or beside the end of a month."""
        if self._below(2):
            return datetime(2024, 1, 1) + timedelta(seconds=self._below(400 * 86400))
        month = self.random.choice(MONTHS[1:])
        return datetime(month.year, month.month, 1) + timedelta(
            seconds=self.random.choice([-86400, -1, 0, 0, 1, 3600])
        )

    def _amount(self) -> Decimal:
        """Free one time in five; a half of a cent now and then."""
        prices = ["0", "0", "5", "9.99", "10", "20", "20", "29.5", "0.005", "12.345"]
        return Decimal(self.random.choice(prices))

    def _history(self, account: str) -> list[dict[str, Any]]:
        kinds = [self._trial, self._discount, self._pause, self._migration, self._several]
        return self.random.choice(kinds)(account)

    def _trial(self, account: str) -> list[dict[str, Any]]:
        start, days = self._instant(), 7 + self._below(70)
        over = start + timedelta(days=days)
        paid = {"recurring_amount": self._amount()} | self._ends(over)
        return [
            version(account, 0, start, recurring_amount=Decimal(0)),
            *([version(account, 0, over, **paid)] if self._below(4) else []),
        ]

    def _discount(self, account: str) -> list[dict[str, Any]]:
        """A phase that costs less, then the price: one subscription_id, two spans."""
        start = self._instant()
        over = start + timedelta(days=1 + self._below(120))
        return [
            version(account, 0, start, recurring_amount=Decimal(5), ended_at=over),
            version(account, 0, over, recurring_amount=self._amount(), **self._ends(over)),
        ]

    def _pause(self, account: str) -> list[dict[str, Any]]:
        rows, start = [], self._instant()
        for _ in range(1 + self._below(4)):
            end = start + timedelta(days=1 + self._below(90))
            rows.append(version(account, 0, start, ended_at=end, end_reason_code="pause"))
            start = end + timedelta(days=1 + self._below(80))
        return rows

    def _migration(self, account: str) -> list[dict[str, Any]]:
        """One plan ends where another begins, within an hour of it."""
        rows, start = [], self._instant()
        for number, product in enumerate(("basic", "plus", "gold")[: 1 + self._below(3)]):
            end = start + timedelta(days=10 + self._below(150))
            rows.append(
                version(account, number, start, product_code=product, ended_at=end,
                        recurring_amount=self._amount(), end_reason_code="tariff_change")
            )  # fmt: skip
            start = end + timedelta(seconds=self._below(3600))
        return rows

    def _several(self, account: str) -> list[dict[str, Any]]:
        """Up to five at one time, of any currency and interval."""
        return [
            version(
                account, number, start, recurring_amount=self._amount(),
                currency=self.random.choice(["EUR", "EUR", "USD"]),
                billing_interval=self.random.choice(INTERVALS),
                interval_count=self.random.choice([None, 1, 2, 3]),
                product_type=self.random.choice(["plan", "add_on"]), **self._ends(start),
            )
            for number, start in enumerate(self._instant() for _ in range(self._below(6)))
        ]  # fmt: skip

    def _ends(self, after: datetime) -> dict[str, Any]:
        """Open half the time, also at the end of a month; else any day later, or still ahead."""
        if self._below(2):
            return {}
        end = self._instant() if self._below(2) else after + timedelta(days=self._below(500))
        return {"ended_at": max(end, after), "end_reason_code": "moved"}


def random_histories() -> list[list[dict[str, Any]]]:
    """What hypothesis makes of an account, so many times; one build holds them all."""
    histories: list[list[dict[str, Any]]] = []

    @settings(
        max_examples=HISTORIES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def add(random: random.Random) -> None:
        histories.append(RandomHistory(f"h{len(histories)}", random).subscriptions)

    add()
    # Half a cent, which rounds to nothing until the rate lifts it.
    lifted = {"recurring_amount": Decimal("0.005"), "currency": "USD"}
    histories.append([version(f"h{len(histories)}", 0, datetime(2024, 1, 2, 13), **lifted)])
    return histories


def deliver(home: Any, accounts: list[str], subscriptions: list[dict[str, Any]]) -> None:
    since = datetime(2023, 12, 1)
    home.deliver("accounts", [
        {"account_key": a, "opened_at": since, "region_code": a.rpartition("/")[0] or f"R{n % 3}"}
        for n, a in enumerate(accounts)
    ])  # fmt: skip
    home.deliver("account_identifiers", [
        {"account_key": a, "id_type": "account_id", "id_key": a, "valid_from_at": since}
        for a in accounts
    ])  # fmt: skip
    home.deliver("subscriptions", subscriptions)
