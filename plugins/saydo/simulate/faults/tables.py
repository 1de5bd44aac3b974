"""Reading a delivered file back, changing it, and writing it in the same format."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from saydo.errors import ConfigError
from saydo.simulate.delivery import FILES, write_file


def file_of(folder: Path, source: str) -> Path:
    """The newest delivery of a source below a landing folder.

    Raises:
        ConfigError: there is none.
    """
    item = FILES[source]
    paths = sorted((folder / item.name).parent.glob(f"{Path(item.name).name}*{item.ending}"))
    paths = [path for path in paths if not path.name.endswith(f"_again{item.ending}")]
    if not paths:
        raise ConfigError(f"{folder} holds no {item.name}*{item.ending}; simulate into it first")
    return paths[-1]


def read(path: Path, source: str) -> pa.Table:
    """All rows of a file; CSV columns as text, with nothing for an empty field."""
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if ".jsonl" in path.name:
        text = gzip.decompress(path.read_bytes()).decode("utf-8")
        return pa.Table.from_pylist([json.loads(line) for line in text.splitlines()])
    delimiter = FILES[source].delimiter
    with pa.input_stream(str(path), compression="detect") as stream:
        names = stream.read(1 << 16).split(b"\n")[0].decode("utf-8").strip().split(delimiter)
    names = [name.strip('"') for name in names]
    with pa.input_stream(str(path), compression="detect") as stream:
        return pa_csv.read_csv(
            stream,
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )


def write(table: pa.Table, path: Path, source: str) -> None:
    """Write a file again under its own name."""
    write_file(table, path, FILES[source].delimiter)


def some_rows(table: pa.Table, share: float, rng: np.random.Generator) -> np.ndarray:
    """A share of the rows (at least three), drawn at random, in order."""
    count = min(max(3, round(share * table.num_rows)), table.num_rows)
    return np.sort(rng.choice(table.num_rows, count, replace=False))


def mark(table: pa.Table, rows: np.ndarray) -> pa.Array:
    """A mask that is true at `rows`."""
    mask = np.zeros(table.num_rows, dtype=bool)
    mask[rows] = True
    return pa.array(mask)


def replace(table: pa.Table, column: str, mask: pa.Array, value: object) -> pa.Table:
    """The table with `value` (a constant or a column) where `mask` holds."""
    values = table.column(column)
    if not isinstance(value, pa.Array | pa.ChunkedArray):
        value = pa.scalar(value, values.type)
    changed = pc.if_else(mask, value, values)
    return table.set_column(table.column_names.index(column), column, changed)


def text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Any column as text."""
    return pc.cast(values, pa.string())
