"""Commands about who is who: explain, placeholders, resolve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saydo.cli.app import FeedsFile, Home, app, out, settings_of
from saydo.cli.explaining import say, show, show_owners, show_source
from saydo.cli.printing import AsJson, print_json

identity_app = typer.Typer(no_args_is_help=True, help="Why accounts are one person, or are not.")
app.add_typer(identity_app, name="identity")


@identity_app.command(
    epilog="Examples: saydo identity explain c_0f3c9a4b21de7788 --home home · "
    "saydo identity explain email=- --home home (asks for the value, which no history keeps)"
)
def explain(
    subject: Annotated[
        str, typer.Argument(help="A customer_id, or id_type=value; with `-` the value is asked.")
    ],
    home: Home = None,
    feeds: FeedsFile = None,
    as_json: AsJson = False,
) -> None:
    """Tell why these records are one person: accounts, evidence, conflicts, history of ids."""
    from saydo.identity import explain as run

    if subject.endswith("=-"):
        subject = subject[:-1] + typer.prompt(subject[:-2], hide_input=True)
    settings = settings_of(home, feeds)
    owners, explanations = run(settings, subject)
    if as_json:
        print_json({"owners": owners, "customers": explanations})
        return
    show_source(settings)
    if owners:
        show_owners(subject.partition("=")[0], owners)
    for explanation in explanations:
        show(explanation)
    if not explanations:
        out.print("\nToo many to explain at once: ask for one of these customers.")


@identity_app.command(epilog="Example: saydo identity placeholders --home home")
def placeholders(home: Home = None, feeds: FeedsFile = None, as_json: AsJson = False) -> None:
    """List the identifiers that identify nobody, and why."""
    from saydo.identity import unidentifying

    found = unidentifying(settings_of(home, feeds))
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Every identifier that was delivered may identify somebody.")
        return
    table = Table("id_type", "key", "accounts ever", "at one time", "persons", "why")
    for column in table.columns[2:5]:
        column.justify = "right"
    for value in found:
        table.add_row(
            value.id_type,
            escape(value.key),
            f"{value.account_count:,}",
            f"{value.most_at_once:,}",
            f"{value.person_count:,}",
            "placeholder" if value.is_placeholder else "shared by too many",
        )
    out.print(table)
    out.print("They link no account and own no fact. Map a placeholder to null in its feed.")


@identity_app.command(
    epilog="Examples: saydo identity resolve --input crm.csv --id-type account_id --home home · "
    "saydo identity resolve --input customers.csv --id-type account_id --reveal --home home"
)
def resolve(
    source: Annotated[
        Path, typer.Option("--input", help="CSV with a column of the ids, of any size.")
    ],
    id_type: Annotated[str, typer.Option(help="What the clear ids are, as feeds.yml calls it.")],
    output: Annotated[
        Path | None, typer.Option(help="CSV to write. Default: <input>-resolved.csv beside it.")
    ] = None,
    reveal: Annotated[
        bool,
        typer.Option("--reveal", help="customer_ids in, clear ids out, for who may see them."),
    ] = False,
    home: Home = None,
    feeds: FeedsFile = None,
) -> None:
    """Give the customer_id of each clear id of a list, as of the current release, or back."""
    from saydo.identity import resolve as run

    target = output or source.with_name(f"{source.stem}-resolved.csv")
    found = run(settings_of(home, feeds), source, target, id_type, reveal)
    say(f"{found.found_count:,} of {found.asked_count:,} ids found: {escape(str(target))}")
