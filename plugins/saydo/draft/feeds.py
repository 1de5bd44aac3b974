"""A feed as it is drafted: whose its rows are, their key, what the contract leaves open."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from saydo.contract import SOURCES
from saydo.draft.column import Column
from saydo.draft.guesses import (
    Guess,
    amount_guess,
    boolean_guess,
    is_key,
    look,
    missing,
    time_guess,
    value_guess,
)
from saydo.draft.joining import Identity
from saydo.draft.table import Table
from saydo.sql import literal

_MOST_PAIRED = 8  # columns of which two together may be a key
_KEY_NAME = re.compile(r"(^|_)(id|no|sequential|sequence|seq|line|token|index|ref)$")


@dataclass
class DraftFeed:
    """One feed as it will be written. `settings` are its entries but for the columns, in order."""

    name: str
    source: str
    table: Table
    columns: dict[str, Guess] = field(default_factory=dict)
    settings: dict[str, Guess | Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    key_columns: tuple[Column, ...] = ()
    measures: dict[str, Guess] = field(default_factory=dict)  # its own, to be declared


@dataclass
class Context:
    """What the drafted files say together."""

    identity: Identity
    currency: Guess
    last_day: date | None = None


def reads(feed: DraftFeed, column: Column) -> bool:
    """Whether a feed reads a column of its file."""
    texts = [
        g.sql for g in (*feed.columns.values(), *feed.settings.values()) if isinstance(g, Guess)
    ]
    name = re.compile(rf'(?<![\w"]){re.escape(column.raw_sql)}(?![\w"])')
    unpivoted = feed.settings.get("unpivot", {}).get("columns", ())
    return column.name in unpivoted or any(name.search(str(text)) for text in texts)


def whose_guesses(table: Table, context: Context) -> dict[str, Guess]:
    """The canonical id_type and id_value of a table."""
    whose = context.identity.whose.get(table.key)
    if whose is None:
        advice = "no column says whose a row is: give the one whose values another file has, too"
        return {"id_type": Guess("'account_id'", "", ""), "id_value": missing(advice)}
    return {
        "id_type": Guess(whose.type_sql or literal(whose.id_type)),
        "id_value": look(whose.column.sql, whose.doubt),
    }


def key_guess(
    table: Table, named: Column | None, whose: Column | None
) -> tuple[Guess, tuple[Column, ...]]:
    """The key of a row (a column, two together, or the row's place), and the columns of it.

    A key lands in clear, so nothing that identifies a person is part of one.
    """
    if named is not None and named.is_unique and not table.is_private(named):
        return Guess(named.sql), (named,)
    named_so = [column for column in table.columns if is_key_named(column)]
    for column in named_so:
        if column.is_unique and not table.is_private(column) and column is not whose:
            return Guess(column.sql), (column,)
    parts = [column for column in (named, whose) if column is not None]
    parts += [column for column in named_so if column not in parts]
    open_parts = [column for column in parts if not table.is_private(column)][:_MOST_PAIRED]
    for pair in itertools.combinations(open_parts, 2):
        if is_key(pair):
            sql = " || ':' || ".join(as_text(column) for column in pair)
            return look(sql, "neither of the two alone is a key"), pair
    doubt = "no column is a key: each delivered line is a row of its own"
    return look("file_name || ':' || line_number", doubt), ()


def is_key_named(column: Column) -> bool:
    """Whether a column's name says that it is an id or a number within one."""
    return column.kind in ("text", "number") and bool(_KEY_NAME.search("_".join(column.words)))


def as_text(column: Column) -> str:
    """The column for `||`."""
    return f"cast({column.sql} as varchar)" if column.native else column.sql


def only_filled(*columns: Column | None) -> Guess | None:
    """A filter for rows that lack what the contract requires, where more than a few do."""
    lacking = [c for c in columns if c is not None and c.missing_share > 0.005]
    if not lacking:
        return None
    told = ", ".join(f"{100 * column.missing_share:.0f}% lack {column.name}" for column in lacking)
    where = " and ".join(f"{column.sql} is not null" for column in lacking)
    return look(where, f"of the sampled rows {told}: these are left out, and counted")


def add_key(feed: DraftFeed, name: str, has: dict[str, Column], whose: Column | None) -> None:
    """The key of a feed's rows, by the column that `has` names for it, which is taken out."""
    feed.columns[name], feed.key_columns = key_guess(feed.table, has.pop(name, None), whose)


def add_optional(feed: DraftFeed, has: dict[str, Column]) -> None:
    """The canonical columns that the file's say and that the feed has not yet."""
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


def add_snapshot(feed: DraftFeed, key: Column | None = None) -> None:
    """Files that each list the same keys on the day in their name are snapshots."""
    day = feed.table.snapshot_day
    if key is None or day is None:
        return
    place = next(i for i, column in enumerate(feed.table.columns) if column is key)
    lists = [sample.columns[place].distinct for sample in feed.table.samples]
    if len(lists) == 1:
        feed.remarks.append("If each such file lists all there is on its day: delivery: snapshot,")
        feed.remarks.append(f"snapshot_date: {day}")
        return
    pairs = itertools.pairwise(lists)
    if all(len(one & other) >= 0.5 * min(len(one), len(other)) for one, other in pairs):
        doubt = "the files list mostly the same keys, each of its day"
        feed.settings["delivery"] = look("snapshot", doubt)
        feed.settings["snapshot_date"] = Guess(day)
