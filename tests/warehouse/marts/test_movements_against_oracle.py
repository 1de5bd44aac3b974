"""Six hundred random lives of subscriptions, and the golden months: what moved is what an oracle says.

One build of every model, over all histories.
"""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from oracle_movements import levels, movements
from random_histories import (
    GOLDEN,
    HISTORIES,
    MONTHS,
    RATES,
    VARIABLES,
    RandomHistories,
    deliver,
    golden_subscriptions,
)

from saydo.conform import read_movements, rule_breaks

MART = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure")


def build(dbt, home, accounts, subscriptions):
    deliver(home, accounts, subscriptions)
    assert set(dbt(home, "seed", "*").values()) == {"success"}
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        for currency, rates in RATES.items():
            for day, rate in rates.items():
                connection.execute(
                    "insert into seeds.fx_rates values (?, 'EUR', ?, ?)", [currency, day, rate]
                )
    statuses = dbt(home, "build", "path:models", *MART, **VARIABLES)
    told = {name: status for name, status in statuses.items() if status not in ("success", "pass")}
    assert {name for name, status in told.items() if status != "warn"} == set(), dbt.failures
    home.revenue = home.rows(
        "select owners.id_key as account, mart.* from marts.revenue_movements as mart "
        "inner join marts.customer_identifiers as owners on mart.customer_id = owners.customer_id"
    )
    return home


@pytest.fixture(scope="module")
def histories():
    return RandomHistories()


@pytest.fixture(scope="module")
def home(dbt, make_home, histories):
    accounts = [*histories.accounts, *GOLDEN]
    subscriptions = [*histories.subscriptions, *golden_subscriptions()]
    return build(dbt, make_home("histories"), accounts, subscriptions)


def test_every_movement_of_every_history_is_the_oracles(home, histories):
    expected = movements(levels(histories.subscriptions, None))
    published = {
        (r["account"], r["month_start_date"]): (
            r["movement_type"], r["amount"], r["opening_mrr"], r["closing_mrr"],
        )
        for r in home.revenue if r["account"] not in GOLDEN
    }  # fmt: skip
    assert published == {(a, m): tuple(rest) for a, m, *rest in expected.itertuples(index=False)}
    assert set(expected["type"]) == {"new", "expansion", "contraction", "churn", "reactivation"}
    assert HISTORIES >= 500 and expected["account"].nunique() > 300


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_each_currency_has_a_bridge_in_its_own_amounts(dbt, home, histories, currency):
    dbt.turn_to(home)
    everybody = [*histories.subscriptions, *golden_subscriptions()]
    expected = movements(levels(everybody, currency)).groupby(["month", "type"])["amount"].sum()
    published = home.rows(
        "select * from marts.recurring_revenue_monthly where segment_type = 'all' "
        f"and currency_type = 'billing' and currency_code = '{currency}'"
    )
    names = {"new_mrr": "new", "expansion_mrr": "expansion", "contraction_mrr": "contraction",
             "churned_mrr": "churn", "reactivation_mrr": "reactivation"}  # fmt: skip
    actual = {
        (row["month_start_date"], kind): row[name] * (-1 if kind in ("churn", "contraction") else 1)
        for row in published
        for name, kind in names.items()
        if row[name]
    }
    assert actual == {key: amount for key, amount in expected.items() if amount}
    assert len(actual) > 20


def test_every_history_reconciles_to_the_cent_in_every_segment(dbt, home):
    statuses = dbt(
        home, "test", "recurring_revenue_monthly", "revenue_movements", "retention_cohorts",
        "--exclude", "test_type:unit", **VARIABLES,
    )  # fmt: skip
    assert set(statuses.values()) <= {"pass", "warn"} and len(statuses) > 10, dbt.failures


def test_a_plan_that_takes_the_place_of_another_is_no_loss(home):
    kinds = {r["movement_type"] for r in home.revenue if r["cause_code"] == "plan_change"}
    assert kinds == {"expansion", "contraction"} | (kinds & {"churn", "new", "reactivation"})
    returns = [r for r in home.revenue if r["cause_code"] == "resumed"]
    assert returns and {r["movement_type"] for r in returns} <= {"reactivation", "expansion", "new"}


def test_our_own_movements_conform(home, tmp_path):
    file = tmp_path / "movements.csv"
    lines = [
        f"{r['account']},{r['month_start_date']:%Y-%m},{r['amount']},{r['movement_type']}"
        for r in home.revenue
    ]
    file.write_text("\n".join(["customer,month,amount,movement_type", *lines]) + "\n")
    assert rule_breaks(read_movements(file)) == []
    assert len(lines) > 1000


def test_the_golden_months_are_published_as_they_are_known(dbt, make_home):
    home = build(dbt, make_home("golden"), list(GOLDEN), golden_subscriptions())
    rows = {
        r["month_start_date"]: r
        for r in home.rows(
            "select * from marts.recurring_revenue_monthly where segment_type = 'all' "
            "and currency_type = 'reporting'"
        )
    }
    columns = ("opening_mrr", "churned_mrr", "contraction_mrr", "expansion_mrr", "new_mrr",
               "reactivation_mrr", "closing_mrr", "net_revenue_retention_ratio",
               "gross_revenue_retention_ratio")  # fmt: skip
    golden = [
        "330 30 0 0 0 0 300 .909091 .909091", "300 0 20 20 40 0 340 1 .933333",
        "340 50 0 0 0 30 320 .852941 .852941", "320 0 0 15 0 0 335 1.046875 1",
    ]  # fmt: skip
    for month, line in zip(MONTHS[1:], golden, strict=False):
        assert [rows[month][c] for c in columns] == [Decimal(n) for n in line.split()], month
