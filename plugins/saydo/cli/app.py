"""What all commands share: the application, the consoles, settings, how errors are told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from saydo.errors import ConfigError, SaydoError

if TYPE_CHECKING:
    from saydo.settings import Settings

out = Console()
err = Console(stderr=True)


class _Group(TyperGroup):
    """Tells an error meant for the user as one red message and exits with its code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SaydoError as error:
            tell(error)
            raise typer.Exit(error.exit_code) from error


app = typer.Typer(
    name="saydo",
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,  # a local variable may hold the pseudonym key
    help="What customers say, do and get, joined into one audited profile per customer.",
    epilog="Start: [bold]saydo simulate --out home/landing[/] and [bold]saydo run --home home[/]",
)

Home = Annotated[
    Path | None,
    typer.Option(help="Saydo's data folder. Default: SAYDO_HOME, else home/ of the project."),
]
FeedsFile = Annotated[
    Path | None,
    typer.Option("--feeds", help="Default: SAYDO_FEEDS_FILE, else config/feeds.yml."),
]

Wait = Annotated[
    bool,
    typer.Option("--wait", help="Wait while another process changes the home; else exit 3."),
]


def tell(error: SaydoError) -> None:
    """Print an error's message, in red, without a traceback."""
    err.print(f"[bold red]{escape(str(error))}[/]", highlight=False, soft_wrap=True)


def settings_of(home: Path | None = None, feeds: Path | None = None) -> Settings:
    """Settings from the environment, with what the command line gave in front of it.

    Raises:
        ConfigError: a SAYDO_ variable is wrong.
    """
    from pydantic import ValidationError

    from saydo.settings import Settings

    given: dict[str, Any] = {"home": home, "feeds_file": feeds}
    try:
        return Settings(**{name: value.resolve() for name, value in given.items() if value})
    except ValidationError as error:
        faults = "; ".join(
            f"SAYDO_{str(fault['loc'][0]).upper()}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise ConfigError(f"the environment is not valid: {faults}") from None


@app.command()
def version() -> None:
    """Print the version of Saydo."""
    from saydo import __version__

    out.print(f"saydo {__version__}", highlight=False)
