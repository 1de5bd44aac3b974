"""The feed of a table of facts, by what that is about; answers have a module of their own."""

from __future__ import annotations

from collections.abc import Callable

from saydo.contract import SOURCES
from saydo.draft.choosing import matched
from saydo.draft.column import Column
from saydo.draft.feeds import (
    Context,
    DraftFeed,
    add_key,
    add_optional,
    only_filled,
    whose_guesses,
)
from saydo.draft.guesses import Guess, look, missing, time_guess, when
from saydo.draft.money import draft_transactions
from saydo.draft.network import draft_sessions, draft_usage
from saydo.draft.subscriptions import draft_subscriptions
from saydo.draft.table import Table
from saydo.draft.words import slug_of
from saydo.sql import literal


def draft_facts(table: Table, target: str, context: Context) -> DraftFeed:
    """A feed that fills `target` from a file."""
    whose = context.identity.whose.get(table.key)
    column = whose.column if whose else None
    feed = DraftFeed(table.name, target, table)
    has = matched(table, target, {column.name} if column is not None else ())
    _DRAFTERS.get(target, _draft_other)(feed, has, column, context)
    order = [known.name for known in SOURCES[target].columns]
    places = {name: order.index(name) if name in order else len(order) for name in feed.columns}
    feed.columns = {name: feed.columns[name] for name in sorted(places, key=lambda n: places[n])}
    return feed


def _draft_other(
    feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context
) -> None:
    """Incidents, invitations, contacts, experiments, relationships, requests of erasure."""
    table, source = feed.table, SOURCES[feed.source]
    if len(source.key) == 1:
        add_key(feed, source.key[0], has, whose)
    if any(column.name == "id_type" for column in source.columns):
        feed.columns |= whose_guesses(table, context)
    add_optional(feed, has)
    by_file = Guess(literal(slug_of(table.name)), "by the file's name", "guess")
    constants = {
        "severity_code": Guess("'unknown'", "no column says how grave", "guess"),
        "channel_code": Guess("'unknown'", "no column says by which channel", "guess"),
        "interaction_type": Guess("'contact'", "no column says of which kind", "guess"),
        "survey_code": by_file,
        "experiment_code": by_file,
        "relation_type": Guess("'referral'", "no column says how the two are related", "guess"),
    }
    if "to_id_value" in feed.columns:
        same = feed.columns["id_type"].sql
        constants["to_id_type"] = look(same, "both ends are taken to be of one type")
    for column in source.columns:
        if not column.is_required or column.name in feed.columns:
            continue
        if column.name == "wave_date" and "invited_at" in has:
            day = time_guess(has["invited_at"], is_required=True, as_date=True)
            feed.columns["wave_date"] = Guess(day.sql, "no column says the wave", "guess")
        elif column.type == "instant":
            feed.columns[column.name] = when(None, context.last_day, "it happened")
        else:
            feed.columns[column.name] = constants.get(column.name) or missing("no column says so")
    if where := only_filled(whose, has.get("to_id_value")):
        feed.settings["where"] = where


_DRAFTERS: dict[str, Callable[[DraftFeed, dict[str, Column], Column | None, Context], None]] = {
    "transactions": draft_transactions,
    "subscriptions": draft_subscriptions,
    "network_usage_daily": draft_usage,
    "network_sessions": draft_sessions,
}
