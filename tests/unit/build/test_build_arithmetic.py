"""A user's arithmetic in doubles has the value that a pencil gives it, or none."""

from __future__ import annotations

import math

import duckdb
import pytest

from saydo.build.arithmetic import in_doubles


@pytest.mark.parametrize(
    ("expression", "sql"),
    [
        ("a / b", "cast(a as double) / nullif(cast(b as double), 0e0)"),
        ("a/60/2.5", "cast(a as double) / nullif(60e0, 0e0) / nullif(2.5e0, 0e0)"),
        ("- -a", "- - cast(a as double)"),
        ("coalesce(a, 0)", "coalesce(cast(a as double), 0e0)"),
    ],
)
def test_measures_and_numbers_are_doubles_and_no_divisor_is_nought(expression, sql):
    assert in_doubles(expression) == sql


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + b * c", 1 + 2 * 0.0),
        ("(a + b) * (b - -3)", 15.0),
        ("a / b / 4", 0.125),
        ("a / (b / 4)", 2.0),
        ("a / -b", -0.5),
        ("2 - a - b", -1.0),
        ("a / c", None),
        ("a / (c * b)", None),
        ("1 + a / least(c, b)", None),
        ("coalesce(a / c, 7)", 7.0),
        ("ln(c)", None),
        ("sqrt(-a)", None),
        ("coalesce(sqrt(c - a), ln(-a), 9)", 9.0),
        ("sqrt(b * b + c)", 2.0),
        ("ln(power(b, 3))", math.log(8)),
        ("greatest(a, least(b, 100), abs(-b - 3))", 5.0),
        ("nullif(a, 1) / b", None),
        ("0.1 + 0.2 * a", 0.1 + 0.2),
    ],
)
def test_arithmetic_keeps_its_order_and_is_null_where_it_has_no_value(expression, value):
    row = "(select 1::decimal(18, 6) as a, 2::decimal(38, 6) as b, 0::bigint as c)"
    found = duckdb.sql(f"select {in_doubles(expression)} from {row}").fetchone()
    assert found == (value,)
