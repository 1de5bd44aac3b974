"""What is in quarantine: reasons, counts and places to look. Never the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from saydo.contract import SOURCES
from saydo.errors import ConfigError
from saydo.landing.engine import connect
from saydo.landing.expressions import nearest
from saydo.settings import Settings

_EXAMPLES = 3


@dataclass(frozen=True)
class QuarantineRow:
    """How many rows of a feed are in quarantine for one reason; examples are `file:line`."""

    source: str
    feed: str
    reason_code: str
    column: str | None
    count: int
    examples: list[str]


def quarantine_summary(settings: Settings, source: str | None = None) -> list[QuarantineRow]:
    """Quarantined rows of all batches (of one canonical table, if named), most first.

    Raises:
        ConfigError: there is no such canonical table.
    """
    if source and source not in SOURCES:
        raise ConfigError(f"unknown canonical table {source!r}{nearest(source, SOURCES)}")
    rows: list[QuarantineRow] = []
    with connect(settings, [settings.quarantine]) as connection:
        for name in [source] if source else SOURCES:
            files = [str(f) for f in sorted((settings.quarantine / name).glob("*.parquet"))]
            if files:
                rows += _summarise(connection, name, files)
    return sorted(rows, key=lambda row: (-row.count, row.source, row.feed, row.reason_code))


def _summarise(
    connection: duckdb.DuckDBPyConnection, source: str, files: list[str]
) -> list[QuarantineRow]:
    found = connection.execute(
        "select _feed, reason_code, column_name, count(*), "
        f"min(file_name || ':' || line_number, {_EXAMPLES}) "
        "from read_parquet(?) group by all",
        [files],
    ).fetchall()
    return [QuarantineRow(source, *row) for row in found]
