"""The command for service recovery: decide on credits for faults, and hand them over."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from saydo.cli.app import FeedsFile, Home, Wait, app, out, settings_of
from saydo.cli.printing import AsJson, print_json

_TOLD = (
    "incident_date",
    "incident_id",
    "fault_minutes",
    "decision",
    "credit_amount",
    "reason",
)


@app.command(
    epilog="Examples: saydo recover --dry-run --home home · saydo recover --home home\n\n"
    "Exit codes: 0 done, 2 the policy changed and kept its version, 3 the home is in use."
)
def recover(
    home: Home = None,
    feeds: FeedsFile = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be decided; decide nothing.")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="How many customers to list.")] = 20,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Decide on credits for the faults of the releases since the last decision; hand them over."""
    from saydo.actions import decide_credits, hand_over, propose_credits, record_hand_overs
    from saydo.home_lock import hold_home

    settings = settings_of(home, feeds)
    currency = settings.feeds.business.reporting_currency
    if dry_run:
        proposal = propose_credits(settings)
        if as_json:
            print_json({"customer_id": row["decided_for"]} | {n: row[n] for n in _TOLD}
                       for row in proposal.rows)  # fmt: skip
            return
        _show_counts(proposal.counts, "would be decided")
        if not proposal.rows:
            return
        table = Table("customer_id", "day", "incident", "minutes", "decision", "amount", "why")
        for row in proposal.rows[:limit]:
            table.add_row(
                row["decided_for"],
                row["incident_date"].isoformat(),
                row["incident_id"],
                f"{row['fault_minutes']:.0f}",
                row["decision"],
                f"{row['credit_amount']:,.2f}" if row["decision"] == "credit" else "",
                row["reason"] or "",
            )
        out.print(table)
        if len(proposal.rows) > limit:
            out.print(f"and {len(proposal.rows) - limit:,} more (--limit)")
        out.print(f"credits of {proposal.total_amount:,.2f} {currency}; nothing was decided")
        return
    with hold_home(settings, "saydo recover", wait=wait):
        decided = decide_credits(settings)
        handed = hand_over(settings)
        record_hand_overs(settings)
    if as_json:
        print_json({"decision_counts": decided["decision_counts"]} | handed)
        return
    _show_counts(decided["decision_counts"], "decided")
    if handed["hand_over_id"]:
        out.print(
            f"handed over: {handed['row_count']:,} credits of {handed['total_amount']} {currency} "
            f"in restricted/outbox/{handed['hand_over_id']}.csv",
            highlight=False,
            soft_wrap=True,
        )
    if handed["waiting_count"]:
        out.print(
            f"{handed['waiting_count']:,} credits wait: the restricted store has no clear id of "
            "their accounts",
            soft_wrap=True,
        )


def _show_counts(counts: dict[str, int], what: str) -> None:
    if not counts:
        out.print(f"Nothing new {what}: no release since the last decision tells of a fault.")
        return
    told = ", ".join(f"{count:,} {decision}" for decision, count in counts.items())
    out.print(f"{what}: {told}", highlight=False)
