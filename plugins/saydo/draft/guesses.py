"""What a draft says: one expression from a column's name and values, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from saydo.draft.choosing import allowed_values
from saydo.draft.column import Column
from saydo.draft.synonyms import HUNDREDTHS, UNITS
from saydo.draft.table import Table
from saydo.sql import literal

_MOST_TOLD = 30  # values of a column that is a type
Mark = Literal["", "look", "guess", "missing"]


@dataclass(frozen=True)
class Guess:
    """One expression. `mark` says how sure it is: `` sure, `look`, `guess`, or `missing`."""

    sql: str
    doubt: str = ""
    mark: Mark = ""


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
    doubt = times.doubt.replace("{}", column.sql)
    if not times.is_exact:
        doubt = "; ".join(filter(None, (doubt, "some values are no such time")))
    return look(sql, doubt)


def untold(column: Column | None) -> str:
    """What to say of a column whose values are not the contract's, nor known words for them."""
    if column is None or len(column.distinct) > _MOST_TOLD:
        return ""
    return (
        f"; {column.name} has {len(column.distinct)} values that are not told: map them in a case"
    )


def when(column: Column | None, last_day: date | None, what: str) -> Guess:
    """A required instant: the column, or the last day that any of the files tells of."""
    if column is not None:
        return time_guess(column, is_required=True)
    if last_day is None:
        return missing("no column says when: give a day, as in timestamp '2025-01-31'")
    doubt = f"no column says when {what}; the last day of the other files"
    return Guess(f"timestamp '{last_day} 00:00:00'", doubt, "guess")


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


def interval_sql(column: Column) -> str:
    """A column of durations as an interval, in the unit that `measure_guess` reads it in."""
    if any(":" in value for value in column.shown):
        return f"cast({column.sql} as interval)"
    unit = next((word for word in column.words if word in UNITS["usage_minutes"]), "seconds")
    whole = f"cast(round(cast({column.sql} as double)) as bigint)"
    if all(value.isdigit() for value in column.shown):
        whole = f"cast({column.sql} as bigint)"
    return f"to_{unit.replace('ms', 'milliseconds')}({whole})"


def currency_guess(table: Table, column: Column | None, amount: Column, reported: Guess) -> Guess:
    """The column of codes, the sign beside the amounts, or the currency that is reported."""
    column = column or next((c for c in table.columns if c.kind == "currency"), None)
    if column is not None and column.kind == "currency":
        is_upper = all(value.isupper() for value in column.shown)
        return Guess(column.sql if is_upper else f"upper({column.sql})")
    if amount.currency:
        return look(literal(amount.currency), "by the sign of the amounts")
    return reported


def value_guess(column: Column | None, of: str, default: Guess | None = None) -> Guess | None:
    """A column whose values are the contract's, or others' words for them; else `default`."""
    if column is None or (found := allowed_values(column, of)) is None:
        return None
    if all(value == plain for value, plain in found.items()) and len(found) == len(column.distinct):
        return Guess(column.sql)
    if all(value.lower() == plain for value, plain in found.items()) and len(found) == len(
        column.distinct
    ):
        return Guess(f"lower({column.sql})")
    arms = " ".join(f"when {literal(v)} then {literal(to)}" for v, to in sorted(found.items()))
    unread = len(column.distinct) - len(found)
    if not unread:
        return Guess(f"case {column.sql} {arms} end")
    doubt = f"{unread} of the {len(column.distinct)} values of {column.name} are not told"
    if default is None:
        return look(f"case {column.sql} {arms} end", doubt)
    return Guess(f"case {column.sql} {arms} else {default.sql} end", doubt, "guess")


def boolean_guess(column: Column) -> Guess:
    """A column of yes and no."""
    values = {value.lower() for value in column.shown}
    if values <= {"true", "false", "t", "f", "1", "0"}:
        return Guess(column.sql)
    positive = sorted(values & {"yes", "y", "ja", "oui", "si"})
    return Guess(f"lower({column.sql}) = {literal(positive[0])}" if positive else column.sql)


def is_key(columns: Iterable[Column]) -> bool:
    """Whether no two rows of a file have the same values of the columns, and none lacks one."""
    parts = zip(*(column.parts for column in columns), strict=True)
    files = [list(zip(*part, strict=True)) for part in parts]
    return any(files) and all(
        len(set(rows)) == len(rows) and all(all(row) for row in rows) for rows in files
    )
