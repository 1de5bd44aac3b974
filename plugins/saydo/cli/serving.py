"""Commands about PostgreSQL: serve the current release there, print what an administrator runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape

from saydo.cli.app import Home, Wait, app, err, out, settings_of
from saydo.errors import ConfigError, SaydoError

if TYPE_CHECKING:
    from saydo.settings import Settings

serve_app = typer.Typer()
app.add_typer(serve_app, name="serve")


@serve_app.callback(invoke_without_command=True, epilog="Example: saydo serve --home home")
def serve(context: typer.Context, home: Home = None, wait: Wait = False) -> None:
    """Serve the current release from PostgreSQL, as a run does after it has published."""
    if context.invoked_subcommand is not None:
        return
    from saydo.home_lock import hold_home
    from saydo.serve.postgres import serve as run

    settings = settings_of(home)
    with hold_home(settings, "saydo serve", wait=wait):
        served = run(settings)
    if served is None:
        raise ConfigError(
            "no PostgreSQL is configured: set SAYDO_PUBLISH_POSTGRES to postgresql://saydo_loader:"
            "password@host:5432/saydo; `saydo serve init` prints what makes that role and database"
        )
    tell_served(served)


@serve_app.command(epilog="Example: saydo serve init | less")
def init() -> None:
    """Print the SQL that an administrator of PostgreSQL runs once, in psql."""
    from saydo.serve.postgres import setup_sql

    typer.echo(setup_sql(settings_of()), nl=False)


def tell_served(served: dict[str, Any]) -> None:
    """One line of what PostgreSQL serves, and one for each release that could not be dropped."""
    out.print(
        f"PostgreSQL serves {served['release_id']}, as of {served['as_of_date']}: "
        f"{served['table_count']} tables, {served['row_count']:,} rows "
        f"({'loaded' if served['is_loaded'] else 'there already'}, {served['seconds']} s)",
        highlight=False,
        soft_wrap=True,
    )
    for schema, why in served["stayed"].items():
        err.print(f"{schema} is still there: {escape(why)}", highlight=False, soft_wrap=True)


def follow(settings: Settings) -> None:
    """After the pointer of the files was moved: move PostgreSQL's, where there is one.

    Raises:
        SaydoError: the files have moved, and PostgreSQL has not.
    """
    from saydo.serve.postgres import serve as run

    try:
        served = run(settings)
    except SaydoError as error:
        raise type(error)(f"the files have moved, PostgreSQL has not: {error}") from error
    if served:
        tell_served(served)
