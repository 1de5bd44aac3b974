"""What the current release hands on: ids, the log, what it said, and what changed since."""

from __future__ import annotations

import json

import duckdb
import pytest

from saydo.build.carried import carry_over, input_changes, release_changes
from saydo.landing import read_ledger
from saydo.release import code_version, configuration_hashes

RELEASE = "r20250330020000-00000000"
TABLES = {
    "registry": "select 'k' as account_key",
    "identity_changes": "select 'merged' as change_type, 'c_1' as from_customer_id",
    "customer_profiles": "select 'c_2' as customer_id, 7 as account_count",
    "published_figures": "select 'customer_months' as table_name, 'revenue' as column_name",
    "restatement_log": "select 'customer_months' as table_name, 'r0' as changed_in_release",
    "data_readiness": "select 'transactions' as source, 'amount' as feature, "
    "0.99::decimal(9, 4) as match_ratio, 'A' as grade",
}


@pytest.fixture
def published(home):
    """Settings of a home with a release; `manifest` may be changed."""

    def publish(settings, **manifest):
        folder = settings.published / "releases" / RELEASE
        folder.mkdir(parents=True)
        for name, sql in TABLES.items():
            duckdb.sql(sql).write_parquet(str(folder / f"{name}.parquet"))
        known = {
            "release_id": RELEASE,
            "batch_ids": [],
            "configuration": configuration_hashes(settings),
            "code_version": code_version(),
        }
        (folder / "manifest.json").write_text(json.dumps(known | manifest))
        (settings.published / "current").symlink_to(f"releases/{RELEASE}")
        return settings

    return publish


def read(settings, name):
    return duckdb.sql(f"select * from '{settings.state / name}.parquet'").fetchall()


def changes(settings):
    ledger = read_ledger(settings)
    return {row["change_type"] for row in input_changes(release_changes(settings, ledger), ledger)}


def test_the_logs_the_customers_and_the_figures_of_the_release_are_carried_over(home, published):
    settings = published(home.settings())
    assert carry_over(settings, [])
    assert read(settings, "registry") == [("k",)]
    assert read(settings, "identity_changes") == [("merged", "c_1")]
    assert read(settings, "published_customers") == [("c_2",)]
    assert read(settings, "published_figures") == [("customer_months", "revenue")]
    assert read(settings, "restatement_log") == [("customer_months", "r0")]
    assert [row[:2] for row in read(settings, "published_readiness")] == [
        ("transactions", "amount")
    ]


def test_before_the_first_release_there_is_nothing_to_carry(home):
    settings = home.settings()
    assert not carry_over(settings, [])
    for name in ("registry", "identity_changes", "published_customers", "published_figures",
                 "published_readiness", "restatement_log", "release_changes",
                 "input_changes"):  # fmt: skip
        assert read(settings, name) == []


def test_nothing_changed_since_a_release_of_the_same_files_rules_and_code(home, published):
    batch = home.batch("crm", "accounts")
    assert changes(published(home.settings(), batch_ids=[batch])) == set()


def test_files_that_decide_identity_are_told_as_they_come_and_go(home, published):
    gone = home.batch("crm", "accounts", status="withdrawn")
    home.batch("crm", "account_identifiers")
    home.batch("crm", "accounts", status="refused")
    home.batch("ledger", "transactions")
    settings = published(home.settings(), batch_ids=[gone, "usage-000000000009"])
    assert changes(settings) == {"delivered", "withdrawn"}


def test_every_batch_that_came_or_went_is_named_and_no_other(home, published):
    stays = home.batch("crm", "accounts")
    gone = home.batch("usage", "network_usage_daily", status="withdrawn")
    new = home.batch("ledger", "transactions")
    home.batch("ledger", "transactions", status="refused")
    settings = published(home.settings(), batch_ids=[stays, gone])
    found = {
        row["batch_id"]: row["change_type"]
        for row in release_changes(settings, read_ledger(settings))
    }
    assert found == {gone: "withdrawn", new: "delivered"}


def test_another_policy_and_another_version_are_told(home, published):
    settings = published(home.settings(), code_version="0.0")
    settings.policy_file.write_text("identity: {link_without_attributes: false}\n")
    assert changes(settings) == {"configuration", "code"}
