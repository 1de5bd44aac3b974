"""A business's first days: its accounts alone, and its newest day wherever on earth it is."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import pytest
import yaml
from whole_business import Business, run_all

from saydo.build import prepare, resolve_as_of
from saydo.build.dbt import invoke
from saydo.build.variables import dbt_variables
from saydo.gate import check_sources
from saydo.landing import land_all
from saydo.release import headline
from saydo.settings import Settings

ACCOUNTS = {
    "name": "accounts", "source": "accounts", "path": "accounts.csv", "format": "csv",
    "columns": {"account_id": "id", "opened_at": "opened", "has_analytics_consent": "consent"},
}  # fmt: skip
CHARGES = {
    "name": "charges", "source": "transactions", "path": "charges.csv", "format": "csv",
    "columns": {
        "transaction_id": "id", "id_type": "'account_id'", "id_value": "account",
        "occurred_at": "charged", "transaction_type": "'charge'", "amount": "amount",
        "currency": "'EUR'",
    },
}  # fmt: skip


def delivered(folder, zone: str, files: dict[str, str]) -> Settings:
    feeds = [feed | {"timezone": zone} for feed in (ACCOUNTS, CHARGES) if feed["path"] in files]
    business = {"timezone": zone, "as_of": "latest", "reporting_currency": "EUR"}
    (folder / "feeds.yml").write_text(yaml.safe_dump({"business": business, "feeds": feeds}))
    settings = Settings(home=folder / "home", feeds_file=folder / "feeds.yml", memory_limit="2GB")
    settings.landing.mkdir(parents=True)
    for name, text in files.items():
        (settings.landing / name).write_text(text)
    return settings


def test_accounts_alone_are_published_and_what_is_not_known_is_said(tmp_path):
    accounts = "id,opened,consent\nA1,2025-01-01,true\nA2,2025-01-02,\nA3,,true\n"
    settings = delivered(tmp_path, "UTC", {"accounts.csv": accounts})
    made = Business(settings, run_all(settings))
    assert made.release["as_of_date"] == "2025-01-02"
    assert made.release["row_counts"]["customer_months"] == 0
    assert made.rows(
        "select customer_status, tenure_months, first_seen_at, has_analytics_consent "
        "from customer_profiles order by first_seen_at"
    ) == [
        ("never_subscribed", 0, datetime(2025, 1, 1), True),
        ("never_subscribed", 0, datetime(2025, 1, 2), False),
        ("never_subscribed", None, None, True),
    ]
    unknown = "select grade, why from data_readiness where source = ? and feature = ?"
    assert made.rows(unknown, "transactions", "amount") == [
        ("F", "no feed delivers it: nothing is known")
    ]
    assert made.rows(unknown, "customer_months", "rows") == [("F", "it has no rows")]
    assert (made.folder / "report" / "index.html").stat().st_size > 1000
    told = [line.value for line in headline(made.settings, made.release["release_id"])]
    assert told[0] == "3" and set(told[1:]) == {"not known yet"}


@pytest.mark.parametrize(
    ("zone", "charged", "revenue_90d"),
    [
        ("America/Los_Angeles", "2024-04-30 23:30:00", 12),  # UTC says tomorrow, and next month
        ("Asia/Tokyo", "2024-05-01 05:00:00", 7),  # yesterday, and last month
        ("Asia/Kolkata", "2024-05-01 05:15:00", 7),
    ],
)
def test_latest_is_the_business_own_newest_day_and_holds_all_of_it(
    tmp_path, zone, charged, revenue_90d
):
    charges = f"id,account,charged,amount\n1,A1,2024-02-01 00:30:00,5.00\n2,A1,{charged},7.00\n"
    accounts = "id,opened,consent\nA1,2024-01-30 00:00:00,true\n"
    settings = delivered(tmp_path, zone, {"accounts.csv": accounts, "charges.csv": charges})
    land_all(settings)
    check_sources(settings)
    day = resolve_as_of(settings, None)
    assert day == date.fromisoformat(charged[:10])
    prepare(settings, day)
    # One call of dbt, without the tests of the data: what is built is the matter here.
    built = invoke(
        settings,
        [
            "build", "--select", "+customer_profiles", "+customer_months",
            "--resource-type", "seed", "--resource-type", "model",
        ],
        dbt_variables(settings, day),
    )  # fmt: skip
    assert {result.status for result in built} <= {"success"}
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        assert warehouse.sql(
            "select as_of_date, revenue_90d, lifetime_revenue, tenure_months "
            "from marts.customer_profiles"
        ).fetchall() == [(day, revenue_90d, 12, 3)]
        assert warehouse.sql(
            "select max(month_start_date), sum(revenue) from marts.customer_months"
        ).fetchall() == [(day.replace(day=1), 12)]
