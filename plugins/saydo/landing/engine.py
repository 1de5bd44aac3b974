"""The embedded engine as landing uses it: locked to the files it may touch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from saydo.engine import open_database
from saydo.settings import Settings
from saydo.sql import literal


def enum_sql(values: Iterable[str]) -> str:
    """The engine type of a column that holds `values` only: a number a row, in memory and file."""
    return f"enum({', '.join(literal(value) for value in values)})"


def connect(
    settings: Settings, folders: Sequence[Path] = (), files: Sequence[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """An in-memory database that can open nothing but `files` and what lies below `folders`.

    The lock is what makes a feed's SQL expression harmless: it cannot read another file, load an
    extension or reach the network, and what is locked cannot be unlocked. Rows keep the order of
    the file (their line number is made from it); times are read in UTC.
    """
    connection = open_database(
        settings,
        beside=settings.parallel_tasks,
        autoinstall_known_extensions=False,
        preserve_insertion_order=True,
        # Memory that one statement frees is what the next needs: it is not given back between.
        allocator_flush_threshold="4GB",
        allocator_bulk_deallocation_flush_threshold="4GB",
    )
    connection.execute("set enable_progress_bar = false")
    # It takes a cast that an expression makes twice out of the net that `try` is.
    connection.execute("set disabled_optimizers = 'common_subexpressions'")
    connection.execute("set TimeZone = 'UTC'")
    allowed = ", ".join(literal(str(folder.resolve()) + "/") for folder in folders)
    connection.execute(f"set allowed_directories = [{allowed}]")
    single = ", ".join(literal(str(file)) for file in files)
    connection.execute(f"set allowed_paths = [{single}]")
    # An amount can lose its sign as it is delivered, be it text or number: what lands is decimal.
    connection.execute("create macro abs(x) as system.main.abs(cast(x as decimal(38,10)))")
    connection.execute("set enable_external_access = false")
    return connection
