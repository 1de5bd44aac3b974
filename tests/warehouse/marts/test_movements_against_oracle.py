"""What moved in random lives of subscriptions is what an oracle says; in golden ones, what the
definitions say. One build of every model for all histories of each.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import duckdb
import pytest
from oracle_movements import levels, movements
from random_subscriptions import (
    HISTORIES,
    MONTHS,
    RATES,
    VARIABLES,
    deliver,
    random_histories,
    version,
)

from saydo.conform import GOLDEN, read_movements, rule_breaks

MART = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure")


def build(dbt, home, accounts, subscriptions, **day):
    deliver(home, accounts, subscriptions)
    assert set(dbt(home, "seed", "*").values()) == {"success"}
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        for currency, rates in RATES.items():
            for since, rate in rates.items():
                connection.execute(
                    "insert into seeds.fx_rates values (?, 'EUR', ?, ?)", [currency, since, rate]
                )
    statuses = dbt(home, "build", "path:models", *MART, **VARIABLES | day)
    told = {name: status for name, status in statuses.items() if status not in ("success", "pass")}
    assert {name for name, status in told.items() if status != "warn"} == set(), dbt.failures
    home.revenue = home.rows(
        "select owners.id_key as account, mart.* from marts.revenue_movements as mart "
        "inner join marts.customer_identifiers as owners on mart.customer_id = owners.customer_id"
    )
    return home


@pytest.fixture(scope="module")
def histories():
    return random_histories()


@pytest.fixture(scope="module")
def subscriptions(histories):
    return [row for history in histories for row in history]


@pytest.fixture(scope="module")
def home(dbt, make_home, histories, subscriptions):
    accounts = [f"h{number}" for number in range(len(histories))]
    return build(dbt, make_home("histories"), accounts, subscriptions)


@pytest.fixture(scope="module")
def golden_home(dbt, make_home):
    """All golden histories as one business; a customer is `history/customer`."""
    subscriptions = [
        golden_version(f"{golden.name}/{customer}", *values)
        for golden in GOLDEN
        for customer, *values in golden.subscriptions
    ]
    accounts = sorted({row["id_key"] for row in subscriptions})
    day = {"as_of_date": "2024-05-31", "as_of_end_at": "2024-06-01 00:00:00"}
    return build(dbt, make_home("golden"), accounts, subscriptions, **day)


def golden_version(account, number, product, kind, amount, interval, count, start, end):
    return version(
        account, 0, datetime.fromisoformat(start), subscription_id=f"{account}-{number}",
        product_code=product, product_type=kind, recurring_amount=Decimal(amount),
        billing_interval=interval, interval_count=int(count) if count else None,
        ended_at=datetime.fromisoformat(end) if end else None,
    )  # fmt: skip


def test_every_movement_of_every_history_is_the_oracles(home, histories, subscriptions):
    expected = movements(levels(subscriptions, None))
    published = {
        (r["account"], r["month_start_date"]): (
            r["movement_type"], r["amount"], r["opening_mrr"], r["closing_mrr"],
        )
        for r in home.revenue
    }  # fmt: skip
    assert published == {(a, m): tuple(rest) for a, m, *rest in expected.itertuples(index=False)}
    assert set(expected["type"]) == {"new", "expansion", "contraction", "churn", "reactivation"}
    assert len(histories) >= HISTORIES >= 500 and expected["account"].nunique() > 300


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_each_currency_has_a_bridge_in_its_own_amounts(dbt, home, subscriptions, currency):
    dbt.turn_to(home)
    moved = movements(levels(subscriptions, currency))
    expected = moved.groupby(["month", "type"])["amount"].sum()
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


def test_a_movement_tells_its_cause(golden_home):
    causes = {
        (row["account"], f"{row['month_start_date']:%Y-%m}"): row["cause_code"]
        for row in golden_home.revenue
    }
    assert causes["plan_migration/up", "2024-03"] == "plan_change"
    assert causes["plan_migration/down", "2024-03"] == "plan_change"
    assert causes["discount_ends/one", "2024-04"] == "price_change"
    assert causes["several_subscriptions/two", "2024-03"] == "add_on_ended"
    assert causes["pause/long", "2024-04"] == "resumed"
    assert causes["free/trial", "2024-02"] == "trial_ended"
    assert causes["bridge/E", "2024-04"] == "plan_taken"


def test_our_own_movements_conform(home, tmp_path):
    file = tmp_path / "movements.csv"
    lines = [
        f"{r['account']},{r['month_start_date']:%Y-%m},{r['amount']},{r['movement_type']}"
        for r in home.revenue
    ]
    file.write_text("\n".join(["customer,month,amount,movement_type", *lines]) + "\n")
    assert rule_breaks(read_movements(file)) == []
    assert len(lines) > 1000


def test_golden_histories_move_as_the_definitions_say(golden_home):
    published = {
        (row["account"], f"{row['month_start_date']:%Y-%m}", row["amount"], row["movement_type"])
        for row in golden_home.revenue
    }
    expected = {
        (f"{golden.name}/{customer}", month, Decimal(amount), kind)
        for golden in GOLDEN
        for customer, month, amount, kind in golden.movements
    }
    assert published == expected


def test_the_golden_bridge_keeps_the_golden_share_of_its_revenue(dbt, golden_home):
    """Regions tell the histories apart: the first is the bridge."""
    dbt.turn_to(golden_home)
    rows = {
        r["month_start_date"]: r
        for r in golden_home.rows(
            "select * from marts.recurring_revenue_monthly where segment_type = 'region_code' "
            "and segment_code = 'bridge' and currency_type = 'reporting'"
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
