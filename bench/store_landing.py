"""Landing what lies in a bucket beside landing what lies on the disk: whole processes, in turn."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bench.harness import Command, Comparison, apart, interleave
from bench.landing import FEEDS, KEY, generate

PROMISED = 1.5
FILES = 5
_COLLECT = """
import os
from saydo.collect import Access, collect_pipeline
from saydo.landing import land_feed
from saydo.settings import Settings
at = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"], "region_name": "us-east-1"}
access = Access("bench", "aws", login="bench", password="bench", extra=at)
collect_pipeline(Settings(), "deliveries", lambda name: access)
land_feed(Settings(), "ledger")
"""
_LAND = """
from saydo.landing import land_feed
from saydo.settings import Settings
land_feed(Settings(), "ledger")
"""
_PIPELINES = """
pipelines:
  - name: deliveries
    connection: bench
    landing: .
    folder: {{url: "s3://{bucket}/landing"}}
"""


def measure(scratch: Path, bucket: str, rows: int, runs: int) -> Comparison:
    """Land CSV files of so many rows in a fresh home each time, from both places in turn.

    Args:
        scratch: a folder of its own.
        bucket: of the store in the environment.
        rows: of all files together.
        runs: turns.

    Raises:
        AssertionError: they landed other rows.
    """
    import obstore
    from obstore.store import from_url

    delivered = scratch / "delivered"
    apart(deliver, delivered, rows)
    for file in delivered.iterdir():
        obstore.put(from_url(f"s3://{bucket}"), f"landing/{file.name}", file)
    (scratch / "feeds.yml").write_text(FEEDS)
    (scratch / "collect.yml").write_text(_PIPELINES.format(bucket=bucket))
    homes = {name: scratch / name for name in ("bucket", "disk")}
    environment = {
        "SAYDO_FEEDS_FILE": str(scratch / "feeds.yml"),
        "SAYDO_COLLECT_FILE": str(scratch / "collect.yml"),
        **KEY,
    }

    def fresh(name: str) -> None:
        shutil.rmtree(homes[name], ignore_errors=True)
        (homes[name] / "landing").mkdir(parents=True)
        if name == "disk":
            for file in delivered.iterdir():
                (homes[name] / "landing" / file.name).hardlink_to(file)

    scripts = {"bucket": _COLLECT, "disk": _LAND}
    timed = interleave(
        {
            name: Command(
                [sys.executable, "-c", script],
                {"SAYDO_HOME": str(homes[name]), **environment},
                reset=lambda name=name: fresh(name),
                verify=lambda name=name: apart(assert_landed, homes[name], rows),
            )
            for name, script in scripts.items()
        },
        runs,
    )
    return Comparison(
        f"landing {FILES} CSV files, {rows:,} rows, from a bucket", timed["bucket"], timed["disk"],
        PROMISED, "the same files in landing/",
    )  # fmt: skip


def deliver(folder: Path, rows: int) -> None:
    """Write so many rows as several files: none is the content of another."""
    whole = folder / "whole.csv"
    generate(whole, rows)
    head, *lines = whole.read_text().splitlines(keepends=True)
    whole.unlink()
    for number in range(FILES):
        (folder / f"ledger_{number}.csv").write_text("".join([head, *lines[number::FILES]]))


def assert_landed(home: Path, rows: int) -> None:
    """Hold what was landed against what was delivered.

    Raises:
        AssertionError: there are more rows, or fewer.
    """
    import duckdb

    files = f"{home}/raw/transactions/batch=ledger-*/month=*/data.parquet"
    found = duckdb.execute("select count(*) from read_parquet(?)", [files]).fetchone()
    if found != (rows,):
        raise AssertionError(f"{home.name}: {found} of {rows} rows were landed")
