"""Commands about tools that show the marts: the bundle for Superset, and Superset itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from saydo.cli.app import FeedsFile, Home, app, out, settings_of

if TYPE_CHECKING:
    from saydo.serve.superset.serving import Login

bi_app = typer.Typer(no_args_is_help=True, help="Show the marts in a BI tool.")
app.add_typer(bi_app, name="bi")


@bi_app.command(epilog="Example: saydo bi superset --out saydo.zip --home home")
def superset(
    to: Annotated[Path, typer.Option("--out", help="The ZIP file to write.")],
    postgres: Annotated[
        bool, typer.Option("--postgres", help="Ask PostgreSQL, at SAYDO_BI_POSTGRES, not the file.")
    ] = False,
    home: Home = None,
    feeds: FeedsFile = None,
) -> None:
    """Write the bundle that Superset imports: database, datasets, metrics, charts, dashboards."""
    from saydo.serve.superset import write_bundle

    counts = write_bundle(settings_of(home, feeds), to.absolute(), postgres)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    out.print(f"{to}: {told}", highlight=False, soft_wrap=True)


@bi_app.command(epilog="Example: saydo bi serve --home home --port 8088")
def serve(
    home: Home = None,
    feeds: FeedsFile = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8088,
) -> None:
    """Serve the dashboards of a home with Superset on this machine; `make bi` installs it first."""
    from saydo.serve.superset import serve as serve_superset

    def announce(login: Login) -> None:
        out.print(f"\nSuperset is up: [bold]{login.url}/dashboard/list/[/]", highlight=False)
        out.print(f"user {login.user}, password {login.password}", highlight=False, markup=False)
        out.print("Ctrl-C stops it.")

    out.print("preparing Superset (half a minute, the first time longer)")
    serve_superset(settings_of(home, feeds), port, announce)
