"""The command about effects: what a change would bring."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saydo.cli.app import Home, app, out, settings_of
from saydo.cli.printing import AsJson, print_json
from saydo.errors import ConfigError

if TYPE_CHECKING:
    from saydo.report import WhatIf

_ASSUMED = (
    "Assumed: the KPI moves alike for every customer of a band, and all else stays; effects are of "
    "the next month, learnt from changes within customers; twice the change, twice the effect; "
    "leaving moves through satisfaction alone. docs/effects.md says when not to believe it."
)


@app.command("what-if", epilog="Example: saydo what-if --kpi dropped_sessions --change -20%")
def what_if(
    kpi: Annotated[str, typer.Option(help="A KPI: dropped_sessions, latency, one of your own.")],
    change: Annotated[str, typer.Option(help="By how much it moves: -20% is a fifth less.")],
    band: Annotated[
        str | None, typer.Option(help="One band of revenue_at_stake: dissatisfied, fan …")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print the money a month that a change of a KPI would move, with its 95% interval."""
    from saydo.report import what_if as ask

    found = ask(settings_of(home), kpi.removeprefix("kpi_"), _share(change), band)
    if as_json:
        total = dict(zip(("effect", "low", "high"), found.total or (None,) * 3, strict=True))
        print_json(vars(found) | {"total": total, "assumed": _ASSUMED})
        return
    _show(found, kpi.removeprefix("kpi_"), change)


def _share(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?\d{1,4}(\.\d+)?\s*%", text.strip()):
        raise ConfigError(f"--change {text!r}: say a share with its sign, such as -20% or +5%")
    share = Decimal(text.strip().rstrip("% ")) / 100
    if share < -1:
        raise ConfigError(f"--change {text!r}: nothing falls by more than all of it, -100%")
    return share


def _show(found: WhatIf, kpi: str, change: str) -> None:
    out.print(
        f"If {escape(kpi)} moves by {escape(change.strip())}, release {found.release_id}, "
        f"{found.currency_code} a month:",
        highlight=False,
    )
    table = Table("band", "customers", "they pay", "change", "95% interval", "", box=None)
    for column in table.columns[1:5]:
        column.justify = "right"
    for band in found.bands:
        known = band.effect is not None and band.low is not None and band.high is not None
        table.add_row(
            band.band,
            f"{band.customer_count:,}",
            f"{band.monthly_recurring_revenue:,.0f}",
            f"{band.effect:+,.0f}" if known else "–",
            f"{band.low:+,.0f} to {band.high:+,.0f}" if known else "",
            escape(band.why_not or ("never more than they pay" if band.is_capped else "")),
        )
    out.print(table)
    if found.total:
        effect, low, high = found.total
        out.print(
            f"[bold]{effect:+,.0f} {found.currency_code} a month[/] "
            f"(at least 95%: {low:+,.0f} to {high:+,.0f})",
            highlight=False,
        )
    else:
        out.print("[bold]Nothing is known of it[/]: the reasons stand beside the bands.")
    out.print(f"[dim]{_ASSUMED}[/]", highlight=False)
