"""The command for notices: try whether those who are to be told can be told."""

from __future__ import annotations

import typer

from saydo.cli.app import FeedsFile, Home, app, out, settings_of
from saydo.errors import SaydoError

notices_app = typer.Typer(no_args_is_help=True, help="Who is told of what a run finds.")
app.add_typer(notices_app, name="notices")


@notices_app.callback()
def _of_notices() -> None:
    """Keeps `test` a command of its own, though it is the only one."""


@notices_app.command(
    epilog="Example: saydo notices test --home home\n\n"
    "Exit codes: 0 all took it, 1 some did not, 2 a connection is not known or says nothing."
)
def test(home: Home = None, feeds: FeedsFile = None) -> None:
    """Send a trial message to each connection of notices.yml; no address is shown."""
    from saydo.airflow_home import find_connections

    settings = settings_of(home, feeds)
    if not settings.notices_to.connections:
        out.print(f"{settings.notices_file.name} names no connection: nobody is told of anything.")
        return
    find_connections(settings)
    from saydo.operators.sending import send_trial

    taken = send_trial(settings)
    for connection, is_taken in taken.items():
        out.print(f"{'sent  ' if is_taken else 'failed'}  {connection}", highlight=False)
    if failed := [connection for connection, is_taken in taken.items() if not is_taken]:
        raise SaydoError(
            f"{', '.join(failed)} did not take the message: correct the connection in Airflow, or "
            "look at its receiver"
        )
