"""Movements of recurring revenue told again from delivered subscriptions, in pandas."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
from oracle import PER_YEAR, rounded
from random_subscriptions import AS_OF, MONTHS, RATES

Rows = list[dict[str, Any]]


def last_days() -> dict[date, date]:
    """The last counted day of each month."""
    return {
        month: min((month + timedelta(days=31)).replace(day=1) - timedelta(days=1), AS_OF)
        for month in MONTHS
    }


def rate(currency: str, day: date) -> Fraction:
    if currency == "EUR":
        return Fraction(1)
    known = [value for since, value in sorted(RATES[currency].items()) if since <= day]
    return Fraction(known[-1])


def spans(subscriptions: Rows) -> Rows:
    """With `until`: a newer version ends the one before, unless both carry an end."""
    known = [row for row in subscriptions if row["started_at"].date() <= AS_OF]
    found = []
    for row in known:
        ends = [row["ended_at"]] + [
            newer["started_at"]
            for newer in known
            if newer["subscription_id"] == row["subscription_id"]
            and newer["started_at"] > row["started_at"]
            and not (newer["ended_at"] and row["ended_at"])
        ]
        until = min((end for end in ends if end), default=datetime.max)
        found.append(row | {"until": until})
    return found


def levels(subscriptions: Rows, book: str | None) -> pd.DataFrame:
    """Account x month: what is paid at its end, in euros, or in the currency of one book."""
    rows = spans(subscriptions)
    table = pd.DataFrame(
        {month: dict.fromkeys({row["id_key"] for row in rows}, Decimal(0)) for month in MONTHS},
        dtype=object,
    )
    for month, day in last_days().items():
        end = datetime.combine(day + timedelta(days=1), time.min)
        for row in rows:
            is_open = row["started_at"] < end <= row["until"]
            if is_open and book in (None, row["currency"]):
                each = Fraction(
                    PER_YEAR[row["billing_interval"]], 12 * (row["interval_count"] or 1)
                )
                worth = rate(row["currency"], day) if book is None else Fraction(1)
                amount = Fraction(row["recurring_amount"]) * each * worth
                table.loc[row["id_key"], month] += rounded(amount, 2)
    return table


def movements(level: pd.DataFrame) -> pd.DataFrame:
    """One row per account and month that moved: account, month, type, amount, opening, closing."""
    found = []
    for account, prices in level.iterrows():
        has_paid, before = False, Decimal(0)
        for month, price in prices.items():
            if price != before:
                if before == 0:
                    kind = "reactivation" if has_paid else "new"
                elif price == 0:
                    kind = "churn"
                else:
                    kind = "expansion" if price > before else "contraction"
                found.append((account, month, kind, price - before, before, price))
            has_paid, before = has_paid or price > 0, price
    columns = ["account", "month", "type", "amount", "opening", "closing"]
    return pd.DataFrame(found, columns=columns)
