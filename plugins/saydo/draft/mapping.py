"""The feeds of one file: every canonical column of each table that it fills."""

from __future__ import annotations

import re
from collections.abc import Callable

from saydo.contract import SOURCES
from saydo.draft.choosing import amounts, fits, matched, measures, recurring, scores
from saydo.draft.column import Column
from saydo.draft.guesses import (
    Context, DraftFeed, Guess, amount_guess, as_text, boolean_guess, currency_guess, is_key, key_guess, look,
    measure_guess, missing, only_filled, reads, time_guess, value_guess, when, whose_guesses,
)  # fmt: skip
from saydo.draft.money import draft_transactions
from saydo.draft.synonyms import MONTHLY
from saydo.draft.table import Table
from saydo.draft.words import slug_of
from saydo.sql import literal

_FACTS = tuple(name for name in SOURCES if name not in ("accounts", "account_identifiers"))


def chosen_tables(table: Table, context: Context) -> list[str]:
    """The canonical tables that a file fills, the accounts aside, the likeliest first."""
    whose = context.identity.whose.get(table.path)
    besides = {whose.column.name} if whose else set()
    found = {name: fit for name in _FACTS if (fit := fits(table, name, besides))}
    if not found:
        return []
    best = max(found, key=lambda name: found[name])
    is_line_each = whose is not None and whose.id_type == "account_id" and whose.column.is_unique
    if table is context.identity.accounts and not context.identity.is_derived:
        found = {name: fit for name, fit in found.items() if name in _BESIDE_ACCOUNTS}
        found.pop("transactions", None) if "subscriptions" not in found else None
    elif not is_line_each:
        return [best]
    else:
        found = {name: fit for name, fit in found.items() if name in _BESIDE_ACCOUNTS or name == best}
    price = recurring(table, besides)
    if "subscriptions" in found and not (price and set(price.words) & MONTHLY) and best != "subscriptions":
        del found["subscriptions"]
    sums = [column for column in amounts(table, besides) if column is not price]
    if "transactions" in found and not sums and best != "transactions":
        del found["transactions"]
    if "survey_responses" in found and not scores(table, besides):
        del found["survey_responses"]
    return sorted(found, key=lambda name: -found[name])


_BESIDE_ACCOUNTS = ("subscriptions", "transactions", "survey_responses")


def draft_accounts(table: Table, context: Context) -> DraftFeed:
    """The accounts, with all that is told of them."""
    key = context.identity.keys[table.path]
    feed = DraftFeed(table.name, "accounts", table, key_columns=(key,))
    feed.columns["account_id"] = Guess(key.sql)
    if context.identity.is_derived:
        feed.name = f"{table.name}_accounts"
        feed.remarks.append("No file lists each account once: these are the ones that rows are of.")
        return feed
    used = {c.name for c in (recurring(table), *scores(table)) if c is not None}
    has = matched(table, "accounts", {key.name} | used)
    _optional(feed, has, context)
    if not key.is_unique and "updated_at" not in has and len(table.samples) == 1:
        feed.remarks.append("LOOK: some accounts have several lines, and no column says which is newer.")
    _snapshot(feed, key)
    return feed


def draft_identifiers(context: Context) -> list[DraftFeed]:
    """A feed for each column that identifies accounts elsewhere."""
    feeds = []
    for known in context.identity.identifiers:
        table, column = known.table, known.column
        key = context.identity.keys[table.path]
        feed = DraftFeed(f"{table.name}_{known.id_type}", "account_identifiers", table)
        feed.columns = {
            "account_id": Guess(key.sql),
            "id_type": Guess(literal(known.id_type)),
            "id_value": Guess(column.sql),
        }
        feed.key_columns = (key, column)
        if table is not context.identity.accounts and not chosen_tables(table, context):
            feed.name = table.name if len([f for f in feeds if f.table is table]) == 0 else feed.name
            for name, found in matched(table, "account_identifiers", {key.name, column.name}).items():
                feed.columns[name] = time_guess(found, is_required=False)
        if where := only_filled(column):
            feed.settings["where"] = where
        _snapshot(feed, key)
        feeds.append(feed)
    return feeds


def draft_facts(table: Table, target: str, context: Context) -> DraftFeed:
    """A feed of one table of facts (not of answers, which have a module of their own)."""
    whose = context.identity.whose.get(table.path)
    besides = {whose.column.name} if whose else set()
    feed = DraftFeed(table.name, target, table)
    has = matched(table, target, besides)
    _DRAFTERS.get(target, _others)(feed, has, whose.column if whose else None, context)
    order = [column.name for column in SOURCES[target].columns]
    feed.columns = {
        name: feed.columns[name]
        for name in sorted(feed.columns, key=lambda n: order.index(n) if n in order else len(order))
    }
    return feed


def _optional(feed: DraftFeed, has: dict[str, Column], context: Context) -> None:
    """The optional columns of a table that a file has."""
    for column in SOURCES[feed.source].columns:
        found = has.get(column.name)
        if found is None or column.name in feed.columns:
            continue
        guess: Guess | None = Guess(found.sql)
        if column.type in ("instant", "date"):
            guess = time_guess(found, is_required=column.is_required, as_date=column.type == "date")
        elif column.type == "boolean":
            guess = boolean_guess(found)
        elif column.allowed:
            guess = value_guess(found, column.name)
        elif column.type == "money":
            guess = amount_guess(found)
        if guess is not None:
            feed.columns[column.name] = guess


def _key(feed: DraftFeed, name: str, has: dict[str, Column], whose: Column | None) -> None:
    feed.columns[name], feed.key_columns = key_guess(feed.table, has.pop(name, None), whose)


def _subscriptions(feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context) -> None:
    table = feed.table
    besides = {whose.name} if whose is not None else set()
    price = recurring(table, besides)
    has = {name: column for name, column in has.items() if column is not price or name == "recurring_amount"}
    named = has.get("subscription_id")
    if named is not None and not named.is_unique:
        # Versions of a subscription: its number comes again with another start.
        start = has.get("started_at")
        if start is not None and is_key((named, start)) and len(named.distinct) > len(named.values) / 3:
            feed.columns["subscription_id"], feed.key_columns = Guess(named.sql), (named, start)
            has.pop("subscription_id")
    if "subscription_id" not in feed.columns:
        if len(table.samples) > 1 and named is not None and table.snapshot_day:
            feed.columns["subscription_id"], feed.key_columns = Guess(named.sql), (named,)
            has.pop("subscription_id")
        else:
            _key(feed, "subscription_id", has, whose)
    feed.columns |= whose_guesses(table, context)
    if price is not None:
        feed.columns["recurring_amount"] = amount_guess(price)
    feed.columns["currency"] = currency_guess(table, has.pop("currency", None), price, context)
    feed.columns["billing_interval"] = value_guess(has.pop("billing_interval", None), "billing_interval") or Guess(
        "'month'", "no column says how often", "look" if price and set(price.words) & MONTHLY else "guess"
    )
    feed.columns["product_type"] = value_guess(has.pop("product_type", None), "product_type") or Guess(
        "'plan'", "or add_on, device", "guess"
    )
    if "product_code" not in has:
        feed.columns["product_code"] = Guess("'plan'", "no column names the product", "guess")
    if start := has.pop("started_at", None):
        feed.columns["started_at"] = time_guess(start, is_required=True)
    else:
        feed.columns["started_at"] = _by_tenure(table, context)
    has.pop("recurring_amount", None)
    _optional(feed, has, context)
    _snapshot(feed, *feed.key_columns[:1])


def _by_tenure(table: Table, context: Context) -> Guess:
    tenure = next((c for c in table.columns if "tenure" in c.words and c.is_number), None)
    base = when(None, context, "it started")
    if tenure is None:
        return base
    back = f" - to_months(cast({tenure.sql} as integer))"
    if base.mark == "missing":
        return Guess(f"cast(null as timestamp){back}", "put the day of the file in place of cast(null …)", "missing")
    return Guess(base.sql + back, base.doubt, base.mark)


def _usage(feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context) -> None:
    table = feed.table
    day = has.pop("usage_date", None)
    feed.columns |= whose_guesses(table, context)
    keys = [column for column in (whose, day, has.get("site_code")) if column is not None]
    if day is not None:
        feed.columns["usage_date"] = time_guess(day, is_required=True, as_date=True)
    feed.key_columns = tuple(keys)
    _optional(feed, has, context)
    _measured(feed, whose, context)


def _sessions(feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context) -> None:
    table = feed.table
    start, end = has.pop("started_at", None), has.pop("ended_at", None)
    _key(feed, "session_id", has, whose)
    feed.columns |= whose_guesses(table, context)
    feed.columns["started_at"] = when(start, context, "it began")
    if start is not None:
    if end is not None:
        has["ended_at"] = end
    _optional(feed, has, context)
    _measured(feed, whose, context)
    minutes = feed.columns.get("usage_minutes")
    begin = feed.columns["started_at"].sql
    if end is None and minutes and start is not None and start.times and start.times.has_clock:
        seconds = f"to_seconds(cast(round(({minutes.sql}) * 60) as bigint))"
        if re.search(r"\bcast\(|/", minutes.sql):
            at = f"cast({begin} as {'timestamptz' if start.times.has_zone else 'timestamp'})"
            feed.columns["ended_at"] = Guess(f"{at} + {seconds}")
    if where := only_filled(whose):
        feed.settings["where"] = where


def _measured(feed: DraftFeed, whose: Column | None, context: Context) -> None:
    besides = {c.name for c in (*feed.key_columns, whose) if c is not None}
    besides |= {c.name for c in feed.table.columns if reads(feed, c)}
    for name, column in measures(feed.table, besides).items():
        feed.columns[name] = measure_guess(name, column)


def _others(feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context) -> None:
    """Incidents, invitations, contacts, experiments, requests of erasure."""
    table = feed.table
    source = SOURCES[feed.source]
    key = source.key[0]
    if key in ("incident_id", "invitation_id", "interaction_id", "request_id"):
        _key(feed, key, has, whose)
    if any(column.name == "id_type" for column in source.columns):
        feed.columns |= whose_guesses(table, context)
    _optional(feed, has, context)
    constants = {
        "severity_code": Guess("'unknown'", "no column says how grave", "guess"),
        "channel_code": Guess("'unknown'", "no column says by which channel", "guess"),
        "interaction_type": Guess("'contact'", "no column says of which kind", "guess"),
        "survey_code": Guess(literal(slug_of(table.name)), "by the file's name", "guess"),
        "experiment_code": Guess(literal(slug_of(table.name)), "by the file's name", "guess"),
    }
    for column in source.columns:
        if not column.is_required or column.name in feed.columns:
            continue
        if column.name == "wave_date" and "invited_at" in has:
            guess = time_guess(has["invited_at"], is_required=True, as_date=True)
            feed.columns["wave_date"] = Guess(guess.sql, "no column says the wave", "guess")
        elif column.type == "instant":
            feed.columns[column.name] = when(None, context, "it happened")
        else:
            feed.columns[column.name] = constants.get(column.name) or missing("no column says so")
    if where := only_filled(whose):
        feed.settings["where"] = where


def _snapshot(feed: DraftFeed, key: Column | None = None) -> None:
    """Files that each list the same keys on their day."""
    table = feed.table
    day = table.snapshot_day
    if key is None or day is None:
        return
    place = next(i for i, column in enumerate(table.columns) if column is key)
    lists = [sample.columns[place].distinct for sample in table.samples]
    if len(lists) == 1:
        feed.remarks.append("If each such file lists all there is on its day: `delivery: snapshot`,")
        feed.remarks.append(f"`snapshot_date: {day}`.")
    elif all(len(a & b) >= 0.5 * min(len(a), len(b)) for a, b in zip(lists, lists[1:], strict=False)):
        feed.settings["delivery"] = look("snapshot", "the files list mostly the same keys, each of its day")
        feed.settings["snapshot_date"] = Guess(day)


_DRAFTERS: dict[str, Callable[..., None]] = {
    "transactions": draft_transactions,
    "subscriptions": _subscriptions,
    "network_usage_daily": _usage,
    "network_sessions": _sessions,
}
