"""The last days of a simulated business, file by file, with rows that come late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

DAYS = 10
_LATE_EVERY = 25  # of so many rows one comes two days after its day
_LATE_DAYS = 2


def hold_back(landing: Path, last_day: date) -> Iterator[tuple[date, Path]]:
    """Take the rows of the last days out of the ledger and the usage, and give them day by day.

    The first day is what came before them. The landing folder is changed before the next day is
    asked for, so that a file is there when its day is.

    Yields:
        each day and the folder, in which the files of the day are by then.
    """
    first = last_day - timedelta(days=DAYS - 1)
    ledger, usage = (
        landing / "billing" / f"ledger_{last_day:%Y-%m}.csv",
        (landing / "network" / f"usage_{last_day:%Y-%m}.parquet"),
    )
    with duckdb.connect() as connection:
        connection.execute(
            "create table ledger as select row_number() over () as line, * "
            f"from read_csv('{ledger}', delim = ';', all_varchar = true)"
        )
        connection.execute(
            f"create table usage as select row_number() over () as line, * from '{usage}'"
        )
        day_of = _usage_day(connection)
        late = f"case when line % {_LATE_EVERY} = 0 then {_LATE_DAYS} else 0 end"
        connection.execute(
            f"alter table ledger add column comes date; update ledger set comes = "
            f"cast(left(booked, 10) as date) + cast({late} as integer)"
        )
        connection.execute(
            f"alter table usage add column comes date; update usage set comes = "
            f"cast({day_of} as date) + cast({late} as integer)"
        )
        ledger.unlink()
        usage.unlink()
        _write(connection, ledger, usage, f"comes < date '{first}'")
        yield first - timedelta(days=1), landing
        for number in range(DAYS):
            day = first + timedelta(days=number)
            until = "true" if number == DAYS - 1 else f"comes = date '{day}'"
            kept = f"({until}) and comes >= date '{day}'"
            names = (file.with_stem(f"{file.stem}_{day:%d}") for file in (ledger, usage))
            _write(connection, *names, kept)
            if number == DAYS // 2:
                _correct(connection, landing / "billing" / f"ledger_{last_day:%Y-%m}_corrected.csv")
            yield day, landing


def _usage_day(connection: duckdb.DuckDBPyConnection) -> str:
    """The column of the day: the first that is a date."""
    rows = connection.execute(
        "select column_name from duckdb_columns() where table_name = 'usage' and data_type = 'DATE'"
    ).fetchall()
    return rows[0][0]


def _write(connection: duckdb.DuckDBPyConnection, ledger: Path, usage: Path, which: str) -> None:
    """The rows of these days, where there are any."""
    if connection.execute(f"select count(*) from ledger where {which}").fetchall()[0][0]:
        connection.execute(
            f"copy (select * exclude (line, comes) from ledger where {which} order by line) "
            f"to '{ledger}' (header, delimiter ';')"
        )
    if connection.execute(f"select count(*) from usage where {which}").fetchall()[0][0]:
        connection.execute(
            f"copy (select * exclude (line, comes) from usage where {which} order by line) "
            f"to '{usage}' (format parquet)"
        )


def _correct(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Twenty entries again, booked a month before: they leave the month that they were in."""
    connection.execute(
        "copy (select * exclude (line, comes) replace (strftime(cast(booked as timestamp) "
        "- interval 1 month, '%Y-%m-%d %H:%M:%S') as booked) from ledger "
        f"where kind = 'INV' order by line limit 20) to '{file}' (header, delimiter ';')"
    )
