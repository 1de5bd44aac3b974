"""Commands about collecting: fetch what is new, try what is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from saydo.cli.app import Home, Wait, app, err, out, settings_of
from saydo.cli.printing import AsJson, print_json
from saydo.errors import ConfigError, SaydoError

if TYPE_CHECKING:
    from saydo.settings import Settings

collect_app = typer.Typer()
app.add_typer(collect_app, name="collect")


@collect_app.callback(
    invoke_without_command=True,
    epilog="Examples: saydo collect --home home · saydo collect --pipeline crm\n\n"
    "Exit codes: 0 all was collected, 1 a source cannot be had now, 2 configuration, 3 refused.",
)
def collect(
    context: typer.Context,
    home: Home = None,
    pipeline: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be given several times.")
    ] = None,
    wait: Wait = False,
) -> None:
    """Fetch what is new of each pipeline of collect.yml into landing/, as a run does first."""
    if context.invoked_subcommand is not None:
        return
    from saydo.airflow_home import find_connections
    from saydo.home_lock import hold_home

    settings = settings_of(home)
    names = _names(settings, pipeline)
    find_connections(settings)
    from saydo.collect import collect_pipeline
    from saydo.operators.collect import find_access

    failed: list[SaydoError] = []
    with hold_home(settings, "saydo collect", wait=wait):
        for name in names:
            try:
                done = collect_pipeline(settings, name, find_access)
            except SaydoError as error:
                failed.append(error)
                continue
            files = f"{done['file_count']:,} files" if done["file_count"] else "nothing new"
            rows = f", {done['row_count']:,} rows" if done["row_count"] else ""
            out.print(f"{name}: {files}{rows}", highlight=False)
    if failed:
        worst = min(failed, key=lambda error: error.exit_code)
        raise type(worst)("\n".join(str(error) for error in failed))


@collect_app.command(epilog="Example: saydo collect check --home home")
def check(
    home: Home = None,
    pipeline: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be given several times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try each pipeline of collect.yml: connect and read a little. Nothing is changed."""
    from saydo.airflow_home import find_connections

    settings = settings_of(home)
    names = _names(settings, pipeline)
    find_connections(settings)
    from saydo.collect import check_pipeline
    from saydo.operators.collect import find_access

    tried = [one for name in names for one in check_pipeline(settings, name, find_access)]
    if as_json:
        print_json(tried)
    for one in tried if not as_json else ():
        mark = "[green]good[/]  " if one.is_good else "[red]failed[/]"
        said = f"{mark} {one.part}: {escape(one.said)}"
        (out if one.is_good else err).print(said, highlight=False, soft_wrap=True)
    if wrong := [one.part for one in tried if not one.is_good]:
        raise ConfigError(f"{', '.join(wrong)} cannot be collected; nothing was changed")


def _names(settings: Settings, asked: list[str] | None) -> list[str]:
    known = [pipeline.name for pipeline in settings.collect.pipelines]
    if strange := sorted({*(asked or ())} - {*known}):
        raise ConfigError(
            f"{settings.collect_file} has no pipeline {', '.join(strange)}; it has: "
            f"{', '.join(known) or 'none'}"
        )
    if not known:
        err.print(f"{settings.collect_file.name} names no pipeline: there is nothing to collect.")
    return asked or known
