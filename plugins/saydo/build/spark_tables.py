"""What Spark built, in the candidate, where estimates, gates and releases read it.

Spark keeps each table as Parquet at a place of its own. The candidate gets a view of it, and of
what is published a copy with its descriptions, so that the audited candidate is one file.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from saydo.engine import open_database
from saydo.errors import SaydoError
from saydo.release.database import REGISTRY
from saydo.settings import Settings
from saydo.sql import literal, quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

MANAGED = "managed"  # tables that have no place of their own: what is written beside a model
_PARTS = 4  # of the memory: what Java, which lives on, leaves (spark_session)
_PUBLISHED = "marts"
_COLUMNS = "__columns"  # macros/engine/materializations_spark.sql


def bring_over(settings: Settings, results: list[Any]) -> None:
    """Bring the tables of dbt's results into the candidate. Views stay with Spark.

    Args:
        settings: the home, with Spark's tables and the candidate.
        results: dbt's results of one command.

    Raises:
        SaydoError: a table that dbt says it built is not whole.
    """
    nodes = [result.node for result in results if _is_table(result)]
    if not nodes:
        return
    with open_database(settings, settings.warehouse, beside=_PARTS) as connection:
        for node in nodes:
            _bring(connection, settings, node)
        connection.execute("checkpoint")


def remove_unnamed(settings: Settings, session: SparkSession) -> None:
    """Remove what a killed application wrote and the catalog does not name.

    Spark refuses to make a table at a place of its own where there is one already.
    """
    for place in sorted((settings.spark_tables / MANAGED).glob("*.db/*")):
        if not session.catalog.tableExists(f"{place.parent.stem}.{place.name}"):
            log.info("removing what a stopped application left: %s", place)
            shutil.rmtree(place)


def _is_table(result: Any) -> bool:
    node = result.node
    return (
        str(node.resource_type) in ("model", "seed")
        and str(result.status) == "success"
        and node.config.materialized != "view"
    )


def _bring(connection: duckdb.DuckDBPyConnection, settings: Settings, node: Any) -> None:
    place = settings.spark_tables / node.schema / node.alias
    partition = (node.config.get("partition_by") or [None])[0]
    # An overwrite of months leaves no mark that it ended; a table that is written whole does.
    if partition is None and not (place / "_SUCCESS").is_file():
        raise SaydoError(
            f"{node.schema}.{node.alias} is not whole in {place}: the application that wrote it "
            "was stopped. Run this again with a full refresh; the last release keeps serving"
        )
    target = quoted(node.schema, node.alias)
    connection.execute(f"create schema if not exists {quoted(node.schema)}")
    _drop(connection, node.schema, node.alias)
    rows = f"select * from {_files(place, partition)}"
    if node.schema == _PUBLISHED or (node.schema, node.alias) == REGISTRY:
        connection.execute(f"create table {target} as {rows}")
        _describe(connection, target, node)
    else:
        connection.execute(f"create view {target} as {rows}")


def _files(place: Path, partition: str | None) -> str:
    if partition is None:
        return f"read_parquet({literal(place / '*.parquet')}, hive_partitioning = false)"
    if next(place.glob("*/*.parquet"), None) is None:  # no month, no file: its columns lie beside
        return f"read_parquet({literal(place.with_name(place.name + _COLUMNS) / '*.parquet')})"
    kind = "date" if partition.endswith("_date") else "varchar"
    return (
        f"read_parquet({literal(place / '*' / '*.parquet')}, hive_partitioning = true, "
        f"hive_types = {{{literal(partition)}: {kind}}})"
    )


def _drop(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
    found = connection.execute(
        "select table_type from information_schema.tables "
        "where table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchone()
    if found:
        kind = "view" if found[0] == "VIEW" else "table"
        connection.execute(f"drop {kind} {quoted(schema, name)}")


def _describe(connection: duckdb.DuckDBPyConnection, target: str, node: Any) -> None:
    """The descriptions that dbt leaves with a table of DuckDB."""
    if not node.config.persist_docs:
        return
    connection.execute(f"comment on table {target} is {literal(node.description)}")
    for name, column in node.columns.items():
        if column.description:
            connection.execute(
                f"comment on column {target}.{quoted(name)} is {literal(column.description)}"
            )
