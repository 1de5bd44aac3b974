"""Commands about what is published: releases, rollback."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from saydo.cli.app import Home, app, out, settings_of


@app.command(epilog="Example: saydo releases --home home")
def releases(home: Home = None) -> None:
    """List the kept releases, newest first."""
    from saydo.release import list_releases

    found = list_releases(settings_of(home))
    if not found:
        out.print("Nothing is published yet; `saydo run` publishes.")
        return
    table = Table("", "release", "as of", "published (UTC)", "rows", "MB", "warnings", "content")
    for release in found:
        table.add_row(
            "current" if release["is_current"] else "",
            release["release_id"],
            release["as_of_date"],
            release["published_at"][:19],
            f"{sum(release['row_counts'].values()):,}",
            f"{release['size_bytes'] / 1e6:,.1f}",
            str(release["warning_count"]),
            release["content_hash"][:12],
        )
    out.print(table)


@app.command(epilog="Example: saydo rollback --home home")
def rollback(
    release: Annotated[
        str | None, typer.Argument(help="A release id; default: the one that was current before.")
    ] = None,
    home: Home = None,
) -> None:
    """Make a kept release current again; the one left behind stays."""
    from saydo.release import rollback as run

    done = run(settings_of(home), release)
    out.print(
        f"{done['release_id']} (as of {done['as_of_date']}) is current; "
        f"it was {done['previous_release_id']}"
    )
