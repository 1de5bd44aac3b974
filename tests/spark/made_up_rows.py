"""Rows with all that makes engines differ: halves, extremes, nulls, every century."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa

COUNT = 3_000
EDGES = [None, 0.0, 0.5, 2.5, 1.005, 0.49999999999999994, 1e12, 4194653.359821552, 1e300, -1e300]


def made_up_rows() -> pa.Table:
    """Columns x (doubles), m and n (decimals of 6), w (of 12), b (of 14), k (whole), begun and till
    (instants), day, months and part (whole numbers) and name."""
    rng = random.Random(11)
    rows = range(COUNT)
    return pa.table({
        "x": pa.array(EDGES + [_double(rng) for _ in range(COUNT - len(EDGES))], pa.float64()),
        "m": _decimals(rng, 9, 18, 6),
        "n": _decimals(rng, 3, 18, 6),
        "w": _decimals(rng, 18, 38, 12),
        "b": _decimals(rng, 20, 38, 14),
        "k": _decimals(rng, 21, 38, 0),
        "begun": pa.array([_maybe(rng, _instant(rng)) for _ in rows], pa.timestamp("us")),
        "till": pa.array([_maybe(rng, _instant(rng)) for _ in rows], pa.timestamp("us")),
        "day": pa.array([_maybe(rng, _instant(rng).date()) for _ in rows], pa.date32()),
        "months": pa.array([rng.randint(-30, 30) for _ in rows], pa.int32()),
        "name": pa.array([_maybe(rng, rng.choice("aAbBzé_9")) for _ in rows], pa.string()),
        "part": pa.array([rng.randint(0, 300) for _ in rows], pa.int32()),
    })  # fmt: skip


def _maybe(rng: random.Random, value):
    return None if rng.random() < 0.05 else value


def _double(rng: random.Random) -> float | None:
    digits = rng.choice([1, 100, 10_000, 1_000_000])
    value = rng.choice([
        rng.gauss(0, 1),
        rng.uniform(-1e9, 1e9),
        (2 * rng.randint(-(10**6), 10**6) + 1) / (2 * digits),
        10 ** rng.uniform(-12, 25),
    ])  # fmt: skip
    return _maybe(rng, value)


def _decimals(rng: random.Random, size: int, precision: int, scale: int) -> pa.Array:
    """Nulls, noughts, and numbers up to 10^size in steps that are sometimes whole."""
    values = []
    for _ in range(COUNT):
        whole = rng.randint(-(10 ** rng.randint(0, size)), 10 ** rng.randint(0, size))
        step = Decimal(1).scaleb(-rng.choice([0, scale // 2, scale]))
        values.append(_maybe(rng, whole * step if rng.random() > 0.05 else Decimal(0)))
    limit = Decimal(10) ** (precision - scale) - 1
    kept = [v if v is None else max(-limit, min(limit, v)) for v in values]
    return pa.array(kept, pa.decimal128(precision, scale))


def _instant(rng: random.Random) -> datetime:
    if rng.random() < 0.1:
        return rng.choice([
            datetime(1, 1, 1), datetime(1, 1, 2, 5), datetime(9999, 12, 30), datetime(1582, 10, 10),
            datetime(2018, 11, 4, 3), datetime(2018, 2, 18, 2, 30), datetime(2024, 2, 29, 23, 59),
            datetime(2025, 3, 30, 1), datetime(2025, 10, 26, 0, 30), datetime(2025, 1, 31),
        ])  # fmt: skip
    begin, days = rng.choice([(date(2, 1, 1), 3_640_000), (date(1970, 1, 1), 25_000)])
    moment = datetime(begin.year, 1, 1) + timedelta(days=rng.randint(0, days))
    if rng.random() < 0.3:
        return moment
    return moment + timedelta(microseconds=rng.choice([1, 1000, 10**6]) * rng.randint(0, 80_000))
