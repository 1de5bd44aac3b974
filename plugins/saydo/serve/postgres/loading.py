"""A release as a schema of its own, loaded in one transaction: whole, or not there."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from saydo.errors import ConfigError, ReleaseRefused, SaydoError
from saydo.release.database import DATABASE, attach
from saydo.serve.postgres.connecting import telling
from saydo.serve.postgres.shape import Column, Table, released_tables
from saydo.sql import literal, quoted

log = logging.getLogger(__name__)

# One row that says which release this is, written with the rest: a schema that has it is ours.
SAYS_WHICH = "_release"
# As readers see it, among the views.
WHICH = Table(
    "served_release",
    (
        Column("release_id", "text", "The release that every view of this schema shows."),
        Column("as_of_date", "date", "The last day that it knows of."),
        Column("published_at", "timestamp without time zone", "When it was published, UTC."),
        Column("content_hash", "text", "Hash of what it says, as in its manifest."),
    ),
    "One row: the release that every view of this schema shows.",
)
_CHUNK = 1 << 18
_WORTH_TELLING = 1_000_000  # rows of a table, from which on a log line tells how far it is


def schema_name(manifest: dict[str, Any]) -> str:
    """The schema of a release: another one once persons were erased from it."""
    name = "release_" + manifest["release_id"].replace("-", "_")
    erasures = len(manifest["erasures"])
    return f"{name}_e{erasures}" if erasures else name


def open_release(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Table]:
    """Attach a release as `release`, with what writes rows as PostgreSQL reads them; its tables.

    Raises:
        ConfigError: the engine's extension for PostgreSQL is not installed for this version of it.
        ReleaseRefused: a column that PostgreSQL has no type for.
    """
    version = f"v{duckdb.__version__}"
    name = "postgres_scanner"
    folders = resources.files(f"duckdb_extension_{name}") / "extensions"
    extension = Path(str(folders / version / f"{name}.duckdb_extension"))
    if not extension.is_file():
        raise ConfigError(
            f"duckdb-extension-postgres-scanner has nothing for DuckDB {version}: install the "
            "version of it that requirements.lock names"
        )
    # From its wheel: nothing is downloaded, and nothing written to a folder of the user's.
    connection.execute(f"load {literal(extension)}")
    connection.execute("set enable_progress_bar = false")  # it draws over what the caller prints
    attach(connection, folder / DATABASE, "release")
    return released_tables(connection, "release")


def load(
    server: psycopg.Connection[tuple[Any, ...]],
    connection: duckdb.DuckDBPyConnection,
    tables: list[Table],
    manifest: dict[str, Any],
    reader: str,
) -> int:
    """Load the attached release into a new schema, and tell its rows.

    Rows, keys, indexes, descriptions, rights and statistics come in one transaction, so that a kill
    at any moment leaves nothing behind. The tables are written frozen: no vacuum has to read them
    again, and a reader whose snapshot is older than the load sees them in full.

    Raises:
        ReleaseRefused: a text that PostgreSQL cannot hold.
        SaydoError: the server could not, or took other rows than the release has.
    """
    schema = schema_name(manifest)
    count = 0
    with telling(f"loading {manifest['release_id']}"), server.transaction():
        server.execute(f"create schema {quoted(schema)}")
        for table in tables:
            begun = time.monotonic()
            _create(server, schema, table)
            rows = _copy(server, connection, schema, table)
            count += rows
            _finish(server, schema, table)
            if rows >= _WORTH_TELLING:
                seconds = time.monotonic() - begun
                log.info("loaded %s: %s rows in %.0f s", table.name, f"{rows:,}", seconds)
        _say_which(server, schema, manifest)
        server.execute(f"grant usage on schema {quoted(schema)} to {quoted(reader)}")
        server.execute(f"grant select on all tables in schema {quoted(schema)} to {quoted(reader)}")
    return count


def _create(server: psycopg.Connection[tuple[Any, ...]], schema: str, table: Table) -> None:
    columns = ", ".join(f"{quoted(column.name)} {column.sql_type}" for column in table.columns)
    server.execute(f"create table {quoted(schema, table.name)} ({columns})")


def _copy(
    server: psycopg.Connection[tuple[Any, ...]],
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: Table,
) -> int:
    """Stream a table from the engine to the server, in the server's own binary format."""
    target = quoted(schema, table.name)
    # Of its types the format lacks the one that is narrower than any of the server's.
    columns = ", ".join(
        f"cast({quoted(column.name)} as smallint)"
        if column.type == "smallint"
        else quoted(column.name)
        for column in table.columns
    )
    rows = f"select {columns} from {quoted('release', table.name)}"
    read_end, write_end = os.pipe()

    def write() -> None:
        try:
            connection.execute(f"copy ({rows}) to '/dev/fd/{write_end}' (format postgres_binary)")
        except duckdb.InvalidInputException as error:
            if "NULL-byte" not in str(error):
                raise
            raise ReleaseRefused(
                f"{table.name}: a text holds a NUL character, which PostgreSQL cannot: take it out "
                "in the model"
            ) from None
        finally:
            os.close(write_end)

    cursor = server.cursor()
    with (
        ThreadPoolExecutor(1) as writer,
        cursor.copy(f"copy {target} from stdin (format binary, freeze)") as copy,
        # Closed first, whatever happens: the engine's next write fails, and nobody waits for ever.
        os.fdopen(read_end, "rb", buffering=0) as pipe,
    ):
        written = writer.submit(write)
        while chunk := pipe.read(_CHUNK):
            copy.write(chunk)
        # Here and not later: a stream that broke off looks to the server like one that ended.
        written.result()
    ((expected,),) = connection.execute(
        f"select count(*) from {quoted('release', table.name)}"
    ).fetchall()
    if cursor.rowcount != expected:
        raise SaydoError(
            f"PostgreSQL took {cursor.rowcount:,} rows of {table.name}, and the release has "
            f"{expected:,}: nothing was loaded; look at the server's log and run `saydo serve`"
        )
    return expected


def _finish(server: psycopg.Connection[tuple[Any, ...]], schema: str, table: Table) -> None:
    """Keys, indexes, descriptions and statistics of a table that has its rows."""
    target = quoted(schema, table.name)
    key = _columns(table.key)
    if table.is_primary:
        server.execute(f"alter table {target} add primary key ({key})")
    elif table.key:
        server.execute(f"create unique index on {target} ({key})")
    for index in table.indexes:
        server.execute(f"create index on {target} ({_columns(index)})")
    comments = comment_statements("table", target, table)
    if comments:
        server.execute("; ".join(comments))
    server.execute(f"analyze {target}")


def comment_statements(kind: str, target: str, table: Table) -> list[str]:
    """SQL that gives a table or view (its quoted name) the descriptions of `table`."""
    statements = (
        [f"comment on {kind} {target} is {literal(table.comment)}"] if table.comment else []
    )
    return statements + [
        f"comment on column {target}.{quoted(column.name)} is {literal(column.comment)}"
        for column in table.columns
        if column.comment
    ]


def _columns(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def _say_which(
    server: psycopg.Connection[tuple[Any, ...]], schema: str, manifest: dict[str, Any]
) -> None:
    table = quoted(schema, SAYS_WHICH)
    columns = ", ".join(f"{quoted(column.name)} {column.sql_type}" for column in WHICH.columns)
    server.execute(f"create table {table} ({columns})")
    values = {column.name: manifest[column.name] for column in WHICH.columns}
    published_at = datetime.fromisoformat(values["published_at"]).astimezone(UTC)
    server.execute(
        f"insert into {table} values "
        "(%(release_id)s, %(as_of_date)s, %(published_at)s, %(content_hash)s)",
        values | {"published_at": published_at.replace(tzinfo=None)},
    )
