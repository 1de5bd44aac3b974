"""Quotients and rounding are what IEEE 754 and a pencil make of them."""

from __future__ import annotations

import math
import random
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import duckdb
import pyarrow as pa
import pytest
from rendered_macros import rendered_macros

DUCKDB = rendered_macros(
    "duckdb", "engine/arithmetic.sql", "engine/types.sql", "measures/part_of_duration.sql"
)


def doubles(count: int = 20_000) -> list[float | None]:
    """Of every size that a figure has, and halves of every digit that is rounded."""
    rng = random.Random(3)
    found: list[float | None] = [None, 0.0, -0.0, 0.5, 1.5, 2.5, 1.005, 0.49999999999999994]
    for _ in range(count):
        digits = rng.choice([1, 10, 100, 10_000, 1_000_000])
        found += [
            rng.gauss(0, 1),
            rng.uniform(-1e5, 1e5),
            (2 * rng.randint(-100_000, 100_000) + 1) / (2 * digits),
            10 ** rng.uniform(-12, 5),
        ]
    return found + [-value for value in found if value is not None]


def half_away(value: float, digits: int) -> Decimal:
    """The scaled double, rounded with all of its digits: 1.005 times 100 is 100.49999999999999."""
    scaled = Decimal(value * 10.0**digits).quantize(Decimal(1), ROUND_HALF_UP)
    return scaled.scaleb(-digits)


@pytest.mark.parametrize("digits", [0, 2, 4, 6, 9])
def test_a_double_is_rounded_half_away_from_zero(digits):
    values = doubles()
    with duckdb.connect() as db:
        db.register("told", pa.table({"x": pa.array(values, pa.float64())}))
        found = db.execute(f"select x, {DUCKDB.rounded('x', digits)} from told").fetchall()
    assert len(found) == len(values)
    wrong = [(x, y) for x, y in found if y != (None if x is None else half_away(x, digits))]
    assert wrong == []


@pytest.mark.parametrize("value", [1e12, 1e300, math.inf, -1e300, 999_999_999_999.9999999])
def test_what_is_larger_than_its_column_is_the_limit(value):
    rounded = DUCKDB.rounded("x", 6, limit=DUCKDB.largest_number())
    with duckdb.connect() as db:
        (found,) = db.execute(f"select {rounded} from (select ?::double as x)", [value]).fetchone()
    assert found == Decimal("999999999999.999999").copy_sign(Decimal(value))


def test_a_quotient_is_that_of_the_nearest_doubles_and_null_over_nothing():
    rng = random.Random(5)
    pairs = [
        (Decimal(rng.randint(-(10**20), 10**20)).scaleb(-12), Decimal(rng.randint(0, 30)))
        for _ in range(5_000)
    ]
    table = pa.table({
        "part": pa.array([p for p, _ in pairs], pa.decimal128(38, 12)),
        "whole": pa.array([w for _, w in pairs], pa.decimal128(18, 6)),
    })  # fmt: skip
    with duckdb.connect() as db:
        db.register("told", table)
        quotient = DUCKDB.quotient(DUCKDB.nearest_double("part"), "whole")
        found = db.execute(f"select part, whole, {quotient} from told").fetchall()
    assert all(q == (float(p) / float(w) if w else None) for p, w, q in found)
    assert sum(q is None for _, _, q in found) > 50


@pytest.mark.parametrize("value", ["1000000.5", "2592000000", "999999999999.999999"])
def test_the_parts_of_a_long_duration_in_small_units_add_up(value):
    """A million milliseconds are seventeen minutes."""
    days = [f"timestamp '2025-01-{day:02} 00:00:00'" for day in (1, 8, 31)]
    parts = [
        DUCKDB.part_of_duration("value", days[0], days[-1], begin, end)
        for begin, end in pairwise(days)
    ]
    row = f"(select cast({value} as decimal(18, 6)) as value)"
    early, late, whole = duckdb.sql(f"select {', '.join(parts)}, value from {row}").fetchone()
    assert early + late == whole
    assert abs(float(early) / float(whole) - 7 / 30) < 1e-9
