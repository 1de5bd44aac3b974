"""Releases with a queue, made up: what deciding and handing over read of them."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import duckdb

from saydo.actions import outbox
from saydo.settings import Settings

DAY = date(2025, 3, 9)


def make_settings(folder: Path, policy: str = "{}") -> Settings:
    """Settings of a home below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feeds.yml").write_text("feeds: []\n")
    (folder / "policy.yml").write_text(policy)
    return Settings(
        home=folder / "home", feeds_file=folder / "feeds.yml", policy_file=folder / "policy.yml",
        memory_limit="500MB", threads=1, pseudonym_key="a key of the tests",
    )  # fmt: skip


def release_id(number: int) -> str:
    return f"r2025031{number}040000-0000000{number}"


def release(
    settings: Settings,
    number: int,
    faults: list[tuple[int, int]],
    owners: dict[int, int] | None = None,
    is_current: bool = True,
    version: int = 1,
    decided: str = "null",
) -> str:
    """Publish a queue of (customer, days before DAY) that wait.

    `owners` is account to customer, where these are not the same number; `decided` is SQL of
    decided_at.
    """
    folder = settings.published / "releases" / release_id(number)
    folder.mkdir(parents=True)
    rows = ", ".join(
        f"('c_{who}', date '{DAY - timedelta(days=days)}', {90 + who})" for who, days in faults
    )
    held = {n: n for n in range(1, 10)} | (owners or {})
    accounts = ", ".join(f"('a{account}', 'c_{whose}')" for account, whose in held.items())
    queries = {
        "service_recovery_queue": "select customer_id, incident_date, 'i_1' as incident_id, "
        f"'recovery' as policy_code, {version}::bigint as policy_version, "
        f"case when {decided} is not null then 'd_' || customer_id || incident_date end "
        f"as decision_id, case when {decided} is not null then 'credit' end as decision, "
        "null::varchar as reason, 'fan' as satisfaction_band, 'GBP' as currency_code, "
        f"'{release_id(number)}' as release_id, minutes::decimal(18, 6) as fault_minutes, "
        "2.5::decimal(18, 2) as credit_amount, true as is_measured, true as has_consent, "
        f"{decided}::timestamp as decided_at, {decided}::timestamp as handed_over_at "
        f"from (values {rows}) f(customer_id, incident_date, minutes)",
        "customer_identifiers": "select 'account_id' as id_type, account as id_key, customer_id, "
        "timestamp '2020-01-01' as valid_from_at, null::timestamp as valid_to_at "
        f"from (values {accounts}) a(account, customer_id)",
        "registry": "select account as account_key, customer_id, null::timestamp as released_at "
        f"from (values {accounts}) a(account, customer_id)",
    }
    for name, query in queries.items():
        duckdb.sql(query).write_parquet(str(folder / f"{name}.parquet"))
    manifest = {
        "release_id": release_id(number),
        "becomes_current": is_current,
        "as_of_date": DAY.isoformat(),
        "code_version": "1",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if is_current:
        point(settings, number)
    return release_id(number)


def point(settings: Settings, number: int) -> None:
    """Make a release current."""
    link = settings.published / "current"
    beside = link.with_name("next")
    beside.symlink_to(Path("releases") / release_id(number))
    beside.replace(link)


def keep_clear_ids(settings: Settings, accounts: range = range(1, 10)) -> None:
    """The restricted store: the clear id of account a1 is AC-1."""
    folder = settings.restricted / "accounts"
    folder.mkdir(parents=True, exist_ok=True)
    rows = ", ".join(f"('a{n}', 'AC-{n}')" for n in accounts)
    duckdb.sql(f"from (values {rows}) t(account_key, account_id)").write_parquet(
        str(folder / "crm-1.parquet")
    )


def handed(settings: Settings) -> list[dict[str, str]]:
    """Every row of every file in the outbox that has its manifest."""
    rows = []
    for file in sorted(outbox(settings).glob("*.json")):
        manifest = json.loads(file.read_text())
        with (outbox(settings) / manifest["file"]).open() as text:
            mine = list(csv.DictReader(text))
        assert [row["decision_id"] for row in mine] == manifest["decision_ids"]
        rows += mine
    return rows
