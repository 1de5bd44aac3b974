"""Rows as a table of texts: how each value is written and each column is set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

LONG_TEXT = 40  # characters
MOST_PLACES = 6


class Column(NamedTuple):
    """A column of a table: its heading, and how it is set (a class of style.css, or none)."""

    name: str
    kind: str


class Table(NamedTuple):
    """A table as it is shown: each row has one text a column."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """The table of the values; a column's numbers have the same number of decimals."""
    values = [[row[index] for row in rows] for index in range(len(names))]
    columns = [Column(name, _kind(column)) for name, column in zip(names, values, strict=True)]
    places = [_places(column) for column in values]
    return Table(columns, [[cell(*pair) for pair in zip(row, places, strict=True)] for row in rows])


def cell(value: Any, places: int = 2) -> str:
    """One value as text; what is not known is a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.{places}f}"
    return str(value)


def _kind(values: Sequence[Any]) -> str:
    """How a column is set: numbers to the right, instants on one line, long text with room."""
    known = [value for value in values if value is not None]
    if not known or any(isinstance(value, bool) for value in known):
        return ""
    if all(isinstance(value, int | float | Decimal) for value in known):
        return "number"
    if all(isinstance(value, date) for value in known):
        return "instant"
    return "long" if max(len(str(value)) for value in known) > LONG_TEXT else ""


def _places(values: Sequence[Any]) -> int:
    """Decimals that leave three digits of the least of a column's values, within bounds."""
    known = [abs(value) for value in values if isinstance(value, float | Decimal) and value]
    needed = 2 - math.floor(math.log10(min(known, default=1)))
    return min(max(needed, 2), MOST_PLACES)
