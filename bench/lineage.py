"""What lineage and documentation take of a run: OpenLineage events, the docs page, the data map.

`python -m bench.lineage` runs `saydo run` twice in one home and writes bench/LINEAGE.md. It tells
CPU seconds: the functions that do it are timed inside the run, since two whole runs differ by more
than they take.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from bench.harness import Command, Run, machine, run_once, verdict
from bench.homes import deliver_first, delivered, size_of
from saydo.settings import Settings

PROMISED_SHARE = 0.05
# Where a run finds the functions, by what they do.
PARTS = {
    "OpenLineage events of Airflow's tasks": (
        "airflow.providers.openlineage.plugins.listener:OpenLineageListener._execute",
    ),
    "OpenLineage events of feeds, models, releases and readers": (
        "saydo.lineage:record_lineage",
        "saydo.lineage:send_lineage",
    ),
    "documentation page": ("saydo.build.layers:write_docs",),
    "data map: what dbt declares, the table, the page": (
        "saydo.build.dbt:keep_project",
        "saydo.build.layers:fill_data_map",
        "saydo.report.writing:read_map",
        "saydo.report.writing:render_map",
    ),
}
# Every thread of the process counts, so a part that waits for one of its own has it all.
TIMED = """
import atexit, functools, importlib, json, sys, time
from pathlib import Path
home, out, parts = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
from saydo.airflow_home import configure
from saydo.settings import Settings
configure(Settings(home=home), "run.db")
spent = dict.fromkeys(parts, 0.0)
within = []

def timed(part, function):
    @functools.wraps(function)
    def call(*given, **named):
        if within:
            return function(*given, **named)  # what called it has it
        begun = time.process_time()
        within.append(part)
        try:
            return function(*given, **named)
        finally:
            within.clear()
            spent[part] += time.process_time() - begun
    return call

for part, places in parts.items():
    for place in places:
        module, _, path = place.partition(":")
        *owners, name = path.split(".")
        owner = functools.reduce(getattr, owners, importlib.import_module(module))
        setattr(owner, name, timed(part, getattr(owner, name)))
atexit.register(lambda: out.write_text(json.dumps(spent)))
from saydo.cli import app
app(["run", "--home", home])
"""


def measure(scratch: Path, customers: int, months: int) -> str:
    """Run twice, and tell what the parts took.

    Returns:
        the page, as Markdown.
    """
    settings = Settings(home=scratch / "home")
    landing = delivered(scratch / "businesses", customers, months)
    told = scratch / "spent.json"
    command = Command(
        [sys.executable, "-c", TIMED, str(settings.home), str(told), json.dumps(PARTS)]
    )
    shutil.rmtree(settings.home, ignore_errors=True)
    deliver_first(settings, landing)
    runs: dict[str, tuple[Run, dict[str, float]]] = {}
    for name in ("a home's first run", "again"):
        run = run_once(command)
        runs[name] = (run, json.loads(told.read_text()))
        print(f"{name}: {run.wall:.0f} s ({run.cpu:.0f}), {runs[name][1]}", flush=True)
    return _page(runs, customers, months)


def _page(runs: dict[str, tuple[Run, dict[str, float]]], customers: int, months: int) -> str:
    lines = [
        "# What lineage and documentation take of a run",
        "",
        f"Made by `python -m bench.lineage`: {customers:,} customers x {months} months, "
        "`saydo run` in a home that is new, and again in the same home. CPU seconds, one run each.",
        "",
        f"Machine: {machine()}.",
        "",
        "| | " + " | ".join(runs) + " |",
        "|---" * (len(runs) + 1) + "|",
        "| the whole run | " + " | ".join(f"{run.cpu:.1f}" for run, _ in runs.values()) + " |",
    ]
    for part in PARTS:
        lines.append(
            f"| {part} | " + " | ".join(f"{spent[part]:.2f}" for _, spent in runs.values()) + " |"
        )
    shares = [sum(spent.values()) / run.cpu for run, spent in runs.values()]
    lines.append("| together, of the run | " + " | ".join(f"{s:.1%}" for s in shares) + " |")
    lines += ["", f"Of a home's first run: {shares[0]:.1%} {verdict(shares[0], PROMISED_SHARE)}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "LINEAGE.md")
    asked = parser.parse_args()
    place = asked.scratch or Path(tempfile.gettempdir()) / "saydo-lineage"
    place = place / size_of(asked.customers, asked.months)
    place.mkdir(parents=True, exist_ok=True)
    text = measure(place, asked.customers, asked.months)
    asked.out.write_text(text)
    print(text)
