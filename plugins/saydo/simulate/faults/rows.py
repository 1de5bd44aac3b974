"""Faults of rows: keys, owners, times and values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saydo.simulate.faults import tables
from saydo.simulate.faults.tables import mark, replace, some_rows

Change = Callable[[Path, str, np.random.Generator], None]


def put(column: str, share: float, value: object, only: tuple[str, str] | None = None) -> Change:
    """`value` (None: nothing) in a share of the rows; `only` those where a column has a value."""

    def change(path: Path, source: str, rng: np.random.Generator) -> None:
        table = tables.read(path, source)
        rows = np.arange(table.num_rows)
        if only:
            rows = np.flatnonzero(pc.equal(table.column(only[0]), only[1]).to_numpy())
        chosen = rows[some_rows(table.take(pa.array(rows)), share, rng)]
        tables.write(replace(table, column, mark(table, chosen), value), path, source)

    return change


def multiply(column: str, factor: int, only: tuple[str, str] | None = None) -> Change:
    """Every number of a column (of the rows where `only` holds) times a factor."""

    def change(path: Path, source: str, rng: np.random.Generator) -> None:
        table = tables.read(path, source)
        values = table.column(column)
        number = pa.float64() if pa.types.is_floating(values.type) else pa.int64()
        product = pc.cast(pc.multiply(pc.cast(values, number), factor), values.type)
        rows = pc.equal(table.column(only[0]), only[1]) if only else mark(table, np.s_[:])
        tables.write(replace(table, column, rows, product), path, source)

    return change


def rewrite(column: str, pattern: str, replacement: str, share: float = 1.0) -> Change:
    """A regular replacement in the text of a share of the rows."""

    def change(path: Path, source: str, rng: np.random.Generator) -> None:
        table = tables.read(path, source)
        rows = mark(table, some_rows(table, share, rng))
        values = pc.replace_substring_regex(table.column(column), pattern, replacement)
        tables.write(replace(table, column, rows, values), path, source)

    return change


def keep(share: float) -> Change:
    """Only a share of the rows is delivered."""

    def change(path: Path, source: str, rng: np.random.Generator) -> None:
        table = tables.read(path, source)
        tables.write(table.take(pa.array(some_rows(table, share, rng))), path, source)

    return change


def correct(path: Path, source: str, rng: np.random.Generator) -> None:
    """A better version of a file: three amounts 100 pence higher, and one entry more."""
    table = tables.read(path, source)
    rows = mark(table, some_rows(table, 0, rng))
    higher = pc.add(pc.cast(table.column("pence"), pa.int64()), 100)
    table = replace(table, "pence", rows, tables.text(higher))
    one = pa.array([True])
    more = table.slice(table.num_rows - 1)
    for column, value in (("entry_no", "N0000000001"), ("kind", "ADH"), ("pence", "1234")):
        more = replace(more, column, one, value)
    tables.write(pa.concat_tables([table, more]), path, source)


def duplicate(path: Path, source: str, rng: np.random.Generator) -> None:
    """One row in a hundred is there twice, the same in every field."""
    table = tables.read(path, source)
    copies = table.take(pa.array(some_rows(table, 0.01, rng)))
    tables.write(pa.concat_tables([table, copies]), path, source)


def contradict(path: Path, source: str, rng: np.random.Generator) -> None:
    """One entry in a hundred comes again further down, 500 pence higher."""
    table = tables.read(path, source)
    copies = table.take(pa.array(some_rows(table, 0.01, rng)))
    higher = pc.add(pc.cast(copies.column("pence"), pa.int64()), 500)
    copies = replace(copies, "pence", mark(copies, np.s_[:]), tables.text(higher))
    tables.write(pa.concat_tables([table, copies]), path, source)


def share_cards(path: Path, source: str, rng: np.random.Generator) -> None:
    """One SIM card in twenty also belongs, at the same time, to the account of somebody else.

    The other account is the one furthest away in the file, never the next: not a household.
    """
    table = tables.read(path, source)
    cards = np.flatnonzero(pc.equal(table.column("point_type"), "SIM").to_numpy())
    chosen = cards[some_rows(table.take(pa.array(cards)), 0.05, rng)]
    others = (chosen + table.num_rows // 2) % table.num_rows
    copies = table.take(pa.array(chosen))
    account = table.column("account_no").take(pa.array(others))
    copies = replace(copies, "account_no", mark(copies, np.s_[:]), account)
    tables.write(pa.concat_tables([table, copies]), path, source)


def leave_out_day(path: Path, source: str, rng: np.random.Generator) -> None:
    """The rows of the day in the middle of the file are missing."""
    table = tables.read(path, source)
    day = table.column("usage_day")
    days = pc.unique(day).sort()
    gone = days[len(days) // 2]
    tables.write(table.filter(pc.not_equal(day, gone)), path, source)
