"""How models become tables and views on DuckDB: in one transaction, whatever stood there before."""

from __future__ import annotations

import duckdb
import pytest

MEASURED = "intermediate.int_identifier_types_measured"
SPANNED = "intermediate.int_identifiers_spanned"


@pytest.fixture
def home(dbt, make_home):
    home = make_home("materializations")
    # So many share one value that there is something to measure.
    home.deliver("account_identifiers", [
        {"account_key": f"a{number}", "id_type": "email", "id_key": "info@"}
        for number in range(25)
    ])  # fmt: skip
    dbt.build_models(home, "+int_identifier_types_measured")
    return home


def change(home, *statements):
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def relations(home):
    return {
        f"{row['table_schema']}.{row['table_name']}": row["table_type"]
        for row in home.rows("select * from information_schema.tables")
    }


@pytest.mark.parametrize(
    ("table", "read", "column"),
    [(MEASURED, SPANNED, "id_type"), (SPANNED, "intermediate.int_accounts_described", "opened_at")],
    ids=["table", "incremental"],
)
def test_a_model_that_fails_leaves_its_table_as_it_was(dbt, home, table, read, column):
    before, others = home.rows(f"select * from {table} order by all"), relations(home)
    change(home, f"alter table {read} rename column {column} to gone")
    name = table.split(".")[1]
    assert dbt(home, "run", name) == {name: "error"}
    assert home.rows(f"select * from {table} order by all") == before != []
    assert relations(home) == others


def test_a_table_built_again_is_replaced_and_nothing_is_left_beside_it(dbt, home):
    before, others = home.rows(f"select * from {MEASURED} order by all"), relations(home)
    change(home, f"insert into {MEASURED} select * from {MEASURED}")
    dbt.build_models(home, "int_identifier_types_measured")
    assert home.rows(f"select * from {MEASURED} order by all") == before
    assert relations(home) == others


@pytest.mark.parametrize(
    ("name", "stood", "stands"),
    [
        (MEASURED, "VIEW", "BASE TABLE"),
        (SPANNED, "VIEW", "BASE TABLE"),
        ("staging.stg_identity__identifier_types", "BASE TABLE", "VIEW"),
    ],
    ids=["table", "incremental", "view"],
)
def test_a_model_that_becomes_another_kind_of_relation_replaces_it(dbt, home, name, stood, stands):
    before = home.rows(f"select * from {name} order by all")
    kinds = {"VIEW": "view", "BASE TABLE": "table"}
    change(
        home,
        f"drop {kinds[stands]} {name}",
        f"create {kinds[stood]} {name} as select 1 as another",
    )
    dbt.build_models(home, name.split(".")[1])
    assert relations(home)[name] == stands
    assert home.rows(f"select * from {name} order by all") == before != []
