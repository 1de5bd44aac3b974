"""Whoever opens a mart finds the descriptions in the database itself; publishing copies them."""

from __future__ import annotations

import re

import pytest
import yaml
from small_business import MARTS
from small_home import PROJECT

BLOCKS = dict(
    re.findall(
        r"{% docs (\w+) %}\n(.*)\n{% enddocs %}", (PROJECT / "models" / "docs.md").read_text()
    )
)


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


@pytest.mark.parametrize("mart", MARTS)
def test_a_comment_is_the_text_itself_and_no_reference_to_it(
    daily_and_full, small_business_home, mart
):
    [file] = (PROJECT / "models" / "marts").rglob(f"{mart}.yml")
    [model] = yaml.safe_load(file.read_text())["models"]
    told = {column["name"]: column["description"].strip() for column in model["columns"]}
    for name, text in told.items():
        told[name] = re.sub(r"{{ doc\('(\w+)'\) }}", lambda found: BLOCKS[found[1]], text)
    rows = small_business_home.rows(
        "select column_name, comment from duckdb_columns() "
        f"where schema_name = 'marts' and table_name = '{mart}'"
    )
    assert {row["column_name"]: row["comment"].strip() for row in rows} == told
