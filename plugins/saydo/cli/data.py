"""Commands about data on its way in: simulate, feeds, quarantine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from saydo.cli.app import FeedsFile, Home, Wait, app, err, out, settings_of
from saydo.cli.printing import AsJson, print_json
from saydo.errors import ConfigError

feeds_app = typer.Typer(
    no_args_is_help=True, help="Check feeds; land rows again; withdraw a batch."
)
app.add_typer(feeds_app, name="feeds")


@app.command(epilog="Example: saydo simulate --out home/landing --customers 2000 --months 6")
def simulate(
    folder: Annotated[Path, typer.Option("--out", help="A new or empty landing folder.")],
    customers: Annotated[int, typer.Option(help="Persons, at least 50.")] = 10_000,
    months: Annotated[int, typer.Option(help="Calendar months, the last one December 2025.")] = 12,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    daily: Annotated[bool, typer.Option(help="One delivery a day instead of one in all.")] = False,
    sessions: Annotated[
        bool, typer.Option(help="Network usage as sessions instead of daily rows.")
    ] = False,
    fault: Annotated[
        list[str] | None, typer.Option(help="A fault to put in; may be given several times.")
    ] = None,
    mistakes: Annotated[
        float, typer.Option(help="Share of second accounts with each mistake in what is known.")
    ] = 0.0,
    credits: Annotated[
        bool, typer.Option(help="Credits after faults, with a holdout, that change who leaves.")
    ] = False,
    journeys: Annotated[
        bool, typer.Option(help="Plant journeys that hurt at one step, and a circle to bet on.")
    ] = False,
    influence: Annotated[
        bool, typer.Option(help="Deliver who is related to whom, and plant whom others follow.")
    ] = False,
    changes: Annotated[
        bool,
        typer.Option(help="Plant what follows what: services, leaving; and offers by chance."),
    ] = False,
) -> None:
    """Write the deliveries of a simulated telco, and truth.json beside them."""
    from saydo.simulate import simulate as run

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        parts: dict[str, int] = {}

        def show(part: str, done: int, of: int) -> None:
            if part not in parts:
                parts[part] = progress.add_task(part, total=of)  # type: ignore[assignment]
            progress.update(parts[part], completed=done, total=of)  # type: ignore[arg-type]

        made = run(
            folder,
            customers,
            months,
            seed,
            daily,
            fault or (),
            show,
            mistakes,
            sessions,
            credits,
            journeys,
            influence,
            changes,
        )
    out.print(
        f"{made['files']} files, {sum(made['rows'].values()):,} rows, up to {made['last_date']}, "
        f"in {folder}"
    )


@feeds_app.command(epilog="Example: saydo feeds check --home home --feeds config/feeds.yml")
def check(home: Home = None, feeds: FeedsFile = None, as_json: AsJson = False) -> None:
    """Check the feeds file and read a sample of every feed; nothing is changed."""
    from saydo.build import check_configuration
    from saydo.landing import examine_feeds, outlook

    settings = settings_of(home, feeds)
    names = check_configuration(settings)
    said = err if as_json else out
    for notice in outlook(settings):
        said.print(notice.text, highlight=False, soft_wrap=True, markup=False)
    found = examine_feeds(settings)
    problems = [item for item in found if not item.is_note]
    if as_json:
        print_json(found)
    for title, items in (
        ("To look at", [item for item in found if item.is_note]),
        ("Problems", problems),
    ):
        table = Table("feed", "column", "reason", title=title)
        for item in items:
            table.add_row(item.feed, item.column or "", item.reason)
        if items and not as_json:
            err.print(table)
    if problems:
        raise ConfigError(f"{len(problems)} problems in {settings.feeds_file}; nothing was changed")
    said.print(f"{len(names)} feeds are in order: {', '.join(names)}")


@feeds_app.command(epilog="Example: saydo feeds replay store_reviews-0f3c9a4b21de --home home")
def replay(
    batch: Annotated[str, typer.Argument(help="A batch id, as `saydo quarantine` shows it.")],
    home: Home = None,
    feeds: FeedsFile = None,
    wait: Wait = False,
) -> None:
    """Land a batch's quarantined rows again, through the mapping as it is now."""
    from saydo.home_lock import hold_home
    from saydo.landing import replay_batch

    settings = settings_of(home, feeds)
    with hold_home(settings, "saydo feeds replay", wait=wait):
        done = replay_batch(settings, batch)
    out.print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in done.items()))


@feeds_app.command(
    epilog="Examples: saydo feeds withdraw store_ledger-0f3c9a4b21de --home home · "
    "saydo feeds withdraw --feed old_shop --home home"
)
def withdraw(
    batch: Annotated[
        str | None, typer.Argument(help="A batch id, as the log of landing shows it.")
    ] = None,
    feed: Annotated[
        str | None, typer.Option(help="Every batch of this feed, which feeds.yml need not name.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="With --feed: only its batches of this canonical table.")
    ] = None,
    home: Home = None,
    feeds: FeedsFile = None,
    wait: Wait = False,
) -> None:
    """Take accepted batches out again; their files stay out until they are replaced."""
    from saydo.home_lock import hold_home
    from saydo.landing import withdraw_batch, withdraw_feed

    if (batch is None) == (feed is None) or (source and not feed):
        raise ConfigError("give either a batch id or --feed, and --source only with --feed")
    settings = settings_of(home, feeds)
    with hold_home(settings, "saydo feeds withdraw", wait=wait):
        if feed:
            done = withdraw_feed(settings, feed, source)
        else:
            done = withdraw_batch(settings, str(batch))
    if not done["batch_ids"]:
        out.print(f"{batch or feed} was withdrawn before.")
        return
    of = f" of {done['file_name']}" if batch else ""
    out.print(
        f"withdrawn: {', '.join(done['batch_ids'])}, {done['row_count']:,} rows{of}. The next run "
        "builds without them, and does not land the file again until it is replaced.",
        highlight=False,
        soft_wrap=True,
    )


@app.command(epilog="Example: saydo quarantine --source survey_responses --home home")
def quarantine(
    source: Annotated[str | None, typer.Option(help="Only this canonical table.")] = None,
    home: Home = None,
    feeds: FeedsFile = None,
    as_json: AsJson = False,
) -> None:
    """Count the quarantined rows by reason, with places to look."""
    from saydo.landing import quarantine_summary

    rows = quarantine_summary(settings_of(home, feeds), source)
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print("Nothing is in quarantine.")
        return
    table = Table("table", "feed", "reason", "column", "rows", "for example", title="Quarantine")
    for row in rows:
        table.add_row(
            row.source,
            row.feed,
            row.reason_code,
            row.column or "",
            f"{row.count:,}",
            "\n".join(row.examples),
        )
    out.print(table)
