"""`python -m bench`: run the benchmark suite, print the table, keep it in bench/RESULTS.md.

Each part's last result is kept in the scratch folder, so that parts can be run one by one. How a
run grows takes hours and is apart: `python -m bench.scale`.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import (
    actions,
    build,
    chain,
    figures,
    identity,
    identity_truth,
    landing,
    linkage,
    overhead,
    sessions,
    whole_run,
)
from bench.harness import HEADER, Comparison, machine

HERE = Path(__file__).parent
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "apache-airflow", "pyarrow")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="interleaved turns of each part")
    parser.add_argument(
        "--only",
        nargs="*",
        metavar="PART",
        help="build, whole_run, actions, figures, chain, landing, linkage, overhead, "
        "identity, identity_truth, sessions; none: write again",
    )
    parser.add_argument("--note", default="", help="what a reader must know of these runs")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "saydo-bench")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--payers", type=int, default=1_000_000, help="customers of figures")
    parser.add_argument("--payer-months", type=int, default=36, help="their months")
    parser.add_argument("--chain-months", type=int, default=5_000_000, help="customer-months")
    parser.add_argument("--accounts", type=int, default=identity.ACCOUNTS)
    parser.add_argument("--chain", type=int, default=identity.CHAIN, help="accounts in a chain")
    parser.add_argument("--rows", type=int, default=landing.ROWS, help="of the landed CSV")
    parser.add_argument("--sessions", type=int, default=sessions.ROWS, help="rows of sessions")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    return parser.parse_args()


def _code_version() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True
    )
    return found.stdout.strip() or "unknown"


def _part(table: list[Comparison], more: str, runs: int, parted_at: datetime) -> str:
    done_at = datetime.now(UTC)
    lines = [
        f"{parted_at:%Y-%m-%d %H:%M} to {done_at:%H:%M} UTC, code {_code_version()}, "
        f"medians of {runs} interleaved runs."
        if runs > 1
        else "One run each, no median.",
        "",
        *((HEADER, *(comparison.row() for comparison in table)) if table else ()),
        more,
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the parts asked for, in order."""
    asked = _arguments()
    scratch: Path = asked.scratch.resolve()
    businesses = scratch / "businesses"  # landed once for the parts that build or run them
    parts: dict[str, Callable[[Path], tuple[list[Comparison], str]]] = {
        "build": lambda place: build.measure(
            place, businesses, asked.runs, asked.customers, asked.months
        ),
        "whole_run": lambda place: whole_run.measure(
            place, businesses, asked.runs, asked.customers, asked.months
        ),
        "actions": lambda place: actions.measure(
            place, businesses, asked.runs, asked.customers, asked.months
        ),
        "figures": lambda place: (
            figures.measure(place, asked.runs, asked.payers, asked.payer_months),
            "",
        ),
        "chain": lambda place: chain.measure(place, asked.runs, asked.chain_months),
        "landing": lambda place: (landing.measure(place, asked.runs, asked.rows), ""),
        "linkage": lambda place: ([], linkage.measure(place, asked.customers, asked.months)),
        "overhead": lambda place: overhead.measure(place, asked.runs),
        "identity": lambda place: identity.measure(place, asked.runs, asked.accounts, asked.chain),
        "identity_truth": lambda place: identity_truth.measure(place, asked.customers),
        "sessions": lambda place: (sessions.measure(place, asked.runs, asked.sessions), ""),
    }
    for name, measure in parts.items():
        if asked.only is not None and name not in asked.only:
            continue
        place = scratch / name
        place.mkdir(parents=True, exist_ok=True)
        began = datetime.now(UTC)
        text = _part(*measure(place), asked.runs, began)
        (scratch / f"{name}.md").write_text(text)
        print(text, flush=True)
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    head = [
        "# Results of the benchmark suite",
        "",
        "Made by `make bench`. Each figure is the median over interleaved runs of whole processes, "
        "wall seconds with CPU seconds in brackets; a ratio is the median of the turns' ratios.",
        "",
        f"Machine: {machine()}. Packages: {packages}.",
        *(["", asked.note] if asked.note else []),
    ]
    sections = [
        f"\n## {name}\n\n{file.read_text()}"
        for name in parts
        if (file := scratch / f"{name}.md").exists()
    ]
    asked.out.write_text("\n".join(head) + "\n" + "".join(sections))


if __name__ == "__main__":
    main()
