import hashlib

import duckdb
import pytest

from saydo.release.content import is_published_type, overall_hash, table_columns, table_hash

ROWS = """
    select * from (values
        ('c_1', 1.50::decimal(18, 2), date '2025-01-01', true),
        ('c_2', null, date '2025-01-02', false),
        ('', 2.50, null, true)
    ) t(customer_id, amount, paid_date, is_paid)
"""


def hash_of(sql, table="facts", threads=2):
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute(f"create table {table} as {sql}")
        columns = table_columns(connection, "memory", "main", table)
        return table_hash(connection, "memory", "main", table, columns)


@pytest.mark.parametrize("order", ["customer_id", "customer_id desc", "amount", "is_paid, amount"])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_order_of_rows_and_the_threads_do_not_enter_the_hash(order, threads):
    assert hash_of(f"{ROWS} order by {order}", threads=threads) == hash_of(ROWS)


@pytest.mark.parametrize(
    "changed",
    [
        "select * replace (nullif(customer_id, '') as customer_id)",
        "select * replace (coalesce(amount, 0)::decimal(18, 2) as amount)",
        "select * replace (amount::decimal(18, 3) as amount)",
        "select * replace (paid_date + interval 1 day as paid_date)",
        "select * replace (not is_paid as is_paid)",
        "select * rename (amount as total)",
        "select customer_id || '1' as customer_id, * exclude (customer_id)",
        "select distinct on (is_paid) *",
        "select * from facts union all select *",
    ],
)
def test_any_change_of_a_cell_a_column_or_a_row_changes_the_hash(changed):
    assert hash_of(f"with facts as ({ROWS}) {changed} from facts") != hash_of(ROWS)


def test_text_moved_across_columns_changes_the_hash():
    assert hash_of("select 'ab' as x, 'c' as y") != hash_of("select 'a' as x, 'bc' as y")


def test_two_equal_rows_are_not_none():
    once = hash_of("select 'a' as x where false")
    assert hash_of("select 'a' as x from range(2)") not in (once, hash_of("select 'a' as x"))


def test_the_hash_is_the_one_of_earlier_versions():
    assert hash_of(ROWS) == ("ddec4c9ba2fbe4424f012283d1194d19018bdf75a858d44f9c3a8bf687f46270")


def test_a_row_is_each_value_with_its_length_in_characters_and_a_tilde_for_null():
    rows = "select 'é' as name, null::varchar as town, '' as street, -1.50::decimal(9, 2) as owed"
    with duckdb.connect() as connection:
        low, high = connection.execute(
            "select md5_number_lower(content), md5_number_upper(content) "
            "from (select '1:é~0:5:-1.50' as content)"
        ).fetchone()
    types = "name VARCHAR,town VARCHAR,street VARCHAR,owed DECIMAL(9,2)"
    said = hashlib.sha256(f"{types}|1|{low}|{high}".encode()).hexdigest()
    assert hash_of(rows) == said


def test_when_something_was_done_is_not_content():
    early = "select 'x' as source, timestamp '2025-01-01' as last_loaded_at, 5 as loaded_count"
    late = early.replace("2025-01-01", "2025-01-02")
    assert hash_of(early, "data_readiness") == hash_of(late, "data_readiness")
    assert hash_of(early, "data_readiness") != hash_of(early.replace("5", "6"), "data_readiness")
    assert hash_of(early) != hash_of(late)
    assert hash_of(early, "release_history") is None


def test_a_release_is_the_sum_of_its_tables_by_name():
    assert overall_hash({"a": "1", "b": "2"}) == overall_hash({"b": "2", "a": "1", "c": None})
    assert overall_hash({"a": "1", "b": "2"}) != overall_hash({"a": "2", "b": "1"})


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("VARCHAR", True),
        ("DECIMAL(18,2)", True),
        ("TIMESTAMP", True),
        ("BIGINT", True),
        ("HUGEINT", False),
        ("TIMESTAMP WITH TIME ZONE", False),
        ("VARCHAR[]", False),
        ("STRUCT(a INTEGER)", False),
    ],
)
def test_only_types_that_every_reader_keeps_are_published(kind, may):
    assert is_published_type(kind) is may
