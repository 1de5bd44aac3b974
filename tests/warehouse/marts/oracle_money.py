"""Money computed again from what was delivered: plain Python, exact fractions, fact by fact."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from oracle import PER_YEAR, SIGN, rounded

ZONE = ZoneInfo("America/Los_Angeles")


def local(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(ZONE).replace(tzinfo=None)


def month_of(day: date) -> date:
    return day.replace(day=1)


class MoneyOracle:
    """What the marts must hold of the world `money` at the end of the day `as_of`."""

    def __init__(self, money: Any, as_of: date):
        self.as_of = as_of
        self.known_rates = sorted(money.rates, key=lambda row: row["valid_from_date"])
        known = [row for row in money.subscriptions if local(row["started_at"]).date() <= as_of]
        self.spans = [(row, self.end(row, known)) for row in known]
        self.transactions = [
            row for row in money.transactions if local(row["occurred_at"]).date() <= as_of
        ]

    def rate(self, currency: str, day: date) -> Fraction:
        if currency == "EUR":
            return Fraction(1)
        rates = [
            row["rate"]
            for row in self.known_rates
            if row["currency_code"] == currency and row["valid_from_date"] <= day
        ]
        return Fraction(rates[-1])

    def end(self, row: dict[str, Any], known: list[dict[str, Any]]) -> datetime | None:
        """A newer version ends the one before, unless both carry an end."""
        ends = [row["ended_at"]] + [
            newer["started_at"]
            for newer in known
            if newer["subscription_id"] == row["subscription_id"]
            and newer["started_at"] > row["started_at"]
            and not (newer["ended_at"] and row["ended_at"])
        ]
        return min((end for end in ends if end), default=None)

    def price(self, row: dict[str, Any], day: date) -> Decimal:
        """Of a month, in euros at the rate of the day, to the cent."""
        per_month = Fraction(PER_YEAR[row["billing_interval"]], 12 * (row["interval_count"] or 1))
        amount = Fraction(row["recurring_amount"]) * per_month * self.rate(row["currency"], day)
        return rounded(amount, 2)

    def recurring(self, day: date) -> dict[str, Decimal]:
        """By account, what is active at the end of the day."""
        end = datetime.combine(day + timedelta(days=1), time.min)
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row, ended_at in self.spans:
            if local(row["started_at"]) < end and (ended_at is None or local(ended_at) >= end):
                found[row["id_key"]] += self.price(row, day)
        return found

    def revenue(self, first: date = date.min, last: date = date.max) -> dict[Any, Fraction]:
        """By account and month, not rounded, of the business days from `first` to `last`."""
        found: dict[Any, Fraction] = defaultdict(Fraction)
        for row in self.transactions:
            day = local(row["occurred_at"]).date()
            if first <= day <= last:
                amount = Fraction(row["amount"]) * self.rate(row["currency"], day)
                found[row["id_key"], month_of(day)] += SIGN[row["transaction_type"]] * amount
        return found

    def life(self, first: date = date.min, last: date = date.max) -> dict[str, Decimal]:
        """By account, rounded once."""
        exact: dict[str, Fraction] = defaultdict(Fraction)
        for (account, _), amount in self.revenue(first, last).items():
            exact[account] += amount
        return {account: rounded(amount, 2) for account, amount in exact.items()}
