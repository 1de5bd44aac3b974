"""How models become tables and views on DuckDB: in one transaction, whatever stood there before."""

from __future__ import annotations

import duckdb
import pytest

LEARNT = "intermediate.int_placeholders_learnt"
SPANNED = "intermediate.int_identifiers_spanned"
SUMMED = "intermediate.int_transactions_summarised_to_identifier_months"


@pytest.fixture
def home(dbt, make_home):
    home = make_home("materializations")
    # So many share one value that it is learnt to be nobody's.
    home.deliver("account_identifiers", [
        {"account_key": f"a{number}", "id_type": "email", "id_key": key}
        for number in range(25)
        for key in ("info@", f"{number}@", f"{number}@work")
    ])  # fmt: skip
    home.deliver("accounts", [
        {"account_key": f"a{number}", "opened_at": "2024-01-01", "given_name_key": f"n{number}"}
        for number in range(25)
    ])  # fmt: skip
    home.deliver("transactions", [
        {"transaction_id": "t1", "id_type": "email", "id_key": "1@", "amount": 1, "currency": "EUR",
         "transaction_type": "charge", "occurred_at": "2024-05-01"}
    ])  # fmt: skip
    assert set(dbt(home, "seed", "fx_rates").values()) == {"success"}
    dbt.build_models(home, "+int_placeholders_learnt", "+" + SUMMED.partition(".")[2])
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
    [
        (LEARNT, SPANNED, "id_type"),
        (SUMMED, "intermediate.int_identifiers_resolved", "valid_from_date"),
    ],
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
    before, others = home.rows(f"select * from {LEARNT} order by all"), relations(home)
    change(home, f"insert into {LEARNT} select * from {LEARNT}")
    dbt.build_models(home, "int_placeholders_learnt")
    assert home.rows(f"select * from {LEARNT} order by all") == before
    assert relations(home) == others


@pytest.mark.parametrize(
    ("name", "stood", "stands"),
    [
        (LEARNT, "VIEW", "BASE TABLE"),
        (SUMMED, "VIEW", "BASE TABLE"),
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


def test_a_view_reads_its_own_warehouse_under_whatever_name_that_is_attached(home):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.root / 'warehouse.duckdb'}' as candidate (read_only)")
        rows = "select count(*) from candidate.intermediate.int_transactions_converted"
        assert connection.execute(rows).fetchone() == (1,)
