"""Clusters the same links with Splink: `python -m bench.identity_peer LINKS OUT SECONDS`.

LINKS is a DuckDB file with `nodes` (unique_id) and `edges` (unique_id_l, unique_id_r); OUT is one
with Splink's `clusters`. SECONDS takes what clustering alone took, without imports and reading.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold

from saydo.settings import Settings

if __name__ == "__main__":
    links, out, seconds = sys.argv[1:]
    settings = Settings()
    config = {"threads": settings.threads, "memory_limit": settings.memory_limit}
    with duckdb.connect(out, config=config) as connection:
        connection.execute(f"attach '{links}' as links (read_only)")
        for table in ("nodes", "edges"):
            connection.execute(f"create table {table} as select * from links.{table}")
        begun = time.perf_counter()
        clusters = cluster_pairwise_predictions_at_threshold(
            connection.table("nodes"),
            connection.table("edges"),
            db_api=DuckDBAPI(connection=connection),
            node_id_column_name="unique_id",
        )
        connection.execute(f"create table clusters as select * from {clusters.physical_name}")
        Path(seconds).write_text(str(time.perf_counter() - begun))
