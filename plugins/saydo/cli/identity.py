"""Commands about who is who."""

from __future__ import annotations

import typer

from saydo.cli.app import app

identity_app = typer.Typer(no_args_is_help=True, help="Why accounts are one person, or are not.")
app.add_typer(identity_app, name="identity")


@identity_app.callback()
def _group() -> None:
    """Keep `identity` a group of commands while it has one."""
