"""Commands that go through Airflow: run the whole DAG, start the local web interface."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from saydo.cli.app import FeedsFile, Home, Wait, app, err, out, settings_of
from saydo.cli.printing import AsJson, print_json
from saydo.errors import ConfigError, SaydoError

if TYPE_CHECKING:
    from saydo.operators.in_process import RunOutcome, TaskEvent
    from saydo.settings import Settings

KEPT_LOGS = 30


@app.command(
    epilog="Examples: saydo run --home home · saydo run --home shop --feeds shop/feeds.yml "
    "--as-of 2025-06-30\n\nExit codes: 0 published, 3 refused, 2 configuration, 1 crash."
)
def run(
    home: Home = None,
    feeds: FeedsFile = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the profiles. Default: business.as_of."),
    ] = None,
    full_refresh: Annotated[bool, typer.Option(help="Rebuild every table from raw.")] = False,
    approve: Annotated[
        bool, typer.Option(help="Publish with warnings where policy.yml wants an approval.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show the whole log.")] = False,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Run the whole way once: land, check, build, audit, publish."""
    from saydo.airflow_home import airflow_home, configure
    from saydo.build import check_configuration
    from saydo.home_lock import hold_home

    if verbose and as_json:
        raise ConfigError("give --verbose or --json: both go to standard output")
    settings = settings_of(home, feeds)
    check_configuration(settings)
    conf = {"full_refresh": full_refresh}
    if as_of is not None:
        conf["as_of"] = as_of.date().isoformat()
    with hold_home(settings, "saydo run", wait=wait):
        settings.landing.mkdir(parents=True, exist_ok=True)
        configure(settings, "run.db")
        log_file = None if verbose else _new_log(airflow_home(settings) / "logs")
        with _log_to(log_file) as console:
            progress = Console(stderr=True, quiet=True) if as_json else console
            outcome = _run_dag(airflow_home(settings), conf, progress, approve)
    if as_json:
        _print_outcome(settings, outcome)
    else:
        if outcome.is_success:
            _show_release(settings, outcome)
        _show_notices(settings)
    if not outcome.is_success:
        _tell_failures(outcome, log_file)
        raise typer.Exit(outcome.exit_code)


def _print_outcome(settings: Settings, outcome: RunOutcome) -> None:
    """What a run has to tell a program: the release, or nothing, and what it has to say of it."""
    from saydo.notices import told

    release = outcome.results.get("publish_release") or [None]
    failed = [{"task_id": event.task_id, "label": event.label} for event in outcome.failures]
    print_json({"release": release[0], "failures": failed, "notices": told(settings)})


def _run_dag(
    airflow_folder: Path, conf: dict[str, Any], console: Console, approve: bool
) -> RunOutcome:
    with console.status("starting Airflow") as status:
        from saydo.operators.in_process import run_dag, set_up_database

        set_up_database(airflow_folder)

        def show(event: TaskEvent) -> None:
            name = event.task_id + (f" {event.label}" if event.label else "")
            if event.state == "running":
                status.update(name)
                return
            mark = "[green]done[/]  " if event.state == "success" else "[red]failed[/]"
            line = f"{mark} {name:<34} {event.seconds:6.1f} s  {_detail(event)}"
            console.print(line, highlight=False, soft_wrap=True)

        return run_dag("build_customer_warehouse", conf, show, approve)


def _detail(event: TaskEvent) -> str:
    """What a task's small result comes to, in a few words."""
    result = event.result if isinstance(event.result, dict) else {}
    words = {
        "file_count": "files",
        "loaded_count": "rows loaded",
        "quarantined_count": "quarantined",
        "row_count": "rows",
        "test_count": "tests",
        "evaluated_count": "expectations",
        "warning_count": "warnings",
    }
    return ", ".join(f"{result[name]:,} {word}" for name, word in words.items() if result.get(name))


def _show_notices(settings: Settings) -> None:
    """What the run has to say, whether it came to its end or not."""
    from saydo.notices import told

    notices = told(settings)
    if not notices:
        return
    table = Table(
        "where", "how many", "what", "what to do", title="\nWhat to know", show_lines=True
    )
    table.columns[1].justify = "right"
    for notice in notices:
        count = "" if notice.count is None else f"{notice.count:,}"
        table.add_row(*map(escape, (notice.where, count, notice.what, notice.advice)))
    out.print(table)


def _tell_failures(outcome: RunOutcome, log_file: Path | None) -> None:
    for event in outcome.failures:
        name = event.task_id + (f" {event.label}" if event.label else "")
        known = isinstance(event.error, SaydoError)
        message = str(event.error) if known else f"{type(event.error).__name__}: {event.error}"
        err.print(
            f"[bold red]{escape(name)}: {escape(message)}[/]", highlight=False, soft_wrap=True
        )
    kept = "Nothing was published; the last good release, if there is one, keeps serving."
    failed = {event.task_id for event in outcome.failures}
    if "write_report" in failed:
        kept = "The release is published; only its report is missing."
    if "serve_release" in failed:
        kept = (
            "The files of the release are published; the place named above has the one before, and "
            "the report is not written yet. Mend it and run this again."
        )
    where = f" The whole log: {log_file}" if log_file else ""
    err.print(f"{kept}{where}", highlight=False, soft_wrap=True)


def _show_release(settings: Settings, outcome: RunOutcome) -> None:
    from saydo.actions import segment_sizes
    from saydo.release import HEADLINE_SQL, headline, release_dir
    from saydo.report import best_bet, most_at_stake

    (release,) = outcome.results["publish_release"]
    folder = release_dir(settings, release["release_id"])
    place = settings.published / "current" if release["is_current"] else folder
    news = "Published" if release.get("is_new", True) else "Unchanged, still published:"
    out.print(f"\n[bold]{news} {release['release_id']}[/], as of {release['as_of_date']}")
    if not release["is_current"]:
        out.print("A release of a later day stays current.")
    out.print(f"content hash {release['content_hash']}", highlight=False)
    table = Table("table", "rows")
    table.columns[1].justify = "right"
    for name, rows in sorted(release["row_counts"].items()):
        table.add_row(name, f"{rows:,}")
    out.print(table)
    for figure in headline(settings, release["release_id"]):
        is_earlier = figure.day and figure.day.isoformat() != release["as_of_date"]
        when = f", {figure.day:%B %Y}" if is_earlier else ""
        told = ", ".join(filter(None, (figure.value, figure.note)))
        out.print(f"[bold]{figure.label}[/]{when}: {escape(told)}", highlight=False)
    out.print(f"  [dim]{escape(HEADLINE_SQL)}[/]", highlight=False, soft_wrap=True)
    _show_proposal(settings)
    if sizes := segment_sizes(settings, release["release_id"]):
        told = ", ".join(f"{code} {count:,}" for code, count in sizes.items())
        out.print(f"[bold]Segments[/]: {told}", highlight=False, soft_wrap=True)
    (report,) = outcome.results["write_report"]
    sentence = most_at_stake(settings, release["release_id"])
    out.print(f"\n{escape(sentence)}", highlight=False, soft_wrap=True)
    if bet := best_bet(settings, release["release_id"]):
        out.print(f"\n{escape(bet)}", highlight=False, soft_wrap=True)
    out.print(f"\nopen    {place / 'marts.duckdb'}", highlight=False, soft_wrap=True)
    out.print(f"report  {report['report']}", highlight=False, soft_wrap=True)
    (served,) = outcome.results["serve_release"]
    if "skipped" not in served:
        from saydo.cli.serving import tell_served

        for place, told in served.items():
            tell_served(place, told)


def _show_proposal(settings: Settings) -> None:
    """Credits that the next decision would give, whichever release is current."""
    from saydo.actions import propose_credits

    try:
        proposal = propose_credits(settings)
    except ConfigError as error:
        out.print(f"[bold]Credits proposed[/]: none; {escape(str(error))}", soft_wrap=True)
        return
    count, currency = (
        proposal.counts.get("credit", 0),
        settings.feeds.business.reporting_currency,
    )
    out.print(
        f"[bold]Credits proposed[/]: {count:,} of {proposal.total_amount:,.2f} {currency} "
        "(saydo recover --dry-run)",
        highlight=False,
    )


def _new_log(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("run-*.log"))[: -(KEPT_LOGS - 1)]:
        old.unlink()
    return folder / f"run-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"


@contextlib.contextmanager
def _log_to(file: Path | None) -> Iterator[Console]:
    """Send all that this process prints to a file; the console given back still reaches the user.

    Airflow, dbt and Great Expectations write to the standard streams in their own ways, so the
    descriptors themselves are redirected.
    """
    if file is None:
        yield out
        return
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with file.open("ab") as log, os.fdopen(os.dup(1), "w") as terminal:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield Console(file=terminal)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, descriptor in enumerate(kept, start=1):
                os.dup2(descriptor, number)
                os.close(descriptor)


@app.command(epilog="Example: saydo up --home home --port 8080")
def up(
    home: Home = None,
    feeds: FeedsFile = None,
    port: Annotated[int, typer.Option(help="Port of the web interface.")] = 8080,
) -> None:
    """Start Airflow on this machine with the DAGs on; Ctrl-C stops it."""
    from saydo.airflow_home import airflow_home, configure, local_login
    from saydo.build import check_configuration
    from saydo.cli.standalone import serve

    settings = settings_of(home, feeds)
    check_configuration(settings)
    settings.landing.mkdir(parents=True, exist_ok=True)
    configure(settings, "airflow.db", has_scheduler=True)
    log_file = airflow_home(settings) / "logs" / "standalone.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    out.print("starting Airflow, about a minute")
    with _log_to(log_file) as console, console.status("preparing its database"):
        from saydo.operators.in_process import set_up_database

        set_up_database(airflow_home(settings))
    login = local_login(settings)

    def announce(url: str) -> None:
        out.print(f"[bold]Airflow is up:[/] {url}", highlight=False)
        for user, password in login.items():
            out.print(f"login  {escape(user)} / {escape(password)}", highlight=False)
        out.print(f"log    {log_file}   Ctrl-C stops it", highlight=False, soft_wrap=True)

    serve(port, log_file, announce)
