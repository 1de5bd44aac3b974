"""What the contract is written in: columns, sources, and how they are typed when landed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Type = Literal["text", "instant", "date", "boolean", "integer", "money", "number"]

SQL_TYPES: dict[Type, str] = {
    "text": "varchar",
    "instant": "timestamp",  # UTC after landing
    "date": "date",
    "boolean": "boolean",
    "integer": "bigint",
    "money": "decimal(18,6)",  # rounded once, where it is published
    "number": "decimal(18,6)",  # decimals, so that sums are the same in any order
}

PLUMBING: dict[str, str] = {
    "_feed": "varchar",
    "_batch_id": "varchar",
    "_batch_sequence": "bigint",  # microseconds since the epoch; load order within a feed
    "_line_number": "bigint",
}

FIRST_DAY = date(1990, 1, 1)  # before it lies what stands for no date: 1899, 1900, 1970
MOST_YEARS_AHEAD = 50  # after them lies what stands for no end: 2099, 2999, 9999
UNSCALED = (0, 10)  # the scale of a score that has none


@dataclass(frozen=True)
class Column:
    """One canonical column. `restricted` columns never reach raw in clear.

    `least` and `most` are included, `above` is not; `but_for` is a (column, value) whose rows they
    do not hold for. Times lie from `FIRST_DAY` to the policy's future or, if planned, far ahead.
    """

    name: str
    type: Type = "text"
    is_required: bool = False
    allowed: tuple[str, ...] = ()
    restricted: bool = False  # clear text goes to the restricted store only
    hashed_as: str | None = None  # name of the keyed hash in raw; None: not in raw at all
    typed_by: str | None = None  # of an identifier: the column that says of which type it is
    least: int | None = None
    above: int | None = None
    most: int | Literal["this year"] | None = None
    but_for: tuple[str, str] | None = None
    is_planned: bool = False  # a time that may lie ahead
    advice: str = ""  # what a feed does about a value that is outside


@dataclass(frozen=True)
class Source:
    """One canonical table.

    `key` is the primary key in raw column names; `event_time` the column that places a row in time
    (null: the row is not an event); `monthly` sources are partitioned by the month of that column.
    `silence_ends` says when what a later snapshot no longer lists has ended (null: facts do not).
    """

    name: str
    family: Literal["identity", "survey", "transactions", "network", "interactions"]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    event_time: str | None = None
    version_column: str | None = None
    monthly: bool = False
    spans: tuple[tuple[str, str], ...] = ()  # (begin, end): no end lies before its begin
    silence_ends: str | None = None

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """(type, key) of each identifier that a row names, as raw has them: whose it is first."""
        return tuple((c.typed_by, c.hashed_as) for c in self.columns if c.typed_by and c.hashed_as)

    @property
    def has_measures(self) -> bool:
        """Whether the declared measures are columns of this table."""
        return self.name in ("network_usage_daily", "network_sessions")


def landed_columns(source: Source, measures: tuple[str, ...] = ()) -> dict[str, str]:
    """Raw Parquet schema of a source: column name to DuckDB type, in file order.

    Args:
        source: a canonical table.
        measures: the declared measure names, in order; used by network sources only.
    """
    columns: dict[str, str] = {}
    for column in source.columns:
        if not column.restricted:
            columns[column.name] = SQL_TYPES[column.type]
        elif column.hashed_as:
            columns[column.hashed_as] = "varchar"
    if source.has_measures:
        columns |= dict.fromkeys(measures, SQL_TYPES["number"])
    return columns | PLUMBING
