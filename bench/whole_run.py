"""The first run of a business, `saydo run` from files to release: what each task takes of it."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from statistics import median

from bench.harness import Command, Comparison, apart, interleave, middle, run_once, verdict
from bench.homes import deliver_first, land
from saydo.airflow_home import airflow_home
from saydo.settings import Settings

JUDGING = ("check_sources", "gate_marts", "publish_release")
MOST_PERCENT = 20

# Airflow's metadata database is there already, as on every run but the first of a home.
SET_UP = """
from saydo.airflow_home import airflow_home, configure
from saydo.settings import Settings
settings = Settings()
configure(settings, "run.db")
from saydo.operators.in_process import set_up_database
set_up_database(airflow_home(settings))
"""
DURATIONS = """
select task_id, sum(duration) from task_instance
where run_id = (select run_id from dag_run order by id desc limit 1)
group by task_id order by min(start_date)
"""


def measure(
    scratch: Path, businesses: Path, runs: int, customers: int, months: int
) -> tuple[list[Comparison], str]:
    """Run everything that was delivered in an empty home, and read what each task took.

    Returns:
        no comparison, and the tasks with their share of the run, as Markdown.
    """
    landing = apart(land, businesses, customers, months).landing
    settings = Settings(home=scratch / "home")
    saydo = str(Path(sys.executable).with_name("saydo"))
    turns: list[dict[str, float]] = []

    def keep_durations() -> None:
        with sqlite3.connect(airflow_home(settings) / "run.db") as database:
            turns.append(dict(database.execute(DURATIONS).fetchall()))

    settings.home.mkdir(exist_ok=True)
    run_once(Command([sys.executable, "-c", SET_UP], {"SAYDO_HOME": str(settings.home)}))
    run = Command(
        [saydo, "run", "--home", str(settings.home)],
        reset=lambda: deliver_first(settings, landing),
        verify=keep_durations,
    )
    timed = interleave({"saydo run": run}, runs, warm_ups=0)["saydo run"]

    def share_of(*tasks: str) -> float:
        return median(
            100 * sum(turn[task] for task in tasks) / whole.wall
            for turn, whole in zip(turns, timed, strict=True)
        )

    judged = share_of(*JUDGING)
    tasks = [
        f"| `{task}` | {median(turn[task] for turn in turns):.1f} | {share_of(task):.0f}% |"
        for task in turns[0]
    ]
    return [], "\n".join(
        [
            f"The first delivery of {customers:,} customers × {months} months, from files to "
            f"release, took {middle(timed)}. The two gates and publishing took {judged:.0f}% of it "
            f"{verdict(judged, MOST_PERCENT, '%')}.",
            "",
            "| task | wall s | share of the run |",
            "|---|---|---|",
            *tasks,
        ]
    )  # fmt: skip
