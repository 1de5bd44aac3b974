"""The feeds of who is who: the accounts, and what identifies them elsewhere."""

from __future__ import annotations

from saydo.draft.choosing import matched, recurring, scores
from saydo.draft.column import Column
from saydo.draft.feeds import Context, DraftFeed, add_optional, add_snapshot, only_filled
from saydo.draft.filling import chosen_tables
from saydo.draft.guesses import Guess, time_guess
from saydo.draft.table import Table
from saydo.draft.words import nearness
from saydo.sql import literal

_HOUSE = ("street no", "house no")


def draft_accounts(table: Table, context: Context) -> DraftFeed:
    """The accounts, with all that is told of them."""
    key = context.identity.keys[table.key]
    feed = DraftFeed(table.name, "accounts", table, key_columns=(key,))
    feed.columns["account_id"] = Guess(key.sql)
    if context.identity.is_derived and table is context.identity.accounts:
        feed.name = f"{table.name}_accounts"
        feed.remarks.append("No file lists each account once: these are those that rows are of.")
        return feed
    others = {c.name for c in (recurring(table), *scores(table)) if c is not None}
    for target in chosen_tables(table, context.identity):
        # The time of an answer or a payment does not say since when the account is one.
        facts = matched(table, target, {key.name})
        others |= {facts[name].name for name in ("responded_at", "occurred_at") if name in facts}
    has = matched(table, "accounts", {key.name} | others)
    add_optional(feed, has)
    house = next((c for c in table.columns if nearness(c.words, _HOUSE) > 0.7), None)
    if house is not None and "street" in feed.columns:
        street = feed.columns["street"].sql
        feed.columns["street"] = Guess(f"concat_ws(' ', {house.sql}, {street})")
    if not key.is_unique and "updated_at" not in has and len(table.samples) == 1:
        feed.remarks.append("Some accounts have several lines, and no column says which is newer.")
    add_snapshot(feed, key)
    return feed


def draft_identifiers(context: Context) -> list[DraftFeed]:
    """A feed for each column that identifies accounts elsewhere."""
    feeds: list[DraftFeed] = []
    drafted: list[Column] = []
    for known in context.identity.identifiers:
        table, column = known.table, known.column
        key = context.identity.keys[table.key]
        if known.mixed and any(column is known.mixed.column for column in drafted):
            continue
        if known.mixed:
            column = known.mixed.column
        drafted.append(column)
        ending = "identifiers" if known.mixed else known.id_type
        feed = DraftFeed(f"{table.name}_{ending}", "account_identifiers", table)
        feed.columns = {
            "account_id": Guess(key.sql),
            "id_type": Guess(known.mixed.type_sql if known.mixed else literal(known.id_type)),
            "id_value": Guess(column.sql),
        }
        feed.key_columns = (key, column)
        if table is not context.identity.accounts and not chosen_tables(table, context.identity):
            if not any(other.table is table for other in feeds):
                feed.name = table.name
            besides = {key.name, column.name}
            for name, found in matched(table, "account_identifiers", besides).items():
                feed.columns[name] = time_guess(found, is_required=False)
        if where := only_filled(column):
            feed.settings["where"] = where
        add_snapshot(feed, key)
        feeds.append(feed)
    return feeds
