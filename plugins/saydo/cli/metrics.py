"""Commands about headline metrics: which there are, and what they come to."""

from __future__ import annotations

import shlex
from collections import defaultdict
from datetime import date, datetime
from typing import Annotated

import typer

from saydo.cli.app import FeedsFile, Home, app, err, settings_of
from saydo.cli.printing import AsCsv, AsJson, print_csv, print_json, print_table
from saydo.errors import ConfigError

metrics_app = typer.Typer(no_args_is_help=True, help="Figures that are defined once.")
app.add_typer(metrics_app, name="metrics")

_DAY = ["%Y-%m-%d"]


@metrics_app.command("list", epilog="Example: saydo metrics list --home home")
def list_(as_json: AsJson = False, home: Home = None) -> None:
    """List the headline metrics of the current release, and what each can be asked by."""
    from saydo.serve.ask.metric_queries import list_metrics

    found = list_metrics(settings_of(home))
    if as_json:
        print_json(found)
        return
    print_table(
        ("metric", "unit", "what it is", "by"),
        [(m.code, m.unit, m.description, ", ".join(m.group_by)) for m in found],
    )


@metrics_app.command(
    epilog="Examples: saydo metrics query mrr,nps --by month,region_code · "
    "saydo metrics query churn --by quarter --where region_code=LON,SE --start 2025-01-01"
)
def query(
    metrics: Annotated[str, typer.Argument(help="Codes of `saydo metrics list`, with commas.")],
    by: Annotated[
        str, typer.Option(help="Spans of time and segments, with commas: month,region_code.")
    ] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="segment=code,code: only these; may be given again.")
    ] = None,
    start: Annotated[datetime | None, typer.Option(formats=_DAY, help="First day.")] = None,
    end: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    home: Home = None,
) -> None:
    """Ask metrics of the current release as they are defined, by MetricFlow."""
    from saydo.serve.ask.metric_queries import query_metrics

    if as_json and as_csv:
        raise ConfigError("give --json or --csv, not both")
    found = query_metrics(
        settings_of(home),
        _names(metrics),
        _names(by),
        _conditions(where or []),
        start.date() if start else None,
        end.date() if end else None,
    )
    rows = [tuple(row.values()) for row in found.rows]
    if as_json:
        print_json(found.rows)
    elif as_csv:
        print_csv(found.columns, rows)
    else:
        print_table(found.columns, rows)
    if not rows:
        err.print("Nothing is known of that.")


@metrics_app.command(epilog='Example: eval "$(saydo metrics prepare --home home)"')
def prepare(home: Home = None, feeds: FeedsFile = None) -> None:
    """Make `mf` ready for dbt_project, over the candidate: print the environment it needs."""
    from saydo.build.dbt import parse_for_tools
    from saydo.build.variables import dbt_variables

    settings = settings_of(home, feeds)
    for name, value in parse_for_tools(settings, dbt_variables(settings, date.today())).items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _conditions(texts: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        name, is_given, codes = text.partition("=")
        if not is_given or not _names(codes):
            raise ConfigError(f"--where {text!r}: give a segment and its codes: region_code=LON,SE")
        found[name.strip()] += _names(codes)
    return found
