"""The command that judges somebody else's movements of recurring revenue: saydo conform mrr."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saydo.cli.app import app, err, out
from saydo.cli.printing import AsJson, print_json
from saydo.errors import ConfigError

if TYPE_CHECKING:
    from saydo.conform import Break

conform_app = typer.Typer(no_args_is_help=True, help="Judge figures that other tools made.")
app.add_typer(conform_app, name="conform")
_BROKEN = 3


@conform_app.command(
    epilog="Examples: saydo conform mrr --input movements.csv · "
    "saydo conform mrr --golden golden/ (histories to feed another tool with)"
)
def mrr(
    movements: Annotated[
        Path | None,
        typer.Option(
            "--input", help="CSV or Parquet with customer, month, amount and movement_type."
        ),
    ] = None,
    golden: Annotated[
        Path | None,
        typer.Option(help="Write golden histories here, with the right movements beside them."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many rows to list.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Tell which rows of an MRR table break which rule; exit 3 if any does."""
    from saydo.conform import read_movements, rule_breaks, write_golden

    if movements is None and golden is None:
        raise ConfigError("give --input FILE to judge, or --golden DIR to write, or both")
    if golden is not None:
        made = write_golden(golden)
        told = err if as_json else out
        told.print(f"{len(made)} histories are in {golden}", highlight=False, soft_wrap=True)
    if movements is None:
        return
    rows = read_movements(movements)
    broken = rule_breaks(rows)
    if as_json:
        print_json(broken)
        raise typer.Exit(_BROKEN if broken else 0)
    if not broken:
        out.print(f"{len(rows):,} movements conform: no rule is broken", highlight=False)
        return
    _list(broken, limit)
    wrong = len({each.row for each in broken})
    out.print(f"{wrong:,} of {len(rows):,} movements break a rule", highlight=False)
    raise typer.Exit(_BROKEN)


def _list(broken: list[Break], limit: int) -> None:
    from saydo.conform import RULES

    rules = Table("rule", "rows", "what it asks", box=None, pad_edge=False)
    for rule, count in Counter(each.rule for each in broken).most_common():
        rules.add_row(rule, f"{count:,}", RULES[rule])
    out.print(rules)
    out.print()
    rows = Table("row", "rule", "found", box=None, pad_edge=False)
    for each in broken[:limit]:
        rows.add_row(str(each.row), each.rule, escape(each.found))
    out.print(rows)
    if len(broken) > limit:
        out.print(f"and {len(broken) - limit:,} more; --limit shows them")
