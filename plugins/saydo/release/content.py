"""What a release says, as a hash that depends on nothing but what it says.

Row order, thread count, engine version and file layout do not enter it, so that the same inputs and
as-of date give the same hash whenever and wherever they are built.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import duckdb

from saydo.errors import ReleaseRefused
from saydo.sql import quoted

# Columns that tell when something was done, not what is known; None stands for the whole table.
NOT_CONTENT: Mapping[str, frozenset[str] | None] = {
    "data_readiness": frozenset({"last_loaded_at"}),
    # When a decision was taken, on which release, and handed over; what it is, counts.
    "service_recovery_queue": frozenset({"decided_at", "handed_over_at", "release_id"}),
    "release_history": None,
    # When each table was built, and how long that took.
    "data_map": None,
    # What became of customers over the releases: another story where days were built in one go.
    "identity_changes": None,
    # Since when a customer is in a segment: of the releases, too.
    "segment_memberships": frozenset({"entered_at"}),
    # When something was decided or first told, and on which release.
    "decision_log": frozenset({"decision_id", "decided_at", "evidence"}),
    # Sums of the tables beside it, which count already.
    "published_figures": None,
    # What the releases before said: of the same files, another story too.
    "restatement_log": None,
}

# Rows that count, of a table that holds what earlier releases said as well.
CONTENT_ROWS: Mapping[str, str] = {"segment_memberships": "is_current"}

# Types that DuckDB >= 1.2, Parquet readers and BI tools agree on. HUGEINT is left out on purpose:
# Parquet has none, and DuckDB would write it as DOUBLE.
PUBLISHED_TYPES = re.compile(
    r"VARCHAR|BOOLEAN|TINYINT|SMALLINT|INTEGER|BIGINT|DOUBLE|DATE|TIMESTAMP|DECIMAL\(\d+,\d+\)"
)
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def table_names(connection: duckdb.DuckDBPyConnection, catalog: str, schema: str) -> list[str]:
    """Tables and views of a schema, sorted. A name that could not be a file name is refused."""
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = ? and table_schema = ? order by 1",
        [catalog, schema],
    ).fetchall()
    for (name,) in rows:
        if not TABLE_NAME.fullmatch(name):
            raise ReleaseRefused(
                f"table {name!r} of schema {schema} may not be published: a name is lower-case "
                "letters, digits and _; rename the model"
            )
    return [name for (name,) in rows]


def table_columns(
    connection: duckdb.DuckDBPyConnection, catalog: str, schema: str, table: str
) -> dict[str, str]:
    """Column name to DuckDB type, in order."""
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = ? "
        "and schema_name = ? and table_name = ? order by column_index",
        [catalog, schema, table],
    ).fetchall()
    return dict(rows)


def check_types(table: str, columns: Mapping[str, str]) -> None:
    """Refuse a column whose type Parquet or older clients would change or not read.

    Raises:
        ReleaseRefused: names each such column and its type.
    """
    wrong = [f"{name} {kind}" for name, kind in columns.items() if not is_published_type(kind)]
    if wrong:
        raise ReleaseRefused(
            f"{table} has columns that cannot be published: {', '.join(wrong)}; cast them in the "
            "model (a sum of integers is HUGEINT: cast it to bigint, money to decimal(18,2))"
        )


def is_published_type(kind: str) -> bool:
    """Whether a DuckDB type keeps its value in Parquet and in DuckDB 1.2 clients."""
    return PUBLISHED_TYPES.fullmatch(kind) is not None


def table_hash(
    connection: duckdb.DuckDBPyConnection,
    catalog: str,
    schema: str,
    table: str,
    columns: Mapping[str, str],
) -> str | None:
    """Hash of what a table says: its content columns and rows. None: the table is not content."""
    ignored = NOT_CONTENT.get(table, frozenset())
    if ignored is None:
        return None
    kept = {name: kind for name, kind in columns.items() if name not in ignored}
    return whole_hash(connection, catalog, schema, table, kept, CONTENT_ROWS.get(table, "true"))


def whole_hash(
    connection: duckdb.DuckDBPyConnection,
    catalog: str,
    schema: str,
    table: str,
    columns: Mapping[str, str],
    condition: str = "true",
) -> str:
    """Hash of these columns of a table, their types and the rows under a condition, content or not.

    Each row is written as text, every value with its length before it (so that null, '' and shifted
    values differ), and the halves of the rows' md5 are added up: the sums do not know their order.
    """
    # One concat and one md5 a row: a chain of || copies the row once for each of its columns.
    values = ", ".join(
        f"coalesce(length(cast({quoted(name)} as varchar)) || ':', '~'), "
        f"cast({quoted(name)} as varchar)"
        for name in columns
    )
    count, low, high = connection.execute(
        "select count(*), sum(cast(digest >> 64 as ubigint)), "
        f"sum(cast(digest & {2**64 - 1} as ubigint)) "
        f"from (select md5_number(concat({values})) as digest "
        f"from {quoted(catalog, schema, table)} where {condition})"
    ).fetchall()[0]
    schema_text = ",".join(f"{name} {kind}" for name, kind in columns.items())
    return hashlib.sha256(f"{schema_text}|{count}|{low}|{high}".encode()).hexdigest()


def overall_hash(hashes: Mapping[str, str | None]) -> str:
    """One hash over the tables' hashes, by table name."""
    text = "\n".join(f"{name} {value}" for name, value in sorted(hashes.items()) if value)
    return hashlib.sha256(text.encode()).hexdigest()
