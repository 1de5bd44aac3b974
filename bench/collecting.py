"""What collecting a table of PostgreSQL costs, against dlt's own run of the same pipeline.

`SAYDO_BENCH_POSTGRES=postgresql://… python -m bench.collecting` fills a table of that database,
takes turns, and writes bench/COLLECTING.md. Both read by the same cursor, from nothing; dlt loads
Parquet files into a folder, and both are found to have the same rows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psycopg

from bench.harness import HEADER, Command, Comparison, apart, interleave, machine
from saydo.sql import literal

HERE = Path(__file__).parent
ADDRESS = "SAYDO_BENCH_POSTGRES"
PROMISED = 2.0
COLLECT = """
import os
from urllib.parse import unquote, urlsplit
from saydo.collect import Access, collect_pipeline
from saydo.settings import Settings
at = urlsplit(os.environ["SAYDO_BENCH_POSTGRES"])
access = Access("bench", "postgres", at.hostname or "", at.port, unquote(at.username or ""),
                unquote(at.password or ""), at.path[1:])
print(collect_pipeline(Settings(), "bench", lambda name: access))
"""
PIPELINES = """
pipelines:
  - name: bench
    connection: bench
    tables: [{name: bench_charges, cursor: {column: updated_at}}]
"""


def fill(address: str, rows: int) -> None:
    """Make the table of `rows` charges, one a second."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("drop table if exists bench_charges")
        connection.execute(
            "create table bench_charges as select g as charge_id, "
            "'A' || lpad((g % 100000)::text, 8, '0') as account_no, "
            "timestamptz '2025-01-01' + g * interval '1 second' as updated_at, "
            "(g % 10000)::numeric(18, 2) / 100 as amount, 'P' || g % 20 as product, "
            f"'EUR' as currency from generate_series(1, {rows:d}) as g"
        )
        connection.execute("alter table bench_charges alter amount type numeric(18, 2)")


def assert_same(ours: Path, theirs: Path, rows: int) -> None:
    """Compare both deliveries: how many rows, and all of them by their hashes.

    Raises:
        AssertionError: they differ.
    """
    found = []
    for place in (ours, theirs):
        columns = "charge_id, account_no, updated_at, amount, product, currency"
        files = literal(f"{place}/**/*.parquet")
        read = f"select {columns} from read_parquet({files})"
        query = f"select count(*), bit_xor(hash(landed)) from ({read}) as landed"
        found.append(duckdb.sql(query).fetchone())
    if found[0] != found[1] or not found[0] or found[0][0] != rows:
        raise AssertionError(f"Saydo and dlt collected other rows: {found}")


def measure(scratch: Path, runs: int, rows: int, warm_ups: int) -> Comparison:
    """Collect the table into a fresh home each time, in turn with dlt's own run."""
    home, theirs = scratch / "home", scratch / "dlt"
    (scratch / "collect.yml").write_text(PIPELINES)
    ours = {"SAYDO_HOME": str(home), "SAYDO_COLLECT_FILE": str(scratch / "collect.yml")}
    timed = interleave(
        {
            "saydo collect": Command(
                [sys.executable, "-c", COLLECT],
                ours,
                reset=lambda: shutil.rmtree(home, ignore_errors=True),
            ),
            "dlt": Command(
                [sys.executable, str(HERE / "collecting_dlt.py"), str(theirs)],
                {"RUNTIME__DLTHUB_TELEMETRY": "false"},
                reset=lambda: shutil.rmtree(theirs, ignore_errors=True),
                verify=lambda: apart(
                    assert_same, home / "landing", theirs / "collected/raw/bench_charges", rows
                ),
            ),
        },
        runs,
        warm_ups,
    )
    return Comparison(
        f"collecting {rows:,} rows from PostgreSQL",
        timed["saydo collect"],
        timed["dlt"],
        PROMISED,
        "dlt's own run: the same table, cursor and Arrow backend, Parquet files in a folder",
    )


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--warm-ups", type=int, default=1)
    parser.add_argument("--note", default="", help="what a reader must know of these runs")
    parser.add_argument("--out", type=Path, default=HERE / "COLLECTING.md")
    given = parser.parse_args()
    address = os.environ.get(ADDRESS)
    if not address:
        parser.error(f"set {ADDRESS} to a database in which a table may be made")
    fill(address, given.rows)
    scratch = Path(tempfile.mkdtemp(prefix="saydo-bench-"))
    try:
        comparison = measure(scratch, given.runs, given.rows, given.warm_ups)
    finally:
        shutil.rmtree(scratch)
    lines = [
        "# What collecting costs",
        "",
        "Made by `python -m bench.collecting`: whole processes, in turn, wall seconds with CPU "
        "seconds in brackets; a ratio is the median of the turns' ratios.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}. Machine: {machine()}.",
        *(["", given.note] if given.note else []),
        "",
        HEADER,
        comparison.row(),
    ]
    given.out.write_text("\n".join(lines) + "\n")
    print(comparison.row())


if __name__ == "__main__":
    main()
