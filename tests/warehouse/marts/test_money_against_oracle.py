"""Published money against the same money computed fact by fact: random, and the largest amounts.

Two builds of every model: the second goes on from the first, over two ends of a month.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest
from oracle import rounded
from oracle_money import MoneyOracle, month_of
from random_money import FIRST_DAY, HUGE, LARGEST, LAST_DAY, PIECES, STRANGE, VARIABLES, RandomMoney

AS_OF = date.fromisoformat(LAST_DAY["as_of_date"])
UNTESTED = (
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure",
    "--exclude-resource-type", "test",
)  # fmt: skip


@pytest.fixture(scope="module")
def money():
    return RandomMoney()


@pytest.fixture(scope="module")
def money_home(dbt, make_home, money):
    home = make_home("random_money")
    money.deliver(home)
    assert set(dbt(home, "seed", "*").values()) == {"success"}
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        for row in money.rates:
            connection.execute(
                "insert into seeds.fx_rates values (?, 'EUR', ?, ?)",
                [row["currency_code"], row["valid_from_date"], row["rate"]],
            )
    for day in (FIRST_DAY, LAST_DAY):
        statuses = dbt(home, "build", "path:models", *UNTESTED, **VARIABLES, **day)
        assert set(statuses.values()) == {"success"}, dbt.failures
        if day is FIRST_DAY:
            home.keep_registry()
            money.deliver_what_cannot_be_published(home)
    home.statuses = dbt(
        home, "test", "path:tests", "test_name:publishable", "test_name:unique_combination",
        **VARIABLES, **LAST_DAY,
    )  # fmt: skip
    home.failures = dict(dbt.failures)
    return home


@pytest.fixture(scope="module")
def oracle(money):
    return MoneyOracle(money, AS_OF)


def published(dbt, home, mart):
    """Rows of the persons whose money can be published, with their account."""
    dbt.turn_to(home)
    return home.rows(
        f"select owners.id_key as account, mart.* from marts.{mart} as mart "
        "inner join marts.customer_identifiers as owners on mart.customer_id = owners.customer_id "
        f"where owners.id_key not in ('{HUGE}', '{STRANGE}')"
    )


@pytest.fixture(scope="module")
def months(dbt, money_home):
    rows = published(dbt, money_home, "customer_months")
    return {(row["account"], row["month_start_date"]): row for row in rows}


@pytest.fixture(scope="module")
def profiles(dbt, money_home):
    return {row["account"]: row for row in published(dbt, money_home, "customer_profiles")}


def last_day(month: date) -> date:
    return min((month + timedelta(days=31)).replace(day=1) - timedelta(days=1), AS_OF)


def nonzero(figures):
    return {key: value for key, value in figures.items() if value}


def test_recurring_revenue_of_every_month_is_at_the_rates_of_its_end(months, oracle):
    expected = {
        (account, month): amount
        for month in {month for _, month in months}
        for account, amount in oracle.recurring(last_day(month)).items()
    }
    assert nonzero({key: row["closing_mrr"] for key, row in months.items()}) == nonzero(expected)
    assert len(expected) > 100


def test_a_month_opens_with_what_the_month_before_closed(months):
    for (account, month), row in months.items():
        before = months.get((account, month_of(month - timedelta(days=1))))
        assert row["opening_mrr"] == (before["closing_mrr"] if before else 0), (account, month)


def test_revenue_is_rounded_once_where_it_is_published(months, oracle):
    expected = {key: rounded(amount, 2) for key, amount in oracle.revenue().items()}
    assert nonzero({key: row["revenue"] for key, row in months.items()}) == nonzero(expected)
    assert len(expected) > 100


def test_profiles_tell_the_money_of_the_day(profiles, oracle):
    windows = {
        "lifetime_revenue": oracle.life(),
        "revenue_90d": oracle.life(AS_OF - timedelta(days=89)),
        "revenue_previous_90d": oracle.life(
            AS_OF - timedelta(days=179), AS_OF - timedelta(days=90)
        ),
        "monthly_recurring_revenue": oracle.recurring(AS_OF),
    }
    for column, expected in windows.items():
        actual = nonzero({account: row[column] for account, row in profiles.items()})
        assert actual == nonzero(expected), column


def test_a_thousand_quarters_of_a_cent_are_two_and_a_half(months):
    assert months[PIECES, date(2025, 2, 1)]["revenue"] == Decimal("2.50")


def found_by(dbt, home, test):
    [compiled] = dbt.folder.glob(f"target/compiled/**/{test}.sql")
    dbt.turn_to(home)
    return home.rows(compiled.read_text())


def test_what_is_wrong_with_the_money_is_told_and_nothing_else(money_home):
    told = {name: status for name, status in money_home.statuses.items() if status != "pass"}
    assert told == {
        "customer_months__every_amount_can_be_published": "fail",
        "customer_profiles__every_amount_can_be_published": "fail",
        "int_subscriptions_spanned__a_version_ends_before_the_next_begins": "warn",
        "int_subscriptions_spanned__no_two_versions_with_an_end_overlap": "warn",
        "int_transactions_summarised_to_identifier_months__every_currency_has_a_rate": "fail",
        "revenue_movements__nobody_pays_less_than_nothing": "warn",
        "stg_transactions__subscriptions__every_start_has_come": "warn",
    }


def test_a_sum_too_large_to_be_published_is_told_with_its_customers(dbt, money_home):
    assert found_by(dbt, money_home, "customer_months__every_amount_can_be_published") == [
        {"figure": "traffic_mb", "customer_count": 1, "largest_publishable": LARGEST}
    ]


def test_a_currency_without_a_rate_is_told_with_its_first_day(dbt, money_home):
    name = "int_transactions_summarised_to_identifier_months__every_currency_has_a_rate"
    assert found_by(dbt, money_home, name) == [
        {"currency": "XTS", "first_date": date(2025, 4, 9), "transaction_count": 1}
    ]
