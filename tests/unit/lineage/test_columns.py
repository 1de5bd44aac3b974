import json

from small_build import PAID

from saydo.lineage import columns
from saydo.lineage.columns import column_lineage
from saydo.lineage.graph import read_graph


def test_a_column_leads_to_the_columns_of_tables_and_files_that_it_is_made_from(home):
    found = column_lineage(home, read_graph(home))
    assert found == {
        "marts.payments": {
            "payment_id": [["staging.stg_payments", "transaction_id"]],
            "revenue": [["staging.stg_payments", "amount"]],
        },
        "staging.stg_payments": {
            "transaction_id": [["raw.transactions", "transaction_id"]],
            "amount": [["raw.transactions", "amount"]],
        },
    }


def test_sql_that_differs_in_its_day_alone_is_not_read_again(home, monkeypatch):
    graph = read_graph(home)
    first = column_lineage(home, graph)
    read = []
    monkeypatch.setattr(columns._Reader, "read", lambda self, name, sql: read.append(name) or {})
    staged = home.state / "dbt/target/compiled/stg_payments.sql"
    staged.write_text(staged.read_text().replace("2025-06-01", "2025-06-02"))
    assert column_lineage(home, graph) == first and not read
    staged.write_text(staged.read_text().replace("amount", "amount + 1"))
    column_lineage(home, graph)
    assert read == ["staging.stg_payments"]


def test_what_no_model_says_any_more_is_forgotten(home):
    graph = read_graph(home)
    column_lineage(home, graph)
    (home.state / "dbt/target/compiled/payments.sql").unlink()
    column_lineage(home, graph)
    assert len(json.loads((home.state / "lineage/columns.json").read_text())) == 1


def test_sql_that_cannot_be_read_leaves_its_columns_out_and_nothing_else(home):
    (home.state / "dbt/target/compiled/payments.sql").write_text(PAID + " with (")
    assert list(column_lineage(home, read_graph(home))) == ["staging.stg_payments"]
