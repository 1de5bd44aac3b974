"""The files of a release: one DuckDB file that older clients open, one Parquet file per table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from saydo.errors import ReleaseRefused
from saydo.release.content import (
    NOT_CONTENT,
    check_types,
    overall_hash,
    table_columns,
    table_hash,
    table_names,
    whole_hash,
)
from saydo.release.descriptions import NOTHING, Descriptions, described, parquet_metadata
from saydo.sql import literal, quoted

STORAGE_VERSION = "v1.2.0"  # the oldest client that may open a release
DATABASE = "marts.duckdb"
REGISTRY = ("intermediate", "int_identity_registered")
# Columns of the logs: the release that first told a row; null of this one's.
_TOLD_IN = ("release_id", "changed_in_release")


@dataclass(frozen=True)
class TableContent:
    """One published table.

    `content_hash` is of what it says (None: it is not content), `whole_hash` of every column.
    """

    row_count: int
    content_hash: str | None
    whole_hash: str
    columns: dict[str, str]
    told: Descriptions = NOTHING


def attach(
    connection: duckdb.DuckDBPyConnection, file: Path, alias: str, options: str = "read_only"
) -> None:
    """Attach a database file under `alias`."""
    connection.execute(f"attach {literal(file)} as {quoted(alias)} ({options})")


def survey(
    connection: duckdb.DuckDBPyConnection, catalog: str, schema: str
) -> dict[str, TableContent]:
    """Every table of a schema with its count, hashes and columns.

    Raises:
        ReleaseRefused: a column's type cannot be published.
    """
    tables = {}
    told = described(connection, catalog, schema)
    for name in table_names(connection, catalog, schema):
        columns = table_columns(connection, catalog, schema, name)
        check_types(name, columns)
        count = connection.execute(
            f"select count(*) from {quoted(catalog, schema, name)}"
        ).fetchall()[0][0]
        whole = digest = whole_hash(connection, catalog, schema, name, columns)
        if name in NOT_CONTENT:
            digest = table_hash(connection, catalog, schema, name, columns)
        tables[name] = TableContent(count, digest, whole, columns, told.get(name, NOTHING))
    return tables


def content_hash(tables: dict[str, TableContent]) -> str:
    """The hash of a whole release."""
    return overall_hash({name: table.content_hash for name, table in tables.items()})


def published_hashes(
    connection: duckdb.DuckDBPyConnection, catalog: str, tables: dict[str, TableContent]
) -> dict[str, str]:
    """Table to a hash of every column: all that is published of a candidate, its registry too.

    The content hash leaves out when things were done; readers are given that all the same.
    """
    hashes = {name: table.whole_hash for name, table in tables.items()}
    schema, registry = REGISTRY
    if registry in table_names(connection, catalog, schema):
        columns = table_columns(connection, catalog, schema, registry)
        hashes[f"{schema}.{registry}"] = whole_hash(connection, catalog, schema, registry, columns)
    return hashes


def write_database(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    tables: dict[str, TableContent],
    history: pa.Table,
    release_id: str,
) -> None:
    """Copy schema `marts` of the attached `candidate` into a new file, sorted, comments included.

    The candidate was built before this release was: `release_history` is written from `history`,
    and a row of a log that no release has told yet is given this one's id.
    The file is checkpointed and closed; no write-ahead log stays beside it.
    """
    with checkpointed(connection, file):
        for name in tables:
            source = quoted("candidate", "marts", name)
            target = quoted("released", name)
            rows = f"select * from {source}"
            for column in tables[name].columns.keys() & set(_TOLD_IN):
                told = f"coalesce({column}, {literal(release_id)})"
                rows = f"select * replace ({told} as {column}) from {source}"
            connection.execute(f"create table {target} as {rows} order by all")
            comment(connection, target, tables[name].told)
        if "release_history" in tables:
            _fill_history(connection, tables["release_history"], history)


@contextmanager
def checkpointed(connection: duckdb.DuckDBPyConnection, file: Path) -> Iterator[None]:
    """A new database `file` attached as `released`, checkpointed and closed at the end.

    Raises:
        ReleaseRefused: a write-ahead log is left, without which the file would be incomplete.
    """
    attach(connection, file, "released", f"storage_version '{STORAGE_VERSION}'")
    try:
        yield
        connection.execute("checkpoint released")
    finally:
        connection.execute("detach released")
    leftover = file.with_name(file.name + ".wal")
    if leftover.exists():
        raise ReleaseRefused(f"{leftover.name} is left beside {file.name}: it was not checkpointed")


def comment(connection: duckdb.DuckDBPyConnection, table: str, told: Descriptions) -> None:
    """Give a table (a quoted name) and its columns their descriptions."""
    if told.table:
        connection.execute(f"comment on table {table} is {literal(told.table)}")
    for column, text in told.columns.items():
        connection.execute(f"comment on column {table}.{quoted(column)} is {literal(text)}")


def _fill_history(
    connection: duckdb.DuckDBPyConnection, table: TableContent, history: pa.Table
) -> None:
    known = [name for name in table.columns if name in history.column_names]
    columns = ", ".join(quoted(name) for name in known)
    connection.register("history", history)
    connection.execute("delete from released.release_history")
    connection.execute(
        f"insert into released.release_history ({columns}) "
        f"select {columns} from history order by published_at"
    )
    connection.unregister("history")


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    folder: Path,
    tables: dict[str, TableContent],
) -> None:
    """One zstd Parquet file per table of the released database `file`, in `folder`."""
    attach(connection, file, "released")
    try:
        for name, table in tables.items():
            target = folder / f"{name}.parquet"
            copy_parquet(connection, quoted("released", name), table.told, target)
    finally:
        connection.execute("detach released")


def copy_parquet(
    connection: duckdb.DuckDBPyConnection, relation: str, told: Descriptions, target: Path
) -> None:
    """Write a relation (a quoted name) to a zstd Parquet file, its descriptions included.

    It stays a stream of the engine's: what is described is in the file's footer.
    """
    keys = parquet_metadata(connection, relation, told).items()
    metadata = ", ".join(f"{quoted(key)}: {literal(value)}" for key, value in keys)
    connection.execute(
        f"copy (from {relation}) to ? "
        f"(format parquet, compression zstd, kv_metadata {{{metadata}}})",
        [str(target)],
    )


def write_registry(connection: duckdb.DuckDBPyConnection, folder: Path) -> int | None:
    """The identity registry beside the marts, so that a restored release keeps its customer ids.

    Returns its row count, or None if the candidate has no registry.
    """
    schema, table = REGISTRY
    if table not in table_names(connection, "candidate", schema):
        return None
    relation = quoted("candidate", schema, table)
    check_types(table, table_columns(connection, "candidate", schema, table))
    connection.execute(
        f"copy (from {relation} order by all) to ? (format parquet, compression zstd)",
        [str(folder / "registry.parquet")],
    )
    return connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
