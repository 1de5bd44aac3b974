"""Commands about what is published: releases, how two of them differ, rollback."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saydo.cli.app import Home, Wait, app, out, settings_of
from saydo.cli.printing import AsJson, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from saydo.release import Difference

releases_app = typer.Typer()
app.add_typer(releases_app, name="releases")

_WHICH = "A release id, `current`, or `previous`: the one that was current before it."


@releases_app.callback(invoke_without_command=True, epilog="Example: saydo releases --home home")
def releases(context: typer.Context, home: Home = None, as_json: AsJson = False) -> None:
    """List the kept releases, newest first; or compare two of them."""
    context.obj = home
    if context.invoked_subcommand is None:
        _list(home, as_json)


@releases_app.command(epilog="Example: saydo releases diff previous current --home home")
def diff(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help=_WHICH)],
    second: Annotated[str, typer.Argument(metavar="B", help=_WHICH)],
    limit: Annotated[int, typer.Option(min=1, help="How many figures to list.")] = 100,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show which figures release B gives otherwise than release A."""
    from saydo.release import compare_releases

    found = compare_releases(settings_of(home or context.obj), first, second)
    if as_json:
        print_json(found)
        return
    _show(found, limit)


def _show(found: Difference, limit: int) -> None:
    for letter, release_id, day in zip("AB", found.release_ids, found.as_of_dates, strict=True):
        out.print(f"{letter} is {release_id}, as of {day}", highlight=False)
    table = Table("table", "key", "figure", "A", "B", "change", "", box=None, pad_edge=False)
    for column in table.columns[:3]:
        column.overflow = "fold"  # a name cut off is another name
    for column in table.columns[3:6]:
        column.justify = "right"
    for figure in found.changed[:limit]:
        table.add_row(
            figure.table_name,
            escape(figure.key),
            figure.column_name,
            _number(figure.old),
            _number(figure.new),
            _change(figure.old, figure.new),
            "month not over" if figure.is_running else "",
        )
    if found.changed:
        out.print(table)
    if len(found.changed) > limit:
        out.print(f"and {len(found.changed) - limit:,} more; `--limit` lists them")
    only_first, only_second = found.only_counts
    out.print(
        f"{len(found.changed):,} figures differ, {found.same_count:,} are the same; "
        f"{only_first:,} are in A only, {only_second:,} in B only",
        highlight=False,
    )


def _change(old: Decimal | None, new: Decimal | None) -> str:
    if old is None or new is None:
        return ""
    return f"{(new - old).normalize():+,f}"


def _number(value: Decimal | None) -> str:
    if value is None:
        return "nothing"
    return f"{value.normalize():,f}"


def _list(home: Path | None, as_json: bool) -> None:
    from saydo.release import list_releases

    found = list_releases(settings_of(home))
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Nothing is published yet; `saydo run` publishes.")
        return
    table = Table("release", "as of", "published (UTC)", "rows", "", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    table.columns[3].justify = "right"
    for release in found:
        table.add_row(
            release["release_id"],
            release["as_of_date"],
            release["published_at"][:16].replace("T", " "),
            f"{sum(release['row_counts'].values()):,}",
            "current" if release["is_current"] else "",
        )
    out.print(table)


@app.command(epilog="Example: saydo rollback --home home")
def rollback(
    release: Annotated[
        str | None, typer.Argument(help="A release id; default: the one that was current before.")
    ] = None,
    home: Home = None,
    wait: Wait = False,
) -> None:
    """Make a kept release current again; the one left behind stays."""
    from saydo.cli.serving import follow
    from saydo.home_lock import hold_home
    from saydo.release import rollback as run

    settings = settings_of(home)
    with hold_home(settings, "saydo rollback", wait=wait):
        done = run(settings, release)
        out.print(
            f"{done['release_id']} (as of {done['as_of_date']}) is current; "
            f"it was {done['previous_release_id']}"
        )
        follow(settings)
