"""Commands about the way of the data: what a table is made from, and what is made from it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from saydo.cli.app import Home, app, out, settings_of
from saydo.cli.printing import AsJson, print_json

lineage_app = typer.Typer(no_args_is_help=True, help="What lies before a table, and what after it.")
app.add_typer(lineage_app, name="lineage")

Node = Annotated[
    str, typer.Argument(metavar="NODE", help="A feed, table or reader, its schema may be left out.")
]


@lineage_app.command(epilog="Example: saydo lineage upstream customer_profiles --home home")
def upstream(node: Node, home: Home = None, as_json: AsJson = False) -> None:
    """List what a node is made from, nearest first."""
    _show(node, home, as_json, is_upstream=True)


@lineage_app.command(epilog="Example: saydo lineage downstream raw.transactions --home home")
def downstream(node: Node, home: Home = None, as_json: AsJson = False) -> None:
    """List what is made from a node, nearest first."""
    _show(node, home, as_json, is_upstream=False)


def _show(node: str, home: Home, as_json: bool, is_upstream: bool) -> None:
    from saydo.lineage.asking import lie_beside

    name, found = lie_beside(settings_of(home), node, is_upstream)
    if as_json:
        print_json(found)
        return
    if not found:
        out.print(f"{name}: nothing lies {'up' if is_upstream else 'down'}stream of it")
        return
    table = Table("steps", "node", "kind", "owner", "rows", "freshness", "grade", box=None)
    table.columns[1].overflow = "fold"
    table.columns[4].justify = "right"
    for each in found:
        rows = "" if each.row_count is None else f"{each.row_count:,}"
        freshness = each.freshness.replace("_", " ")
        table.add_row(
            str(each.steps), each.name, each.kind, each.owner, rows, freshness, each.grade or ""
        )
    out.print(f"{'Upstream' if is_upstream else 'Downstream'} of {name}", highlight=False)
    out.print(table)
