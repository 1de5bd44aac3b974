"""What Airflow adds to a run: `saydo run` beside plain calls of the same functions in one process.

Both start from the same delivered files in a fresh home. Airflow's metadata database is there
already, as on every run but the first of a home.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bench.harness import Command, Comparison, apart, interleave, run_once
from bench.homes import deliver_first
from saydo.settings import Settings
from saydo.simulate import simulate

CUSTOMERS, MONTHS = 100, 2

PLAIN = """
from saydo.build import LAYERS, build_layer, check_configuration, prepare, resolve_as_of
from saydo.gate import check_sources, gate_marts
from saydo.landing import land_feed
from saydo.release import publish
from saydo.report import write_report
from saydo.settings import Settings

settings = Settings()
for feed in check_configuration(settings):
    land_feed(settings, feed)
check_sources(settings)
as_of = resolve_as_of(settings, None)
prepare(settings, as_of)
for layer in LAYERS:
    build_layer(settings, layer, as_of)
gate_marts(settings)
write_report(settings, publish(settings, as_of)["release_id"])
"""


def measure(scratch: Path, runs: int) -> tuple[list[Comparison], str]:
    """Time both on a home of a hundred customers, in turn.

    Returns:
        the comparison, in seconds a task instance, and what it leaves out, as Markdown.
    """
    landing = scratch / "landing"
    if not landing.exists():
        apart(simulate, landing, CUSTOMERS, MONTHS, 1)
    homes = {name: Settings(home=scratch / name) for name in ("airflow", "plain")}
    command = str(Path(sys.executable).with_name("saydo"))
    run = Command(
        [command, "run", "--home", str(homes["airflow"].home)],
        reset=lambda: deliver_first(homes["airflow"], landing),
    )
    shutil.rmtree(homes["airflow"].home, ignore_errors=True)
    first = run_once(run)
    timed = interleave(
        {
            "saydo run": run,
            "plain calls": Command(
                [sys.executable, "-c", PLAIN],
                {"SAYDO_HOME": str(homes["plain"].home)},
                reset=lambda: deliver_first(homes["plain"], landing),
            ),
        },
        runs,
        warm_ups=0,
    )
    # list_feeds, list_pipelines, one land per feed, check_sources, four layers, gate, publish,
    # report.
    task_count = len(homes["airflow"].feeds.feeds) + 10
    comparison = Comparison(
        f"Airflow's share of a run: {CUSTOMERS} customers × {MONTHS} months, {task_count} tasks",
        timed["saydo run"],
        timed["plain calls"],
        3.0,
        "plain calls of the same functions in one process",
        task_count,
    )
    return [comparison], (
        f"\nA home's first run, which makes Airflow's metadata database too: {first.wall:.1f} s."
    )
