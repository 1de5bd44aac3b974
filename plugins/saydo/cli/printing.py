"""What commands print besides sentences: tables for people, JSON and CSV for programs.

With --json a command prints one JSON value and nothing else to its standard output: an array with
an object for each row of what would be its table, an object where it has several tables. It holds
the rows themselves, all of them, with numbers as numbers; `--limit` is for the table. What is told
besides goes to standard error, and the exit code is the same.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from saydo.cli.app import out

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON instead: every row, with numbers as numbers.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV instead, with a header.")]
_WIDEST = 100_000


def print_json(value: Any) -> None:
    """Print rows (an array), or a record (an object), as docs/ask.md says they look.

    An array is printed a row to a line, while its rows come in.
    """
    from saydo.serve.ask.plain import plain

    if isinstance(value, dict) or is_dataclass(value) or hasattr(value, "_asdict"):
        typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))
        return
    before = "["
    for row in value:
        typer.echo(before, nl=False)
        typer.echo("\n  " + json.dumps(plain(row), ensure_ascii=False), nl=False)
        before = ","
    typer.echo("\n]" if before == "," else "[]")


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a header and rows. Nothing is an empty field; times are ISO 8601."""
    from saydo.serve.ask.plain import plain

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        # A decimal keeps its last zeros: what reads a CSV learns its scale from them.
        values = (v if isinstance(v, Decimal) else plain(v) for v in row)
        writer.writerow([json.dumps(v) if isinstance(v, (list, dict)) else v for v in values])


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, is_wide: bool = False
) -> None:
    """Print rows as a table; columns of numbers stand to the right.

    A wide one has every row on one line, however narrow the terminal is.
    """
    table = Table(*map(escape, columns), box=None, pad_edge=False)
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=False):
        column.overflow = "fold"  # a name cut off is another name
        known = [value for value in values if value is not None]
        if known and all(isinstance(v, (int, float, Decimal)) for v in known):
            column.justify = "right"
    places = [_places(values) for values in zip(*rows, strict=True)]
    for row in rows:
        table.add_row(*map(_cell, row, places))
    if not is_wide:
        out.print(table)
        return
    options = out.options.update(max_width=_WIDEST)
    # A console is never printed on beyond its own width, so that it needs one that wide.
    Console(width=Measurement.get(out, options, table).maximum or 1).print(table)


def _places(values: Sequence[Any]) -> int:
    """How many places behind the point a column's decimals need: all of them show as many."""
    finite = [v.normalize() for v in values if isinstance(v, Decimal) and v.is_finite()]
    return max((-int(v.as_tuple().exponent) for v in finite), default=0)


def _cell(value: Any, places: int) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:,.{max(places, 0)}f}"
    return escape(str(value))
