"""2,000 simulated customers: what was planted is known, so every count and sum can be checked."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

import duckdb
import pandas
import pytest
from whole_business import run_all

from saydo.landing import hash_identifier, read_ledger
from saydo.report.sections import SECTIONS
from saydo.settings import PROJECT

TEXTS = (".json", ".html")
HISTORY = re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / "history.md").read_text(), re.S)
ASKED_DAY = "2025-02-01"  # the day after the one that the page asks for
REVENUE = (
    "sum(case when transaction_type in ('charge', 'one_off') then amount "
    "when transaction_type in ('refund', 'credit') then -amount else 0 end)"
)


@pytest.fixture(scope="module")
def truth(telco) -> dict:
    return json.loads((telco.settings.landing / "truth.json").read_text())


@pytest.fixture(scope="module")
def customer_of(telco, truth) -> dict[str, str]:
    """account_id of the truth to the customer_id of the registry."""
    registry = dict(
        telco.rows(
            "select account_key, customer_id from read_parquet(?)",
            str(telco.folder / "registry.parquet"),
        )
    )
    keys = {
        account: hash_identifier(telco.settings, "account_id", account)
        for accounts in truth["persons_accounts"].values()
        for account in accounts
    }
    return {account: registry[key] for account, key in keys.items() if key in registry}


def test_every_batch_reconciles(telco):
    batches = read_ledger(telco.settings)
    assert len({batch.source for batch in batches}) == 11
    for batch in batches:
        told = (
            batch.loaded_count
            + batch.quarantined_count
            + batch.duplicate_count
            + batch.filtered_count
        )
        assert batch.delivered_count == told, batch.batch_id


def test_every_delivered_row_is_in_the_ledger(telco, truth):
    delivered: Counter[str] = Counter()
    filtered: Counter[str] = Counter()
    for batch in read_ledger(telco.settings):
        if batch.status != "duplicate":
            delivered[batch.source] += batch.delivered_count
            filtered[batch.source] += batch.filtered_count
    assert delivered == truth["totals"]["rows_delivered"]
    assert +filtered == truth["totals"]["rows_filtered"]


def test_a_clean_business_has_nothing_in_quarantine(telco):
    assert sum(batch.quarantined_count for batch in read_ledger(telco.settings)) == 0


def test_raw_holds_the_ledger_that_was_billed_to_the_penny(telco, truth):
    [[count, revenue]] = telco.rows(
        f"select count(*), {REVENUE} from (select distinct on (transaction_id) * "
        "from read_parquet(?))",
        str(telco.settings.raw / "transactions" / "**" / "data.parquet"),
    )
    # Rows that the feed leaves out on purpose are in the delivery and not in raw.
    assert count == (
        truth["totals"]["rows_unique"]["transactions"]
        - truth["totals"]["rows_filtered"].get("transactions", 0)
    )
    assert revenue == Decimal(truth["totals"]["revenue_pence"]) / 100


def test_published_revenue_is_what_was_staged_and_has_an_owner(telco):
    staged = telco.value(
        f"""
        select {REVENUE}
        from warehouse.staging.stg_transactions__transactions as transactions
        where exists (
            select 1
            from customer_identifiers as owners
            where
                owners.id_type = transactions.id_type
                and owners.id_key = transactions.id_key
                and not owners.is_shared
                and transactions.occurred_at >= coalesce(owners.valid_from_at, '-infinity')
                and transactions.occurred_at < coalesce(owners.valid_to_at, 'infinity')
        )
        """
    )
    assert staged > 0
    assert telco.value("select sum(revenue) from customer_months") == staged
    assert telco.value("select sum(lifetime_revenue) from customer_profiles") == staged


def test_no_answer_and_no_invitation_is_lost_between_staging_and_profiles(telco):
    for table, column in (
        ("stg_survey__responses", "survey_response_count"),
        ("stg_survey__invitations", "survey_invitation_count"),
    ):
        published = telco.value(f"select sum({column}) from customer_profiles")
        staged = telco.value(f"select count(*) from warehouse.staging.{table}")
        assert 0 < published <= staged, table


def test_recurring_revenue_moves_without_a_gap(telco):
    assert (
        telco.rows(
            """
            select customer_id, month_start_date
            from (
                select
                    *,
                    lag(closing_mrr, 1, 0) over months as previous_closing_mrr,
                    lag(month_start_date) over months as previous_month_start_date
                from customer_months
                window months as (partition by customer_id order by month_start_date)
            )
            where
                opening_mrr <> previous_closing_mrr
                or month_start_date <> previous_month_start_date + interval 1 month
            limit 5
            """
        )
        == []
    )


def test_a_profile_agrees_with_its_last_month(telco):
    assert telco.value(
        "select sum(monthly_recurring_revenue) from customer_profiles"
    ) == telco.value(
        "select sum(closing_mrr) from customer_months "
        "where month_start_date = (select max(month_start_date) from customer_months)"
    )


def test_a_recycled_number_never_joins_two_persons(truth, customer_of):
    pairs = [
        [span["account_id"] for span in number["spans"]] for number in truth["recycled_numbers"]
    ]
    assert len(pairs) >= 5, "too few recycled numbers to prove anything"
    known = [pair for pair in pairs if all(account in customer_of for account in pair)]
    assert known
    joined = [pair for pair in known if len({customer_of[account] for account in pair}) < len(pair)]
    assert joined == []


def test_a_recycled_number_is_owned_by_one_customer_at_a_time(telco):
    assert (
        telco.rows(
            """
            select one.id_key
            from customer_identifiers as one
            join customer_identifiers as other
                on
                    one.id_type = other.id_type
                    and one.id_key = other.id_key
                    and one.customer_id < other.customer_id
                    and coalesce(one.valid_from_at, '-infinity')
                    < coalesce(other.valid_to_at, 'infinity')
                    and coalesce(other.valid_from_at, '-infinity')
                    < coalesce(one.valid_to_at, 'infinity')
            where not one.is_shared and not other.is_shared
            """
        )
        == []
    )


def test_no_customer_is_two_persons(truth, customer_of):
    persons_of: dict[str, set[str]] = {}
    for person, accounts in truth["persons_accounts"].items():
        for account in accounts:
            if account in customer_of:
                persons_of.setdefault(customer_of[account], set()).add(person)
    mixed = {customer: sorted(found) for customer, found in persons_of.items() if len(found) > 1}
    assert mixed == {}


def test_accounts_of_one_person_that_share_something_are_one_customer(truth, customer_of):
    apart = set(truth["unlinkable_accounts"])
    pairs = [
        pair
        for accounts in truth["persons_accounts"].values()
        for pair in combinations([a for a in accounts if a in customer_of], 2)
        if not apart & set(pair)
    ]
    joined = [pair for pair in pairs if len({customer_of[account] for account in pair}) == 1]
    assert len(pairs) > 200
    # Where a name or a birth date is missing, a shared e-mail or number is not enough.
    assert len(joined) / len(pairs) >= 0.99


def test_erased_persons_are_in_no_published_table(telco, truth, customer_of):
    erased = [a for person in truth["erased"] for a in truth["persons_accounts"][person]]
    assert erased
    kept = {customer_of[account] for account in erased if account in customer_of}
    published = {c for (c,) in telco.rows("select customer_id from customer_profiles")}
    assert kept & published == set()


def test_an_experiment_that_is_not_over_says_from_when_on_it_can_be_read(telco):
    """Assigned in October, so that January, which is to come, is its last month."""
    assert telco.rows("select distinct is_valid, mean, why_not from experiment_readouts") == [
        (False, None, "too early: nobody is measured before 2026-01-31 is over")
    ]


def test_duckdb_and_pandas_open_the_release(telco):
    with duckdb.connect(
        str(telco.folder / "marts.duckdb"),
        read_only=True,
        config={"enable_external_access": "false", "lock_configuration": "true"},
    ) as marts:
        for table, count in telco.release["row_counts"].items():
            assert marts.execute(f"select count(*) from {table}").fetchone() == (count,)
            assert len(pandas.read_parquet(telco.folder / f"{table}.parquet")) == count
        with pytest.raises(duckdb.Error):
            marts.execute("select * from read_text('/etc/hostname')")
    assert {"customer_profiles", "customer_months", "customer_identifiers"} <= set(
        telco.release["row_counts"]
    )
    assert {"data_readiness", "release_history"} <= set(telco.release["row_counts"])


def test_the_release_explains_itself(telco):
    manifest = json.loads((telco.folder / "manifest.json").read_text())
    assert manifest["content_hash"] == telco.release["content_hash"]
    assert manifest["row_counts"] == telco.release["row_counts"]
    accepted = {b.batch_id for b in read_ledger(telco.settings) if b.status == "accepted"}
    assert set(manifest["batch_ids"]) == accepted
    assert manifest["gate"]
    where = "where database_name = 'release' and comment is null"
    assert telco.rows(f"select table_name, column_name from duckdb_columns() {where}") == []
    assert list((telco.folder / "gate").rglob("*")) and list((telco.folder / "report").glob("*"))


def test_the_report_answers_every_question_from_the_release(telco):
    page = (telco.folder / "report" / "index.html").read_text()
    codes = [section.code for section in SECTIONS if not section.is_silent]
    assert all(f'<section id="{code}">' in page for code in codes)
    assert "cannot be told: the release was made before" not in page


def test_no_planted_number_or_address_is_published_in_clear(telco, truth):
    planted = {entry["value"] for entry in truth["household_emails"] + truth["recycled_numbers"]}
    assert planted
    keys = {key for (key,) in telco.rows("select id_key from customer_identifiers")}
    assert keys.isdisjoint(planted)
    texts = [f.read_text(errors="ignore") for f in telco.folder.rglob("*.*") if f.suffix in TEXTS]
    assert texts
    assert not [value for value in planted if any(value in text for text in texts)]


def test_a_second_run_lands_nothing_and_gives_the_same_content(telco):
    again = run_all(telco.settings)
    assert again["landed"] == []
    assert again["content_hash"] == telco.release["content_hash"]
    assert again["is_new"] is False
    assert again["release_id"] == telco.release["release_id"]


@pytest.mark.parametrize("query", HISTORY, ids=lambda query: query.split(":")[0].strip("- "))
def test_what_the_page_on_profiles_through_time_asks_is_answered(telco, query):
    as_of = telco.value("select max(as_of_date) from customer_profiles")
    assert telco.rows(query.replace(ASKED_DAY, str(as_of - timedelta(days=60))))


def test_asked_for_the_as_of_day_the_page_says_what_the_profiles_say(telco):
    as_of = telco.value("select max(as_of_date) from customer_profiles")
    query = HISTORY[0].replace(ASKED_DAY, str(as_of + timedelta(days=1))).rstrip().rstrip(";")
    columns = "customer_id, region_code, customer_type, satisfaction_band, customer_status"
    asked = telco.rows(f"select {columns} from ({query}) order by customer_id")
    assert asked == telco.rows(f"select {columns} from customer_profiles order by customer_id")
