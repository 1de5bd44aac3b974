"""Collects the table with dlt's own run: `collecting_dlt.py OUT`.

As fast as dlt goes with its own state: Arrow batches of the same size, its own columns off as by
default for Arrow, so that what was extracted is passed on without being written again.
"""

from __future__ import annotations

import os
import sys

import dlt
from dlt.sources.sql_database import sql_table

if __name__ == "__main__":
    (out,) = sys.argv[1:]
    address = os.environ["SAYDO_BENCH_POSTGRES"].replace("postgresql:", "postgresql+psycopg:", 1)
    pipeline = dlt.pipeline(
        "collecting",
        pipelines_dir=f"{out}/pipeline",
        destination=dlt.destinations.filesystem(f"{out}/collected"),
        dataset_name="raw",
    )
    table = sql_table(
        credentials=address,
        table="bench_charges",
        incremental=dlt.sources.incremental("updated_at"),
        chunk_size=50_000,
        backend="pyarrow",
    )
    pipeline.run(table, loader_file_format="parquet")
