"""The actions models alone: against a hand-written script of journeys and circles, and of one day.

A part of the suite (`python -m bench --only actions`); `python -m bench.actions --customers 1000000
--scratch DIR` prints it for one business alone. What bench.scale simulated below DIR is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb

from bench.actions_run import times_file
from bench.build import full_refresh
from bench.harness import HEADER, Command, Comparison, above, apart, interleave, middle, verdict
from bench.homes import hold_back, land, size_of
from saydo.build import resolve_as_of
from saydo.build.inputs import current_inputs
from saydo.settings import Settings

SMALL = 100  # customers
MEMORY = "5GB"  # of the engine, so that the whole process stays below the 6 GB promised
MOST_MB = 6 * 1024
SHOWN = 8  # of the slowest nodes

# What the script makes, and where the marts say the same; figures as the marts round them.
SAME = {
    "steps": (
        "marts.journey_steps",
        "customer_id, step_number, event_type, source, topic_code, satisfaction_before, "
        "satisfaction_after, hours_since_previous, occurred_at",
    ),
    "journeys": (
        "marts.customer_journeys",
        "customer_id, start_type, path, outcome, step_count, worst_step_number, "
        "satisfaction_change, elapsed_hours, started_at, ended_at",
    ),
    "paths": (
        "marts.journey_paths",
        "start_type, path, journey_count, customer_count, answered_customer_count, "
        "round(resolved_ratio, 6)::decimal(9, 6), round(left_ratio, 6)::decimal(9, 6), "
        "round(median_hours, 4)::decimal(18, 4), round(satisfaction_change, 6)::decimal(18, 6)",
    ),
    "circles": (
        "marts.success_circles",
        "bet_code, set_codes, base_customer_count, base_outcome_count, customer_count, "
        "outcome_count, round(expected_count)::bigint, round(lift, 6)::decimal(18, 6), "
        "round(outcome_ratio, 6)::decimal(9, 6)",
    ),
}


def measure(
    scratch: Path, businesses: Path, runs: int, customers: int, months: int
) -> tuple[list[Comparison], str]:
    """Time the script, the models of one more day, and all of them from the start, in turn.

    Every build's figures are held against the script's: what differs is not timed. Both builds of
    a business of next to no customers tell what dbt takes whatever the data.

    Returns:
        the comparisons, and memory and the slowest nodes, as Markdown.
    """
    settings, last = _built(scratch, businesses, customers, months)
    small, small_last = _built(scratch, businesses, SMALL, months)
    peer = scratch / "peer.duckdb"
    slowest: dict[str, list[list[str | float]]] = {}

    def verify(how: str) -> Callable[[], None]:
        def judge() -> None:
            slowest[how] = json.loads(times_file(settings).read_text())
            apart(assert_same, settings.warehouse, peer)

        return judge

    timed = interleave(
        {
            "script": _command(
                settings, "peer", last, str(peer), reset=lambda: peer.unlink(missing_ok=True)
            ),
            "day": _command(settings, "day", last, verify=verify("day")),
            "full": _command(settings, "full", last, verify=verify("full")),
            "day, small": _command(small, "day", small_last),
            "full, small": _command(small, "full", small_last),
        },
        runs,
        warm_ups=0,
    )
    size = f"{customers:,} customers × {months} months"
    peak = max(run.peak_mb for how in ("day", "full") for run in timed[how])
    return [
        Comparison(
            f"all actions models, {size}", timed["full"], timed["script"], 2,
            "actions_peer.sql, which makes the same journeys and circles",
        ),
        Comparison(
            f"the same after one more day, {size}; above {SMALL} customers",
            above(timed["day"], timed["day, small"]), above(timed["full"], timed["full, small"]),
            1 / 3, f"all of them from the start, above those of {SMALL} customers",
        ),
    ], (
        f"\nPeak memory {peak:,.0f} MB {verdict(peak, MOST_MB, ' MB')}; both had {MEMORY} and "
        f"{settings.threads} threads. As whole processes: the day took {middle(timed['day'])}; of "
        f"{SMALL} customers the models took {middle(timed['full, small'])}, a day's "
        f"{middle(timed['day, small'])}. Models that do neither journeys nor circles, and every "
        "test, are in Saydo's figures alone.\n" + _where_time_goes(slowest)
    )  # fmt: skip


def _command(
    settings: Settings, how: str, as_of: date, *more: str, **checks: Callable[[], None]
) -> Command:
    command = [sys.executable, "-m", "bench.actions_run", how, as_of.isoformat(), *more]
    env = {"SAYDO_HOME": str(settings.home), "SAYDO_MEMORY_LIMIT": MEMORY}
    return Command(command, env, **checks)


def _built(scratch: Path, businesses: Path, customers: int, months: int) -> tuple[Settings, date]:
    """A home built to the day before its last; of the last, what the actions models read."""
    landed = apart(land, businesses, customers, months)
    place = scratch / size_of(customers, months)
    settings, day, ready = Settings(home=place / "home"), place / "last-day", place / "ready"
    last = resolve_as_of(landed, None)
    if ready.exists() and ready.read_text() == current_inputs(settings, last).key:
        return settings, last
    ready.unlink(missing_ok=True)
    apart(hold_back, landed, settings.home, day)
    before = last - timedelta(days=1)
    interleave({"days before": full_refresh(settings, before)}, 1, warm_ups=0)
    for source in (day / "raw").iterdir():
        target = settings.raw / source.name
        shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
    interleave({"what is read": _command(settings, "ready", last)}, 1, warm_ups=0)
    ready.write_text(current_inputs(settings, last).key)
    return settings, last


def assert_same(warehouse: Path, peer: Path) -> None:
    """Compare every row of the script's tables with the marts.

    Raises:
        AssertionError: they differ; the message names the tables.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as ours (read_only)")
        connection.execute(f"attach '{peer}' as theirs (read_only)")
        counted = {}
        for table, (mart, figures) in SAME.items():
            counted[table] = [
                connection.execute(
                    f"select count(*), sum(hash(row({figures}))) from {place}"
                ).fetchone()
                for place in (f"ours.{mart}", f"theirs.{table}")
            ]
    wrong = {table: found for table, found in counted.items() if found[0] != found[1]}
    if wrong or not all(found[0][0] for found in counted.values()):
        raise AssertionError(f"the marts and the script differ (rows, hash of them): {counted}")


def _where_time_goes(slowest: dict[str, list[list[str | float]]]) -> str:
    lines = ["", "| | in sum, two at a time | slowest |", "|---|---|---|"]
    for how, title in (("full", "from the start"), ("day", "one more day")):
        sums = {
            name: sum(float(s) for _, kind, s in slowest[how] if (kind == "test") == is_test)
            for name, is_test in (("models and estimates", False), ("tests", True))
        }
        told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in sums.items())
        shown = ", ".join(f"`{name}` {seconds:.1f}" for name, _, seconds in slowest[how][:SHOWN])
        lines.append(f"| {title} | {told} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    """Measure one business and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.actions", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "saydo-bench")
    asked = parser.parse_args()
    scratch = asked.scratch.resolve()
    table, more = measure(
        scratch / "actions", scratch / "businesses", asked.runs, asked.customers, asked.months
    )
    print("\n".join([HEADER, *(comparison.row() for comparison in table), more]))


if __name__ == "__main__":
    main()
