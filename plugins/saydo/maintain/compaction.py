"""Giving back the room that daily work leaves behind."""

from __future__ import annotations

import logging
import shutil

import duckdb

from saydo.durable import replace_with, temporary
from saydo.engine import open_database
from saydo.errors import SaydoError
from saydo.home_lock import hold_home
from saydo.maintain.leftovers import remove_leftovers
from saydo.release.database import STORAGE_VERSION, attach
from saydo.settings import Settings
from saydo.sql import quoted

log = logging.getLogger(__name__)

WORTHWHILE_RATIO = 0.25  # below this, copying the file costs more than it gives back


def compact(settings: Settings) -> dict[str, int]:
    """Copy the candidate warehouse without what holds nothing, and remove leftovers of killed runs.

    And Spark's tables, where DuckDB has built the candidate since: no build goes on from them.

    DuckDB reuses the blocks of dropped tables and never gives them back; rows that a build deleted
    stay where they are (profiles.yml). Raw batches are not merged: a batch is one delivered file,
    and that identity is what makes landing idempotent, snapshots replaceable and erasure exact. A
    compacted candidate says what it said: its audit holds.

    Returns:
        leftover_count, warehouse_bytes_before and warehouse_bytes_after (0: no warehouse).

    Raises:
        SaydoError: the candidate is being built.
        HomeBusy: somebody else changes the home.
    """
    with hold_home(settings, "compaction"):
        leftovers = remove_leftovers(settings)
        before = _size(settings)
        if before and _wasted_ratio(settings) >= WORTHWHILE_RATIO:
            _copy_warehouse(settings)
        if settings.spark_tables.exists() and not _is_made_of_spark(settings):
            shutil.rmtree(settings.spark_tables)
            leftovers += 1
    outcome = {
        "leftover_count": leftovers,
        "warehouse_bytes_before": before,
        "warehouse_bytes_after": _size(settings),
    }
    log.info("compaction: %s", outcome)
    return outcome


def _size(settings: Settings) -> int:
    return settings.warehouse.stat().st_size if settings.warehouse.exists() else 0


def _is_made_of_spark(settings: Settings) -> bool:
    """Whether the candidate has views over what Spark keeps (`saydo.build.spark_tables`)."""
    if not settings.warehouse.exists():
        return False
    place = f"{settings.home.name}/{settings.spark_tables.name}/"
    with open_database(settings, settings.warehouse, read_only=True) as connection:
        found = connection.execute(
            "select count(*) from duckdb_views() where contains(sql, ?)", [place]
        ).fetchone()
    return bool(found and found[0])


def _wasted_ratio(settings: Settings) -> float:
    """Share of the file that holds nothing: free blocks, and deleted rows in the others.

    Opens for writing, so that nobody else does.
    """
    try:
        with open_database(settings, settings.warehouse) as connection:
            connection.execute("checkpoint")
            total, free = connection.execute(
                "select total_blocks, free_blocks from pragma_database_size()"
            ).fetchall()[0]
            deleted = _deleted_ratio(connection)
    except duckdb.IOException as error:
        raise SaydoError(
            f"{settings.warehouse.name} is being built; compact when the build has ended"
        ) from error
    return 1 - (1 - free / total) * (1 - deleted) if total else 0.0


def _deleted_ratio(connection: duckdb.DuckDBPyConnection) -> float:
    """Share of the stored cells that no reader sees any more."""
    stored = seen = 0
    for schema, table, columns in connection.execute(
        "select schema_name, table_name, column_count from duckdb_tables()"
    ).fetchall():
        name = quoted(schema, table)
        # A column's segments hold the rows that are stored, deleted ones too; a scan counts those
        # that are still seen.
        kept, counted = connection.execute(
            f"select coalesce(sum(count), 0), (select count(*) from {name}) "
            "from pragma_storage_info(?) where column_id = 0 and segment_type <> 'VALIDITY'",
            [name],
        ).fetchall()[0]
        stored += columns * kept
        seen += columns * counted
    return 1 - seen / stored if stored else 0.0


def _copy_warehouse(settings: Settings) -> None:
    beside = temporary(settings.warehouse)
    with open_database(settings) as connection:
        attach(connection, settings.warehouse, "old")
        attach(connection, beside, "compacted", f"storage_version '{STORAGE_VERSION}'")
        connection.execute("copy from database old to compacted")
        connection.execute("checkpoint compacted")
    replace_with(beside, settings.warehouse)
