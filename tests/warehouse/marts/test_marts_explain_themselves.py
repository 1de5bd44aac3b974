"""Whoever opens a mart finds the descriptions in the database itself; publishing copies them."""

from __future__ import annotations

import pytest
from small_business import MARTS


@pytest.mark.parametrize("mart", MARTS)
def test_a_table_and_each_of_its_columns_carry_a_comment(daily_and_full, small_business_home, mart):
    named = f"schema_name = 'marts' and table_name = '{mart}'"
    [table] = small_business_home.rows(
        "select table_comment as comment from information_schema.tables "
        f"where table_schema = 'marts' and table_name = '{mart}'"
    )
    assert table["comment"]
    columns = small_business_home.rows(
        f"select column_name, comment from duckdb_columns() where {named}"
    )
    assert columns and [row["column_name"] for row in columns if not row["comment"]] == []
