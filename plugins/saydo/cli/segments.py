"""The commands for segments: check the file, and hand audiences over."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saydo.cli.app import FeedsFile, Home, Wait, app, out, settings_of
from saydo.cli.printing import AsJson, print_json

segments_app = typer.Typer(no_args_is_help=True, help="Groups of customers, and who gets them.")
app.add_typer(segments_app, name="segments")


@segments_app.command(
    epilog="Example: SAYDO_SEGMENTS_FILE=shop/segments.yml saydo segments check\n\n"
    "Exit codes: 0 it can be read, 2 what is wrong is named, with the nearest right one."
)
def check(home: Home = None, feeds: FeedsFile = None, as_json: AsJson = False) -> None:
    """Read segments.yml, and tell of each wrong column or predicate."""
    settings = settings_of(home, feeds)
    found = settings.segments.segments
    if as_json:
        print_json(one.model_dump(mode="json") for one in found)
        return
    table = Table("segment", "version", "owner", "who", "consent", "handed over", "to")
    for one in found:
        to = ["outbox"] * (one.hand_over != "none")
        to += [destination.connection_id for destination in one.destinations]
        table.add_row(
            *(one.code, str(one.version), escape(one.owner), escape(one.predicate), one.consent),
            *(one.hand_over, ", ".join(to)),
        )
    if found:
        out.print(table)
    out.print(
        f"{settings.segments_file.name}: {len(found)} segment{'s' * (len(found) != 1)}, all of "
        "columns that are published",
        highlight=False,
    )


@segments_app.command(
    epilog="Examples: saydo segments hand-over --dry-run --home home · saydo segments hand-over\n\n"
    "Exit codes: 0 done, 2 segments.yml is wrong, 3 the home is in use."
)
def hand_over(
    home: Home = None,
    feeds: FeedsFile = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be decided; decide nothing.")
    ] = False,
    wait: Wait = False,
) -> None:
    """Decide who is added to audiences and who removed, and hand the changes over."""
    from saydo.actions import (
        decide_audiences,
        hand_over_audiences,
        propose_audiences,
        record_hand_overs,
    )
    from saydo.home_lock import hold_home

    settings = settings_of(home, feeds)
    if dry_run:
        _show(propose_audiences(settings).counts, "would be decided")
        return
    with hold_home(settings, "saydo segments hand-over", wait=wait):
        decided = decide_audiences(settings)
        handed = hand_over_audiences(settings)
        record_hand_overs(settings)
    _show(decided["decision_counts"], "decided")
    for hand_over_id in handed["hand_over_ids"]:
        out.print(
            f"handed over: restricted/outbox/{hand_over_id}.csv", highlight=False, soft_wrap=True
        )
    if handed["waiting_count"]:
        out.print(
            f"{handed['waiting_count']:,} accounts wait: the restricted store has no clear id of "
            "them",
            soft_wrap=True,
        )


def _show(counts: dict[str, dict[str, int]], what: str) -> None:
    if not counts:
        out.print(f"Nothing new {what}: no release since the last time has other audiences.")
    for code, found in counts.items():
        told = ", ".join(f"{count:,} {decision}" for decision, count in found.items())
        out.print(f"{what}: {code} {told}", highlight=False)
