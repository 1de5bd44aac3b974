"""Movements as a file tells them: one row per customer and month that moved, read as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from saydo.engine import open_without_home
from saydo.errors import ConfigError
from saydo.sql import literal, quoted

COLUMNS = ("customer", "month", "amount", "movement_type")


@dataclass(frozen=True)
class Movement:
    """One row of the file, its values as they stand there; `row` counts rows of data from 1."""

    row: int
    customer: str
    month: str
    amount: str
    movement_type: str


def read_movements(file: Path) -> list[Movement]:
    """Read a CSV file with a header, or a Parquet file; other columns are ignored.

    Raises:
        ConfigError: there is no such file, it cannot be read, or a column is missing.
    """
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such file; give a CSV or Parquet file of movements")
    is_parquet = file.suffix.lower() in (".parquet", ".pq")
    source = (
        f"read_parquet({literal(file)}, file_row_number = true)"
        if is_parquet
        else f"read_csv({literal(file)}, header = true, all_varchar = true, delim = ',')"
    )
    with open_without_home(is_locked=False) as connection:
        try:
            described = connection.execute(f"describe select * from {source}").fetchall()
            given = [name for name, *_ in described]
            missing = [name for name in COLUMNS if name not in given]
            if missing:
                raise ConfigError(
                    f"{file}: no column {', '.join(missing)}; it has {', '.join(given)}, and needs "
                    f"{', '.join(COLUMNS)}"
                )
            values = ", ".join(
                f"coalesce(trim(cast({quoted(name)} as varchar)), '')" for name in COLUMNS
            )
            order = "order by file_row_number" if is_parquet else ""
            rows = connection.execute(f"select {values} from {source} {order}").fetchall()
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise ConfigError(
                f"{file} cannot be read as {'Parquet' if is_parquet else 'CSV'}: {first}"
            ) from error
    return [Movement(number, *row) for number, row in enumerate(rows, start=1)]
