"""Commands about what is published: releases, rollback."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from saydo.cli.app import Home, Wait, app, out, settings_of


@app.command(epilog="Example: saydo releases --home home")
def releases(home: Home = None) -> None:
    """List the kept releases, newest first."""
    from saydo.release import list_releases

    found = list_releases(settings_of(home))
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
    from saydo.home_lock import hold_home
    from saydo.release import rollback as run

    settings = settings_of(home)
    with hold_home(settings, "saydo rollback", wait=wait):
        done = run(settings, release)
    out.print(
        f"{done['release_id']} (as of {done['as_of_date']}) is current; "
        f"it was {done['previous_release_id']}"
    )
