"""Building the customer tables: fully, one new day, and by a hand-written script."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import duckdb

from bench.harness import Command, Comparison, Run, above, apart, interleave, middle, verdict
from bench.homes import hold_back, land, share, size_of
from saydo.build import LAYERS
from saydo.build.inputs import current_inputs, recorded
from saydo.settings import Settings

TABLES = ("customer_months", "customer_profiles")
SMALL = 100  # customers
FIXED_SECONDS = 12  # of a new day that has next to no rows


@dataclass(frozen=True)
class Home:
    """A home that holds a business to its last day, and how to take its build back a day."""

    settings: Settings
    last: date
    back: Callable[[], None]

    def new_day(self, **checks: Callable[[], None]) -> Command:
        """Building the last day onto the days before it."""
        return _layers(self.settings, self.last, "day", reset=self.back, **checks)


def full_refresh(settings: Settings, as_of: date, **checks: Callable[[], None]) -> Command:
    """Building all layers of a landed home, without a warehouse to begin with."""
    warehouse = settings.warehouse
    return _layers(
        settings, as_of, "full", reset=lambda: warehouse.unlink(missing_ok=True), **checks
    )


def _layers(settings: Settings, as_of: date, how: str, **checks: Callable[[], None]) -> Command:
    command = [sys.executable, "-m", "bench.steps", how, as_of.isoformat()]
    return Command(command, {"SAYDO_HOME": str(settings.home)}, **checks)


def the_day_before(scratch: Path, businesses: Path, customers: int, months: int) -> Home:
    """A landed business, built to the day before its last, with that day's batches delivered."""
    landed = apart(land, businesses, customers, months)
    scratch = scratch / size_of(customers, months)
    day, kept = scratch / "last-day", scratch / "before"
    settings = Settings(home=scratch / "home")
    last = apart(hold_back, landed, settings.home, day)
    day_before = last - timedelta(days=1)

    def back() -> None:
        shutil.rmtree(settings.state)
        shutil.copytree(kept / "state", settings.state)
        settings.warehouse.unlink(missing_ok=True)
        shutil.copyfile(kept / "warehouse.duckdb", settings.warehouse)
        os.sync()

    home = Home(settings, last, back)
    before = recorded(Settings(home=kept), "built")
    if before is None or before.key != current_inputs(settings, day_before).key:
        interleave({"days before": full_refresh(settings, day_before)}, 1, warm_ups=0)
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(settings.state, kept / "state")
        shutil.copyfile(settings.warehouse, kept / "warehouse.duckdb")
    for source in (day / "raw").iterdir():
        target = settings.raw / source.name
        shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
    back()
    return home


def measure(
    scratch: Path, businesses: Path, runs: int, customers: int, months: int
) -> tuple[list[Comparison], str]:
    """Time the full refresh, the script, and the last day built onto the days before it.

    Every run's two tables are compared with each other: what differs is not timed. Both builds of a
    business of next to no customers tell what they take whatever the data: without it, a new day
    is held against a full refresh by what their rows cost.

    Returns:
        the comparisons, and where their time goes, as Markdown.
    """
    home = the_day_before(scratch, businesses, customers, months)
    small = the_day_before(scratch, businesses, SMALL, months)
    settings = home.settings

    def keep_times(name: str) -> None:
        shutil.rmtree(scratch / name, ignore_errors=True)
        share(settings.state / "build", scratch / name)

    peer, peer_script = scratch / "peer.duckdb", [sys.executable, "-m", "bench.peer"]

    def verify_day() -> None:
        keep_times("day")
        apart(assert_same, settings.warehouse, peer)

    timed = interleave(
        {
            "full refresh": full_refresh(settings, home.last, verify=lambda: keep_times("full")),
            "script": Command(
                [*peer_script, str(settings.raw), home.last.isoformat(), str(peer)],
                {"SAYDO_HOME": str(settings.home)},
                reset=lambda: peer.unlink(missing_ok=True),
                verify=lambda: apart(assert_same, settings.warehouse, peer),
            ),
            "one new day": home.new_day(verify=verify_day),
            "full refresh, small": full_refresh(small.settings, small.last),
            "one new day, small": small.new_day(),
        },
        runs,
        warm_ups=0,
    )
    size = f"{customers:,} customers × {months} months"
    return [
        Comparison(
            f"full refresh of all layers, {size}", timed["full refresh"], timed["script"], 1.25,
            "peer_build.sql, which makes the same two tables",
        ),
        Comparison(
            f"one new day, {size}; above {SMALL} customers",
            above(timed["one new day"], timed["one new day, small"]),
            above(timed["full refresh"], timed["full refresh, small"]), 0.25,
            f"the full refresh, above that of {SMALL} customers",
        ),
    ], _whole(timed, months) + where_time_goes(scratch)  # fmt: skip


def _whole(timed: dict[str, tuple[Run, ...]], months: int) -> str:
    """What the new day and the small business took as whole processes."""
    fixed = median(run.wall for run in timed["one new day, small"])
    return (
        f"\nAs whole processes: the new day took {middle(timed['one new day'])}. "
        f"Of {SMALL} customers × {months} months, with the same models and tests, the full refresh "
        f"took {middle(timed['full refresh, small'])}, the new day "
        f"{middle(timed['one new day, small'])} {verdict(fixed, FIXED_SECONDS, ' s')}.\n"
    )


def assert_same(warehouse: Path, peer: Path) -> None:
    """Compare the two tables of the script with the marts: its columns, their types, every row.

    Raises:
        AssertionError: they differ.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as ours (read_only)")
        connection.execute(f"attach '{peer}' as theirs (read_only)")
        for table in TABLES:
            columns = [
                connection.execute(f"describe {place}.{table}").fetchall()
                for place in ("ours.marts", "theirs")
            ]
            ours, theirs = ({name: type_ for name, type_, *_ in found} for found in columns)
            if not theirs.items() <= ours.items():
                raise AssertionError(f"{table}: columns differ: {theirs.items() - ours.items()}")
            listed = ", ".join(f'"{name}"' for name in theirs)
            mine = f"select {listed} from ours.marts.{table}"
            other = f"select {listed} from theirs.{table}"
            (count,) = connection.execute(
                f"select count(*) from ((({mine}) except all ({other})) "
                f"union all (({other}) except all ({mine})))"
            ).fetchone() or (None,)
            if count != 0:
                raise AssertionError(
                    f"{table}: {count} rows differ between the marts and the script"
                )


def where_time_goes(scratch: Path, shown: int = 12) -> str:
    """The slowest nodes of the last full refresh and of the last day, as Markdown."""
    lines = []
    for name, title in (("full", "the last full refresh"), ("day", "the last new day")):
        reports = [json.loads((scratch / name / f"{layer}.json").read_text()) for layer in LAYERS]
        nodes = [node | {"layer": r["layer"]} for r in reports for node in r["nodes"]]
        nodes.sort(key=lambda node: -node["seconds"])
        spent = ", ".join(f"{r['layer']} {r['seconds']:.1f} s" for r in reports)
        tests = sum(node["seconds"] for node in nodes if node["kind"] == "test")
        models = sum(node["seconds"] for node in nodes if node["kind"] != "test")
        lines += [
            "",
            f"Of {title}: {spent}. In sum, two at a time, models ran {models:.1f} s and tests "
            f"{tests:.1f} s. The slowest:",
            "",
            "| node | kind | s |",
            "|---|---|---|",
            *(f"| `{n['name'][:80]}` | {n['kind']} | {n['seconds']:.1f} |" for n in nodes[:shown]),
        ]
    return "\n".join(lines)
