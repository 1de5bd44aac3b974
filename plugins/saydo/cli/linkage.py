"""The command that lists and decides proposed links: saydo identity review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saydo.cli.app import FeedsFile, Home, out, settings_of
from saydo.cli.identity import identity_app
from saydo.cli.printing import AsJson, print_json
from saydo.errors import ConfigError

if TYPE_CHECKING:
    from saydo.identity.linkage import Proposal

_SHOWN_LETTERS = 12  # of a key: enough to tell accounts apart


@identity_app.command(
    epilog="Examples: saydo identity review --home home · "
    "saydo identity review --accept 3f0c9a4b21de 81aa07c2f9e4 --reason 'same passport, branch 12'"
)
def review(
    accept: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="KEY KEY", help="These two accounts are one person."),
    ] = None,
    reject: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="KEY KEY", help="These two accounts are two persons."),
    ] = None,
    reason: Annotated[
        str, typer.Option(help="Why; kept with the decision. Name no person in it.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many pairs to list.")] = 50,
    home: Home = None,
    feeds: FeedsFile = None,
    as_json: AsJson = False,
) -> None:
    """List the pairs of accounts that may be one person, or decide one; the next run obeys."""
    from saydo.identity.linkage import decide, pending, resolve_pair

    settings = settings_of(home, feeds)
    if accept and reject:
        raise ConfigError("give --accept or --reject, one pair at a time")
    given = accept or reject
    if given:
        made = decide(
            settings,
            resolve_pair(settings, given),
            "accepted" if accept else "rejected",
            reason,
        )
        if as_json:
            print_json({"decision": made.decision, "accounts": list(map(_short, given))})
            return
        out.print(
            f"{made.decision}: {_short(made.account_key)} {_short(made.other_account_key)}; "
            "the next run builds with it",
            highlight=False,
        )
        return
    if reason:
        raise ConfigError("--reason goes with --accept or --reject")
    if as_json:
        print_json(
            vars(pair)
            | {
                "account_key": _short(pair.account_key),
                "other_account_key": _short(pair.other_account_key),
            }
            for pair in pending(settings)
        )
        return
    _list(pending(settings), limit)


def _list(waiting: list[Proposal], limit: int) -> None:
    if not waiting:
        out.print("No pair waits for a decision.")
        return
    table = Table("accounts", "probability", "alike", "why it waits", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    table.columns[1].justify = "right"
    for proposal in waiting[:limit]:
        alike = "; ".join(f"{name}: {level}" for name, level in proposal.likeness.items())
        table.add_row(
            f"{_short(proposal.account_key)} {_short(proposal.other_account_key)}",
            f"{proposal.match_probability:.3f}",
            escape(alike),
            proposal.reason,
        )
    out.print(table)
    if len(waiting) > limit:
        out.print(f"and {len(waiting) - limit:,} more; --limit shows them")


def _short(account_key: str) -> str:
    return account_key[:_SHOWN_LETTERS]
