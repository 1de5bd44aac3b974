"""Arrow columns from numpy arrays, without a loop over rows."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from saydo.simulate.clock import LOCAL_ZONE


def codes(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    """`prefix` and the zero-padded number."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, pa.scalar(""))


def join(*parts: pa.Array | str) -> pa.Array:
    """Texts put together, row by row."""
    scalars = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*scalars, pa.scalar(""))


def pick(
    values: Sequence[str] | pa.Array, index: np.ndarray, empty: np.ndarray | None = None
) -> pa.Array:
    """values[index]; null where `empty`."""
    pool = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    return pool.take(pa.array(index, mask=empty))


def category(values: pa.Array, index: np.ndarray) -> pa.DictionaryArray:
    """values[index], kept as a dictionary: for tens of millions of rows."""
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), values)


def choose(options: Sequence[tuple[np.ndarray | bool, pa.Array]], default: pa.Array) -> pa.Array:
    """The first option whose condition holds."""
    result = default
    for condition, values in reversed(options):
        result = pc.if_else(pa.array(condition), values, result)
    return result


def iso(instants: np.ndarray) -> pa.Array:
    """Instants as text, `2025-03-01T09:30:00Z`."""
    naive = pa.array(instants.astype("datetime64[s]"), pa.timestamp("s"))
    return pc.strftime(naive, format="%Y-%m-%dT%H:%M:%SZ")


def local(instants: np.ndarray) -> pa.Array:
    """Instants as the wall clock of the business shows them, the zone not said."""
    index = pd.DatetimeIndex(instants.astype("datetime64[s]"), tz="UTC")
    wall = index.tz_convert(LOCAL_ZONE).tz_localize(None)
    return pa.array(wall.to_numpy().astype("datetime64[s]"), pa.timestamp("s"))


def dates(days_since_1970: np.ndarray) -> pa.Array:
    """Calendar dates; NEVER is null."""
    return pa.array(days_since_1970.astype("datetime64[D]"), pa.date32())


def unique_numbers(name: str, count: int, space: int, seed: int, start: int = 0) -> np.ndarray:
    """Different numbers below `space` (a power of ten) in no visible order; others per `name`."""
    salt = zlib.crc32(name.encode())
    step = salt % 10**7 * 10 + 7  # ends in 7: no factor in common with a power of ten
    position = np.arange(start, start + count, dtype=np.int64)
    return (position * step + salt + seed % 10**6 * 104_729) % space
