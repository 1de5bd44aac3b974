"""What is in quarantine: reasons, counts and places to look. Never the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from saydo.contract import SOURCES
from saydo.errors import ConfigError
from saydo.landing.engine import connect
from saydo.landing.expressions import nearest
from saydo.landing.staged import COLUMN
from saydo.settings import Settings

_EXAMPLES = 3


@dataclass(frozen=True)
class QuarantineRow:
    """How many rows of a feed are in quarantine for one reason.

    Examples are `file:line`, of a workbook `file:Sheet1!B7`.
    """

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
    # Files of before workbooks were read do not say where in one a row is.
    kept = "read_parquet(?, union_by_name = true)"
    columns = {row[0] for row in connection.execute(f"describe from {kept}", [files]).fetchall()}
    place = "coalesce(_place, line_number::varchar)" if "_place" in columns else "line_number"
    found = connection.execute(
        f"select _feed, reason_code, {COLUMN}, count(*), "
        f"min(file_name || ':' || {place}, {_EXAMPLES}) from {kept} group by all",
        [files],
    ).fetchall()
    return [QuarantineRow(source, *row) for row in found]
