"""What a draft says: expressions, each with how sure it is, and the feeds made of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from saydo.draft.choosing import allowed_values
from saydo.draft.column import Column
from saydo.draft.joining import Identity, Whose
from saydo.draft.synonyms import HUNDREDTHS, UNITS
from saydo.draft.table import Table
from saydo.sql import literal

Mark = Literal["", "look", "guess", "missing"]
_MOST_PAIRED = 8  # columns of which two together may be a key
_TEXT_SIDE = "cast({} as varchar)"


@dataclass(frozen=True)
class Guess:
    """One expression. `mark` says how sure it is: `` sure, `look`, `guess`, or `missing`."""

    sql: str
    doubt: str = ""
    mark: Mark = ""


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


def look(sql: str, doubt: str) -> Guess:
    """An expression that is likely right."""
    return Guess(sql, doubt, "look" if doubt else "")


def missing(doubt: str) -> Guess:
    """A required column of which nothing sensible is known."""
    return Guess("null", doubt, "missing")


def time_guess(column: Column, *, is_required: bool, as_date: bool = False) -> Guess:
    """The expression that reads a column of times."""
    times = column.times
    if times is None:
        return look(column.sql, "not seen to be a time")
    sql = times.sql(column.sql, may_fail=not is_required)
    if as_date and times.template == "{}" and times.has_clock:
        sql = f"cast(cast({column.sql} as timestamp) as date)"
    doubt = times.doubt
    if not times.is_exact:
        doubt = "; ".join(filter(None, (doubt, "some values are no such time")))
    return look(sql, doubt)


def when(column: Column | None, context: Context, what: str) -> Guess:
    """A required instant: the column, or the last day that any of the files tells of."""
    if column is not None:
        return time_guess(column, is_required=True)
    if context.last_day is None:
        return missing(f"no column says when {what}: give a day, as in timestamp '2025-01-31'")
    doubt = f"no column says when {what}; the last day of the other files"
    return Guess(f"timestamp '{context.last_day} 00:00:00'", doubt, "guess")


def amount_guess(column: Column, *, is_signed: bool = False) -> Guess:
    """The expression that reads a column of money, in whole units of the currency."""
    sql = column.number_sql
    words = set(column.words)
    doubt = ""
    if words & HUNDREDTHS and all("." not in value for value in column.shown):
        sql = f"try_cast({sql} as bigint) * 0.01"
        doubt = "read as hundredths, by its name"
    elif column.kind == "money":
        sql = f"cast({sql} as decimal(18,6))"
    if is_negative(column) and not is_signed:
        sql = (
            f"abs({sql})"
            if "cast" in sql or column.native
            else f"abs(cast({sql} as decimal(18,6)))"
        )
        doubt = "; ".join(filter(None, (doubt, "the type says which way it went")))
    return look(sql, doubt)


def is_negative(column: Column) -> bool:
    """Whether some amounts are below zero."""
    return any(value.startswith("-") for value in column.distinct)


def measure_guess(name: str, column: Column) -> Guess:
    """The expression that reads a column of a measure in the measure's unit."""
    if any(":" in value for value in column.shown):
        return look(f"date_part('epoch', cast({column.sql} as interval)) / 60", "read as h:mm:ss")
    units = UNITS.get(name)
    if units is None:
        return Guess(column.number_sql)
    unit = next((word for word in column.words if word in units), "")
    if not units[unit]:
        return look(column.number_sql, "" if unit else "its name says no unit: taken as it is")
    sql = f"try_cast({column.number_sql} as double) {units[unit]}"
    return look(sql, "" if unit else "read as seconds; as minutes it is the column alone")


def currency_guess(table: Table, column: Column | None, amount: Column, context: Context) -> Guess:
    """The column of codes, the sign beside the amounts, or the currency that is reported."""
    column = column or next((c for c in table.columns if c.kind == "currency"), None)
    if column is not None and column.kind == "currency":
        return Guess(column.sql)
    if column is not None and all(len(value) == 3 for value in column.shown):
        return Guess(f"upper({column.sql})")
    if amount.currency:
        return look(literal(amount.currency), "by the sign of the amounts")
    return context.currency


def value_guess(column: Column | None, of: str) -> Guess | None:
    """A column whose values are the contract's, or others' words for them."""
    if column is None or (found := allowed_values(column, of)) is None:
        return None
    if all(value == plain for value, plain in found.items()) and len(found) == len(column.distinct):
        return Guess(column.sql)
    if all(value.lower() == plain for value, plain in found.items()) and len(found) == len(
        column.distinct
    ):
        return Guess(f"lower({column.sql})")
    arms = " ".join(
        f"when {literal(value)} then {literal(to)}" for value, to in sorted(found.items())
    )
    unread = len(column.distinct) - len(found)
    doubt = f"{unread} of its {len(column.distinct)} values are not told" if unread else ""
    return look(f"case {column.sql} {arms} end", doubt)


def boolean_guess(column: Column) -> Guess:
    """A column of yes and no."""
    values = {value.lower() for value in column.shown}
    if values <= {"true", "false", "t", "f", "1", "0"}:
        return Guess(column.sql)
    positive = sorted(values & {"yes", "y", "ja", "oui", "si"})
    return Guess(f"lower({column.sql}) = {literal(positive[0])}" if positive else column.sql)


def whose_guesses(table: Table, context: Context) -> dict[str, Guess]:
    """The canonical id_type and id_value of a table."""
    whose: Whose | None = context.identity.whose.get(table.path)
    if whose is None:
        advice = "no column says whose a row is: give the one whose values another file has, too"
        return {"id_type": Guess("'account_id'", "", ""), "id_value": missing(advice)}
    return {
        "id_type": Guess(literal(whose.id_type)),
        "id_value": look(whose.column.sql, whose.doubt),
    }


def key_guess(
    table: Table, named: Column | None, whose: Column | None
) -> tuple[Guess, tuple[Column, ...]]:
    """The key of a row: a column, two together, or the row's place; and the columns it is made of."""
    if named is not None and named.is_unique:
        return Guess(named.sql), (named,)
    for column in table.columns:
        if column is not whose and column.is_unique and is_key_named(column):
            return Guess(column.sql), (column,)
    parts = [column for column in (named, whose) if column is not None]
    parts += [c for c in table.columns if c not in parts and is_key_named(c)]
    for pair in itertools.combinations(parts[:_MOST_PAIRED], 2):
        if is_key(pair):
            sql = " || ':' || ".join(as_text(column) for column in pair)
            return look(sql, "neither of the two alone is a key"), pair
    if whose is not None and whose.is_unique:
        return look(whose.sql, "each has one row"), (whose,)
    doubt = "no column is a key: each delivered line is a row of its own"
    return look("file_name || ':' || line_number", doubt), ()


def is_key(columns: Iterable[Column]) -> bool:
    """Whether no two rows have the same values of the columns, and none lacks one."""
    rows = list(zip(*(column.values for column in columns), strict=True))
    return bool(rows) and len(set(rows)) == len(rows) and all(all(row) for row in rows)


def is_key_named(column: Column) -> bool:
    """Whether a column's name says that it is an id or a number within one."""
    return column.kind in ("text", "number") and bool(
        re.search(r"(^|_)(id|no|sequential|sequence|seq|line|token|index)$", "_".join(column.words))
    )


def as_text(column: Column) -> str:
    """The column for `||`."""
    return _TEXT_SIDE.format(column.sql) if column.native else column.sql


def only_filled(*columns: Column | None) -> Guess | None:
    """A filter for rows that lack what the contract requires, where more than a few do."""
    lacking = [c for c in columns if c is not None and c.missing_share > 0.005]
    if not lacking:
        return None
    told = ", ".join(f"{100 * column.missing_share:.0f}% lack {column.name}" for column in lacking)
    where = " and ".join(f"{column.sql} is not null" for column in lacking)
    return look(where, f"of the sampled rows {told}: these are left out, and counted")
