"""Commands about what serves the release, or keeps the home, elsewhere: PostgreSQL, a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape

from saydo.cli.app import Home, Wait, app, err, out, settings_of
from saydo.errors import ConfigError

if TYPE_CHECKING:
    from saydo.settings import Settings

serve_app = typer.Typer()
app.add_typer(serve_app, name="serve")


@serve_app.callback(invoke_without_command=True, epilog="Example: saydo serve --home home")
def serve(context: typer.Context, home: Home = None, wait: Wait = False) -> None:
    """Serve the current release from PostgreSQL and an object store, as a run does at its end."""
    if context.invoked_subcommand is not None:
        return
    from saydo.home_lock import hold_home
    from saydo.serve.following import serve as run

    settings = settings_of(home)
    with hold_home(settings, "saydo serve", wait=wait):
        served = run(settings)
    if not served:
        raise ConfigError(
            "no PostgreSQL and no object store is configured: set SAYDO_PUBLISH_POSTGRES to "
            "postgresql://saydo_loader:password@host:5432/saydo (`saydo serve init` prints what "
            "makes that role and database), or store.address in publish.yml to s3://bucket/prefix"
        )
    for place, told in served.items():
        tell_served(place, told)


@serve_app.command(epilog="Example: saydo serve init | less")
def init() -> None:
    """Print the SQL that an administrator of PostgreSQL runs once, in psql."""
    from saydo.serve.postgres import setup_sql

    typer.echo(setup_sql(settings_of()), nl=False)


@app.command(epilog="Example: saydo restore --home home")
def restore(home: Home = None) -> None:
    """Fill an empty home from what an object store keeps of it (store.keep in publish.yml)."""
    from saydo.serve.store import restore as run

    done = run(settings_of(home))
    current = f"release {done['release_id']}" if done["release_id"] else "no release yet"
    out.print(
        f"The home is back as it was kept at {done['kept_at']}: {done['file_count']:,} files, "
        f"{done['byte_count'] / 1e6:,.1f} MB, {current}. `saydo run` goes on from there.",
        highlight=False,
        soft_wrap=True,
    )
    if absent := sorted({"landing", "quarantine", "restricted"} - set(done["folders"])):
        err.print(
            f"Not kept there, and so not here: {', '.join(absent)}", highlight=False, soft_wrap=True
        )


def tell_served(place: str, served: dict[str, Any]) -> None:
    """One line of what a place serves, and one for each release that could not be dropped."""
    from saydo.serve.following import PLACES

    words = PLACES[place][0]
    out.print(
        f"{words[0].upper()}{words[1:]} serves {served['release_id']}, as of "
        f"{served['as_of_date']}: {served['table_count']} tables, {served['row_count']:,} rows "
        f"({'loaded' if served['is_loaded'] else 'there already'}, {served['seconds']} s)",
        highlight=False,
        soft_wrap=True,
    )
    if kept := served.get("home"):
        out.print(
            f"and keeps the home: {kept['file_count']:,} files, {kept['byte_count'] / 1e6:,.1f} MB "
            f"({kept['sent_count']:,} sent, {kept['removed_count']:,} removed)",
            highlight=False,
            soft_wrap=True,
        )
    for name, why in served.get("stayed", {}).items():
        err.print(f"{name} is still there: {escape(why)}", highlight=False, soft_wrap=True)


def follow(settings: Settings) -> None:
    """After the pointer of the files was moved: move that of each place that serves them.

    Raises:
        SaydoError: the files have moved, and a place has not.
    """
    from saydo.serve.following import follow as run
    from saydo.serve.following import raise_failures

    followed = run(settings)
    for one in followed:
        if one.outcome:
            tell_served(one.place, one.outcome)
    late = " and ".join(one.words for one in followed if one.error)
    raise_failures([one.error for one in followed], f"the files have moved, {late} has not: ")
