"""What a failed data test tells: kinds, counts and what to do, and nothing that names a person."""

from __future__ import annotations

import duckdb
import pytest

from saydo.build.dbt import NodeResult
from saydo.build.failures import found_by, resolved_by

SQL = """-- Money without a rate cannot be reported. Resolve: add a row for each
-- currency found, and its rate.
with rows_of_test as (select 1)
select 'USD' as currency, date '2025-01-03' as first_date, 12 as transaction_count, 'c' as name
"""


@pytest.fixture
def failed(tmp_path):
    file = tmp_path / "a_test.sql"
    file.write_text(SQL)
    return NodeResult("a_test", "test", "fail", 0.1, None, str(file), None, description="described")


def test_a_currency_without_a_rate_is_named_with_its_first_day_and_number(home, failed):
    settings = home.settings([])
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect(str(settings.warehouse)).close()
    assert found_by(settings, failed) == (
        "currency=USD, first_date=2025-01-03, transaction_count=12"
    )


def test_what_to_do_is_what_the_test_says(failed, tmp_path):
    assert resolved_by(failed) == "add a row for each currency found, and its rate."
    failed.compiled_path = str(tmp_path / "gone.sql")
    assert resolved_by(failed) == "described"
