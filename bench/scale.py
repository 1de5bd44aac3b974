"""How a run grows with the business: `python -m bench.scale --customers 10000 --engine duckdb`.

Each step is a process of its own. Everything but the last day is landed, built fully, audited and
published; then that day is delivered, built, audited and published. Points are kept in
bench/scale_points.json; bench/SCALE.md is written from all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.harness import apart, machine
from bench.homes import delivered, hold_back, share, size_of
from bench.scale_page import KEY, is_finished, page
from bench.watching import size_mb, watch
from saydo.build import LAYERS, resolve_as_of
from saydo.build.layers import layer_report
from saydo.contract import PLUMBING, SOURCES, landed_columns
from saydo.landing import read_ledger
from saydo.settings import Settings

HERE = Path(__file__).parent
POINTS = HERE / "scale_points.json"
PAGE = HERE / "SCALE.md"
SHOWN = 8  # of the slowest models

Point = dict[str, Any]


def main() -> None:
    """Measure the sizes asked for, one after another, and write the page again."""
    asked = _arguments()
    for customers in asked.customers:
        _measure(asked, customers)
    PAGE.write_text(page(read_points()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="*", default=[], help="none: write again")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb")
    parser.add_argument("--memory-limit", default="8GB")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "saydo-bench")
    parser.add_argument("--keep", action="store_true", help="leave the homes where they are")
    return parser.parse_args()


def read_points() -> list[Point]:
    """What was measured so far."""
    return json.loads(POINTS.read_text()) if POINTS.exists() else []


def _keep(point: Point) -> None:
    """Keep a point, which is unfinished until its last step, in place of the one like it."""
    others = [p for p in read_points() if any(p[key] != point[key] for key in KEY)]
    kept = sorted([*others, point], key=lambda p: [p[key] for key in KEY])
    POINTS.write_text(json.dumps(kept, indent=1) + "\n")


def _measure(asked: argparse.Namespace, customers: int) -> None:
    """Measure a size; one that was broken off goes on at the first step that is missing."""
    size = size_of(customers, asked.months)
    scratch = asked.scratch.resolve() / f"scale-{asked.engine}-{size}-{asked.memory_limit}"
    landed, home, day = (Settings(home=scratch / name) for name in ("landed", "home", "day"))
    point = _begun(asked, customers) if scratch.exists() else None
    if point is None:
        landing = apart(delivered, asked.scratch / "businesses", customers, asked.months)
        shutil.rmtree(scratch, ignore_errors=True)
        share(landing, landed.landing)
        point = _new(asked, customers) | {"disk_mb": {"delivered": size_mb(landed.landing)}}
    env = {
        "SAYDO_ENGINE": asked.engine,
        "SAYDO_MEMORY_LIMIT": asked.memory_limit,
        "SAYDO_THREADS": str(asked.threads),
    }

    def step(name: str, settings: Settings, as_of: date | None = None, label: str = "") -> bool:
        """Do and keep a step; False: it was done before."""
        if (label or name) in point["steps"]:
            return False
        command = [sys.executable, "-m", "bench.steps", name]
        done = watch(
            [*command, as_of.isoformat()] if as_of else command,
            env | {"SAYDO_HOME": str(settings.home)},
            settings.home / "tmp",
        )
        # Engines print, too, and some of them last.
        printed = [line for line in done.output.splitlines() if line.startswith("{")]
        told = vars(done) | {"output": json.loads(printed[-1]) if printed else None}
        point["steps"][label or name] = told
        if name == "land":
            point["rows"] = _rows(landed)
        if name in ("full", "day"):
            point["slowest"][name] = _slowest(home)
        point["disk_mb"] |= {
            "raw": size_mb(landed.raw), "warehouse": size_mb(home.warehouse),
            "spark": size_mb(home.home / "spark"),
            "release": size_mb((home.published / "current").resolve()),
        }  # fmt: skip
        print(size, label or name, told, flush=True)
        _keep(point)
        return True

    step("land", landed)
    step("check_sources", landed)
    last = resolve_as_of(landed, None)
    before = last - timedelta(days=1)
    if "full" not in point["steps"]:
        apart(hold_back, landed, home.home, day.home)
    step("full", home, before)
    step("gate_marts", home)
    step("publish", home, before)
    step("report", home)
    if "day" not in point["steps"]:
        point["disk_mb"]["warehouse before the day"] = point["disk_mb"]["warehouse"]
        for source in day.raw.iterdir():
            target = home.raw / source.name
            shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)
    point["day_rows"] = {name: each["loaded"] for name, each in _rows(day).items()}
    step("day", home, last)
    step("gate_marts", home, label="gate_marts, day")
    step("publish", home, last, label="publish, day")
    if not asked.keep:
        shutil.rmtree(scratch)


def _link(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    os.link(source, target)


def _new(asked: argparse.Namespace, customers: int) -> Point:
    return {
        "engine": asked.engine, "customers": customers, "months": asked.months,
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "machine": machine(),
        "memory_limit": asked.memory_limit, "threads": asked.threads,
        "disk_mb": {}, "rows": {}, "steps": {}, "slowest": {},
    }  # fmt: skip


def _begun(asked: argparse.Namespace, customers: int) -> Point | None:
    """The point of these arguments, if it was begun and not finished."""
    wanted = (asked.engine, customers, asked.months, asked.memory_limit)
    for point in read_points():
        if tuple(point[key] for key in KEY) == wanted and not is_finished(point):
            return point
    return None


def _rows(settings: Settings) -> dict[str, dict[str, Any]]:
    """Of each source what was delivered and loaded, its files, their bytes and its columns."""
    measures = tuple(measure.name for measure in settings.feeds.all_measures)
    found: dict[str, dict[str, Any]] = {}
    for batch in read_ledger(settings):
        columns = landed_columns(SOURCES[batch.source], measures)
        counts = found.setdefault(
            batch.source,
            {"feed": batch.feed, "format": "".join(Path(batch.file_name).suffixes)[1:],
             "delivered": 0, "loaded": 0, "files": 0, "bytes": 0,
             "columns": len(columns) - len(PLUMBING)},
        )  # fmt: skip
        counts["delivered"] += batch.delivered_count
        counts["loaded"] += batch.loaded_count
        counts["files"] += 1
        counts["bytes"] += batch.file_size
    return found


def _slowest(settings: Settings) -> list[list[Any]]:
    reports = [layer_report(settings, layer) for layer in LAYERS]
    nodes = [node for report in reports if report for node in report["nodes"]]
    nodes.sort(key=lambda node: -node["seconds"])
    return [[node["name"], node["kind"], node["seconds"], node["rows"]] for node in nodes[:SHOWN]]


if __name__ == "__main__":
    main()
