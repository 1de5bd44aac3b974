"""Subscriptions: what comes again each interval, and since when."""

from __future__ import annotations

from saydo.draft.choosing import recurring
from saydo.draft.column import Column
from saydo.draft.feeds import Context, DraftFeed, add_key, add_optional, add_snapshot, whose_guesses
from saydo.draft.guesses import (
    Guess,
    amount_guess,
    currency_guess,
    is_key,
    missing,
    time_guess,
    value_guess,
    when,
)
from saydo.draft.synonyms import MONTHLY
from saydo.draft.table import Table


def draft_subscriptions(
    feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context
) -> None:
    """Fill a feed of subscriptions.

    Args:
        feed: to be filled.
        has: canonical column to the file's.
        whose: the column that says whose a row is.
        context: currency and days of the other files.
    """
    table = feed.table
    price = recurring(table, {whose.name} if whose is not None else ())
    has = {name: column for name, column in has.items() if column is not price}
    if _is_versioned(table, has):
        named = has.pop("subscription_id")
        feed.columns["subscription_id"], feed.key_columns = Guess(named.sql), (named,)
    else:
        add_key(feed, "subscription_id", has, whose)
    feed.columns |= whose_guesses(table, context)
    is_monthly = price is not None and bool(set(price.words) & MONTHLY)
    if price is None:
        feed.columns["recurring_amount"] = missing("no column is a price that comes again")
    else:
        feed.columns["recurring_amount"] = amount_guess(price)
        told = has.pop("currency", None)
        feed.columns["currency"] = currency_guess(table, told, price, context.currency)
    every = value_guess(has.pop("billing_interval", None), "billing_interval")
    feed.columns["billing_interval"] = every or Guess(
        "'month'",
        "by the price's name" if is_monthly else "no column says how often",
        "look" if is_monthly else "guess",
    )
    kind = value_guess(has.pop("product_type", None), "product_type")
    feed.columns["product_type"] = kind or Guess("'plan'", "or add_on, device", "guess")
    if "product_code" not in has:
        feed.columns["product_code"] = Guess("'plan'", "no column names the product", "guess")
    start = has.pop("started_at", None)
    feed.columns["started_at"] = (
        time_guess(start, is_required=True) if start is not None else _by_tenure(table, context)
    )
    add_optional(feed, has)
    add_snapshot(feed, *feed.key_columns[:1])


def _is_versioned(table: Table, has: dict[str, Column]) -> bool:
    """Whether a subscription's number comes again: with a new start, or in each day's file."""
    named, start = has.get("subscription_id"), has.get("started_at")
    if named is None or named.is_unique:
        return False
    if len(table.samples) > 1 and table.snapshot_day:
        return True
    is_number = len(named.distinct) > len(named.values) / 3
    return start is not None and is_number and is_key((named, start))


def _by_tenure(table: Table, context: Context) -> Guess:
    """The day of the file, less the months that it lasts."""
    tenure = next((c for c in table.columns if "tenure" in c.words and c.is_number), None)
    day = when(None, context.last_day, "it started")
    if tenure is None:
        return day
    back = f" - to_months(cast({tenure.sql} as integer))"
    if day.mark == "missing":
        doubt = "give the file's day: timestamp '2025-01-31' in place of cast(null as timestamp)"
        return Guess(f"cast(null as timestamp){back}", doubt, "missing")
    return Guess(day.sql + back, day.doubt, day.mark)
