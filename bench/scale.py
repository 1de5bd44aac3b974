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
from bench.homes import hold_back, share, size_of
from bench.scale_page import KEY, page
from bench.watching import size_mb, watch
from saydo.build import LAYERS
from saydo.build.layers import layer_report
from saydo.contract import SOURCES
from saydo.landing import read_ledger
from saydo.settings import Settings
from saydo.simulate import simulate

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
    size = size_of(customers, asked.months)
    landing = asked.scratch / "businesses" / size / "landing"
    if not landing.exists():
        apart(simulate, landing, customers, asked.months, 1)
    scratch = asked.scratch.resolve() / f"scale-{asked.engine}-{size}"
    shutil.rmtree(scratch, ignore_errors=True)
    landed, home, day = (Settings(home=scratch / name) for name in ("landed", "home", "day"))
    share(landing, landed.landing)
    env = {
        "SAYDO_ENGINE": asked.engine,
        "SAYDO_MEMORY_LIMIT": asked.memory_limit,
        "SAYDO_THREADS": str(asked.threads),
    }
    point: Point = {
        "engine": asked.engine, "customers": customers, "months": asked.months,
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "machine": machine(),
        "memory_limit": asked.memory_limit, "threads": asked.threads,
        "disk_mb": {"delivered": size_mb(landed.landing)}, "rows": {}, "steps": {}, "slowest": {},
    }  # fmt: skip

    def step(name: str, settings: Settings, as_of: date | None = None, label: str = "") -> None:
        command = [sys.executable, "-m", "bench.steps", name]
        done = watch(
            [*command, as_of.isoformat()] if as_of else command,
            env | {"SAYDO_HOME": str(settings.home)},
            settings.home / "tmp",
        )
        printed = done.output.strip().splitlines()[-1]
        told = vars(done) | {"output": json.loads(printed) if printed[:1] in "{" else None}
        point["steps"][label or name] = told
        print(size, label or name, told, flush=True)
        _keep(point)

    step("land", landed)
    step("check_sources", landed)
    point["rows"] = _rows(landed)
    point["disk_mb"]["raw"] = size_mb(landed.raw)
    last = apart(hold_back, landed, home.home, day.home)
    before = last - timedelta(days=1)
    step("full", home, before)
    point["slowest"]["full"] = _slowest(home)
    point["disk_mb"]["warehouse"] = size_mb(home.warehouse)
    step("gate_marts", home)
    step("publish", home, before)
    step("report", home)
    point["disk_mb"]["release"] = size_mb((home.published / "current").resolve())
    for source in (day.raw).iterdir():
        shutil.copytree(source, home.raw / source.name, copy_function=os.link, dirs_exist_ok=True)
    point["day_rows"] = {
        name: rows["loaded"] for name, rows in _rows(Settings(home=day.home)).items()
    }
    step("day", home, last)
    point["slowest"]["day"] = _slowest(home)
    point["disk_mb"]["warehouse after the day"] = size_mb(home.warehouse)
    point["disk_mb"]["spark"] = size_mb(home.home / "spark")
    step("gate_marts", home, label="gate_marts, day")
    step("publish", home, last, label="publish, day")
    _keep(point)
    if not asked.keep:
        shutil.rmtree(scratch)


def _rows(settings: Settings) -> dict[str, dict[str, int]]:
    """Of each source what was delivered and loaded, its files, their bytes and its columns."""
    found: dict[str, dict[str, int]] = {}
    for batch in read_ledger(settings):
        counts = found.setdefault(
            batch.source,
            {"delivered": 0, "loaded": 0, "files": 0, "bytes": 0,
             "columns": len(SOURCES[batch.source].columns)},
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
