"""A business that lives elsewhere runs end to end from configuration alone.

Its CRM is in PostgreSQL, its billing behind an API, its usage in a bucket and its survey in a
workbook on an SFTP server.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import duckdb
import openpyxl
import psycopg
import pytest
import yaml

sys.path.append(str(Path(__file__).parents[1] / "unit" / "collect"))
sys.path.append(str(Path(__file__).parents[1] / "unit" / "serve" / "postgres"))

from postgres_server import server
from stores_elsewhere import PASSWORD, s3, sftp
from web_apis import TOKEN, Api, serving

from saydo.landing import read_ledger
from saydo.settings import PROJECT, Settings
from saydo.simulate import simulate

__all__ = ["server"]
CRM_PASSWORD, S3_SECRET = "crm-only-of-this-test", "s3-only-of-this-test"
SECRETS = (CRM_PASSWORD, S3_SECRET, TOKEN, PASSWORD)


@dataclass
class Elsewhere:
    """Sources, the environment that leads to them, and how many rows each feed has there."""

    environment: dict[str, str]
    counts: dict[str, int]


def table(file: Path, **options: Any) -> list[dict[str, str]]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        return list(csv.DictReader(lines, **options))


def crm_rows(simulated: Path, crm: psycopg.Connection) -> dict[str, int]:
    """Bring the CRM's files into tables of the database."""
    counts = {}
    for name, file in (("accounts", "accounts.csv"), ("contact_points", "contact_points.csv.gz")):
        rows = table(simulated / "crm" / file)
        columns = ", ".join(f"{c} {'timestamp' if c == 'changed' else 'text'}" for c in rows[0])
        crm.execute(f"create table {name} ({columns})")
        with crm.cursor().copy(f"copy {name} from stdin") as copy:
            for row in rows:
                copy.write_row([value or None for value in row.values()])
        counts[f"crm_{name}"] = len(rows)
    return counts


def billing_rows(simulated: Path, api: Api) -> dict[str, int]:
    """Bring the contracts and the ledger behind the API."""
    ledger = [
        row
        for month in ("2025-11", "2025-12")
        for row in table(simulated / "billing" / f"ledger_{month}.csv", delimiter=";")
    ]
    for number, row in enumerate(ledger):
        booked = datetime.fromisoformat(row["booked"]).replace(tzinfo=UTC)
        api.charges.append(row | {"id": f"{number:06}", "created": int(booked.timestamp())})
    contracts = duckdb.read_parquet(str(simulated / "billing" / "contracts.parquet"))
    values = [dict(zip(contracts.columns, row, strict=True)) for row in contracts.fetchall()]
    api.tickets = json.loads(json.dumps(values, default=str))
    return {"billing_ledger": len(ledger), "billing_contracts": len(values)}


def survey_workbook(simulated: Path, folder: Path) -> dict[str, int]:
    """Bring the answers into a workbook that somebody has dropped."""
    rows = []
    for file in sorted((simulated / "survey").glob("answers*.jsonl.gz")):
        rows += [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(folder / "answers.xlsx")
    os.utime(folder / "answers.xlsx", (time.time() - 3600,) * 2)
    return {"survey_answers": len(rows)}


def collect_yml(api_url: str) -> dict[str, Any]:
    pages = {"by": "cursor", "next": "data[-1].id", "param": "starting_after"}
    charges = {
        "name": "charges", "path": "v1/charges", "records": "data",
        "pages": pages | {"more": "has_more", "size": 100, "total": "total"},
        "cursor": {"field": "created", "param": "created[gte]", "kind": "unix"},
    }  # fmt: skip
    contracts = {
        "name": "contracts", "path": "api/v2/tickets", "records": "tickets",
        "pages": {"by": "link", "next": "links.next", "more": "meta.has_more"},
    }  # fmt: skip
    accounts = {"name": "accounts", "cursor": {"column": "changed", "lag": "1d"}}
    return {
        "pipelines": [
            {"name": "crm", "connection": "crm_db",
             "tables": [accounts, {"name": "contact_points"}]},
            {"name": "billing", "connection": "billing_api",
             "api": {"url": api_url, "resources": [charges, contracts]}},
            {"name": "lake", "connection": "usage_store",
             "folder": {"url": "s3://business/exports"}},
            {"name": "survey", "connection": "panel_sftp",
             "folder": {"url": "sftp://127.0.0.1/outgoing", "files": "*.xlsx"}},
        ]
    }  # fmt: skip


def feeds_yml() -> dict[str, Any]:
    """The simulated telco's feeds, which find their files where collecting brings them."""
    feeds = yaml.safe_load((PROJECT / "config" / "feeds.yml").read_text())
    moved = {
        "crm_accounts": {"path": "crm/accounts-*.parquet", "format": "parquet"},
        "crm_contact_points": {"path": "crm/contact_points-*.parquet", "format": "parquet"},
        "billing_ledger": {"path": "billing/charges-*.jsonl.gz", "format": "json", "options": {}},
        "billing_contracts": {"path": "billing/contracts-*.jsonl.gz", "format": "json"},
        "survey_answers": {"path": "survey/answers*.xlsx", "format": "xlsx"},
    }
    for feed in feeds["feeds"]:
        feed |= moved.get(feed["name"], {"path": f"lake/{feed['path']}"})
        if feed["name"] == "billing_contracts":
            feed["columns"]["recurring_amount"] = "try_cast(price_pence as bigint) * 0.01"
    return feeds


@pytest.fixture
def elsewhere(tmp_path, server) -> Iterator[Elsewhere]:
    simulated = tmp_path / "simulated"
    simulate(simulated, customers=60, months=2, seed=1)
    server.admin("drop database if exists business with (force)", "create database business")
    server.admin(
        "drop role if exists crm_reader", f"create role crm_reader login password '{CRM_PASSWORD}'"
    )
    with psycopg.connect(
        host=str(server.folder), port=server.port, user="postgres", dbname="business"
    ) as crm:
        counts = crm_rows(simulated, crm)
        crm.execute("grant select on all tables in schema public to crm_reader")
    api = Api()
    counts |= billing_rows(simulated, api)
    drop = tmp_path / "drop"
    (drop / "outgoing").mkdir(parents=True)
    counts |= survey_workbook(simulated, drop / "outgoing")
    with ExitStack() as stack:
        stack.enter_context(serving(api))
        gate = stack.enter_context(s3())
        port, key = stack.enter_context(sftp(drop))
        bucket = boto3.resource(
            "s3", endpoint_url=gate.url, region_name="us-east-1",
            aws_access_key_id="someone", aws_secret_access_key=S3_SECRET,
        ).create_bucket(Bucket="business")  # fmt: skip
        for part in ("network", "care", "marketing", "survey"):
            for file in sorted((simulated / part).iterdir()):
                if not file.name.startswith("answers"):
                    bucket.upload_file(str(file), f"exports/{part}/{file.name}")
        (tmp_path / "collect.yml").write_text(yaml.safe_dump(collect_yml(api.url)))
        (tmp_path / "feeds.yml").write_text(yaml.safe_dump(feeds_yml()))
        place = {"host": "127.0.0.1", "port": server.port, "schema": "business"}
        connections = {
            "CRM_DB": place | {"conn_type": "postgres", "login": "crm_reader",
                               "password": CRM_PASSWORD},
            "BILLING_API": {"conn_type": "http", "password": TOKEN},
            "USAGE_STORE": {"conn_type": "aws", "login": "someone", "password": S3_SECRET,
                            "extra": {"endpoint_url": gate.url, "region_name": "us-east-1"}},
            "PANEL_SFTP": {"conn_type": "sftp", "host": "127.0.0.1", "port": port,
                           "login": "panel", "password": PASSWORD, "extra": {"host_key": key}},
        }  # fmt: skip
        environment = {f"AIRFLOW_CONN_{name}": json.dumps(c) for name, c in connections.items()}
        environment |= {
            "SAYDO_COLLECT_FILE": str(tmp_path / "collect.yml"),
            "SAYDO_FEEDS_FILE": str(tmp_path / "feeds.yml"),
            "SAYDO_HOME": str(tmp_path / "home"),
            "COLUMNS": "200",
        }
        yield Elsewhere(environment, counts)


def saydo(elsewhere: Elsewhere, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("saydo")), *words]
    environment = os.environ | elsewhere.environment
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_a_business_that_lives_elsewhere_is_published_from_configuration_alone(elsewhere, tmp_path):
    home = tmp_path / "home"
    tried = saydo(elsewhere, "collect", "check")
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.count("good") == 6 and not (home / "landing").exists()

    done = saydo(elsewhere, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("crm", "billing", "lake", "survey"):
        assert f"done   collect {name}" in done.stdout
    settings = Settings(home=home, feeds_file=tmp_path / "feeds.yml")
    delivered: dict[str, int] = {}
    for batch in read_ledger(settings):
        delivered[batch.feed] = delivered.get(batch.feed, 0) + batch.delivered_count
    assert {feed: delivered[feed] for feed in elsewhere.counts} == elsewhere.counts
    assert {"network_usage", "network_incidents", "care_contacts"} <= delivered.keys()
    with duckdb.connect(home / "published" / "current" / "marts.duckdb", read_only=True) as marts:
        customers, spending, asked = marts.execute(
            "select count(*), count(*) filter (has_transactions), "
            "count(*) filter (has_survey) from customer_profiles"
        ).fetchone()
    assert customers > 50 and spending > 30 and asked > 5

    again = saydo(elsewhere, "collect", "--pipeline", "billing", "--pipeline", "lake")
    assert again.returncode == 0, again.stderr
    assert "lake: nothing new" in again.stdout and "billing: 1 files" in again.stdout
    said = done.stdout + done.stderr + tried.stdout + tried.stderr + again.stdout + again.stderr
    written = "".join(
        file.read_text(errors="replace")
        for file in home.rglob("*")
        if file.is_file() and file.suffix in (".log", ".json", ".yml", ".ndjson", ".html", "")
    )
    assert not [secret for secret in SECRETS if secret in said + written]
