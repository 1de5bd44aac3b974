"""Service: usage of a day, and sessions."""

from __future__ import annotations

from saydo.config.measure_names import taken_by
from saydo.draft.choosing import measures
from saydo.draft.column import Column
from saydo.draft.feeds import (
    Context,
    DraftFeed,
    add_key,
    add_optional,
    is_key_named,
    only_filled,
    reads,
    whose_guesses,
)
from saydo.draft.guesses import (
    Guess,
    interval_sql,
    is_negative,
    look,
    measure_guess,
    time_guess,
    when,
)
from saydo.draft.synonyms import LEVELS
from saydo.draft.words import slug_of


def draft_usage(
    feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context
) -> None:
    """Fill a feed of daily usage: as `draft_subscriptions` does its own."""
    day = has.pop("usage_date", None)
    feed.columns |= whose_guesses(feed.table, context)
    if day is not None:
        feed.columns["usage_date"] = time_guess(day, is_required=True, as_date=True)
    keys = (whose, day, has.get("site_code"))
    feed.key_columns = tuple(column for column in keys if column is not None)
    add_optional(feed, has)
    _add_measures(feed, whose)
    if where := only_filled(whose):
        feed.settings["where"] = where


def draft_sessions(
    feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context
) -> None:
    """Fill a feed of sessions: as `draft_subscriptions` does its own."""
    start = has.pop("started_at", None)
    add_key(feed, "session_id", has, whose)
    feed.columns |= whose_guesses(feed.table, context)
    feed.columns["started_at"] = when(start, context.last_day, "it began")
    add_optional(feed, has)
    _add_measures(feed, whose)
    if start is not None and "ended_at" not in feed.columns:
        _add_end(feed, start)
    if where := only_filled(whose):
        feed.settings["where"] = where


def _add_measures(feed: DraftFeed, whose: Column | None) -> None:
    read = {c.name for c in feed.table.columns if c is whose or reads(feed, c)}
    for name, column in measures(feed.table, read).items():
        feed.columns[name] = measure_guess(name, column)
    for column in feed.table.columns:
        if column is whose or reads(feed, column) or not _is_measure(feed, column):
            continue
        name = slug_of(column.name)
        name = f"measured_{name}" if taken_by(name) else name
        if name in feed.columns or taken_by(name):
            continue
        feed.columns[name] = Guess(column.number_sql)
        is_level = bool(set(column.words) & LEVELS)
        signed = ", is_signed: true" if is_negative(column) else ""
        sql = f"{{name: {name}, aggregate: {'max' if is_level else 'sum'}{signed}}}"
        feed.measures[name] = look(sql, "how a day adds up: sum, max, or mean with a weight")


def _is_measure(feed: DraftFeed, column: Column) -> bool:
    """Whether a column that no canonical one is counts or measures something."""
    is_code = is_key_named(column) or feed.table.is_private(column)
    return column.is_number and not is_code and len(column.distinct) > 1


def _add_end(feed: DraftFeed, start: Column) -> None:
    """When a session ended, by its duration."""
    read = [column for column in feed.table.columns if reads(feed, column)]
    length = measures(feed.table, {c.name for c in feed.table.columns if c not in read}).get(
        "usage_minutes"
    )
    if length is None or start.times is None or not start.times.has_clock:
        return
    kind = "timestamptz" if start.times.has_zone else "timestamp"
    begin = f"cast({feed.columns['started_at'].sql} as {kind})"
    feed.columns["ended_at"] = Guess(f"{begin} + {interval_sql(length)}")
