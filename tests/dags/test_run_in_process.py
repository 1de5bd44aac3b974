"""`saydo run` takes the real DAG through Airflow in one process; its exit code tells the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from saydo.settings import PROJECT
from saydo.simulate import simulate

FEED = {
    "name": "contacts",
    "source": "interactions",
    "path": "contacts*.csv",
    "format": "csv",
    "columns": {
        "interaction_id": "id",
        "id_type": "'email'",
        "id_value": "mail",
        "occurred_at": "happened",
        "channel_code": "channel",
        "interaction_type": "kind",
    },
}


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "landing").mkdir()
    (tmp_path / "feeds.yml").write_text(yaml.safe_dump({"feeds": [FEED]}))
    return tmp_path


def run(home: Path, *more: str, feeds: Path | None = None) -> subprocess.CompletedProcess:
    command = [Path(sys.executable).with_name("saydo"), "run", "--home", home]
    command += ["--feeds", feeds or home / "feeds.yml", *more]
    environment = os.environ | {"COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_a_refused_delivery_exits_3_with_the_message_of_the_task(home):
    (home / "landing" / "contacts.csv").write_text("id,mail,channel,kind\n1,a@b.c,shop,visit\n")
    done = run(home)
    assert done.returncode == 3, done.stderr
    assert "failed land contacts" in done.stdout
    for word in ("land contacts:", "contacts.csv", "happened"):
        assert word in done.stderr
    assert "Nothing was published" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (home / "published" / "current").exists()
    (log,) = (home / "airflow" / "logs").glob("run-*.log")
    assert str(log) in done.stderr.replace("\n", "")
    assert "DeliveryRefused" in log.read_text()


def test_nothing_delivered_at_all_exits_1_and_says_where_files_belong(home):
    done = run(home)
    assert done.returncode == 1
    assert "build_staging: nothing dated has been landed" in done.stderr
    assert "check_sources" in done.stdout
    # Airflow tells of its tasks, of the one that failed too, in the home's own file.
    (file,) = (home / "state" / "lineage" / "events").glob("*.ndjson")
    told = [json.loads(line) for line in file.read_text().splitlines()]
    ends = {event["job"]["name"].partition(".")[2]: event["eventType"] for event in told}
    assert (ends["check_sources"], ends["build_staging"]) == ("COMPLETE", "FAIL")
    assert {event["job"]["namespace"] for event in told} == {"saydo"}
    assert str(home) not in file.read_text() and str(PROJECT) not in file.read_text()


@pytest.mark.parametrize(
    ("broken", "says"),
    [("feedz: []", "did you mean 'feeds'?"), ("feeds: [", "is not valid YAML")],
)
def test_a_wrong_feeds_file_exits_2_before_airflow_starts(home, broken, says):
    (home / "feeds.yml").write_text(broken)
    done = run(home)
    assert done.returncode == 2
    assert says in done.stderr
    assert not (home / "airflow").exists()


def test_a_day_that_is_none_exits_2(home):
    done = run(home, "--as-of", "2025-02-30")
    assert done.returncode == 2
    assert "2025-02-30" in done.stderr


def test_a_business_is_published_and_a_second_run_changes_nothing_nor_does_a_refused_one(tmp_path):
    """The whole way, three times: published, published the same, refused."""
    home = tmp_path / "home"
    simulate(home / "landing", customers=60, months=2, seed=1)
    first = run(home, feeds=PROJECT / "config" / "feeds.yml")
    assert first.returncode == 0, first.stderr
    assert "as of 2025-12-31" in first.stdout
    for promised in ("customer_profiles", "customer_months", "marts.duckdb", "report"):
        assert promised in first.stdout
    sql = [line.strip() for line in first.stdout.splitlines() if line.startswith("  select ")]
    assert len(sql) == 1
    with duckdb.connect(home / "published" / "current" / "marts.duckdb", read_only=True) as marts:
        assert len(marts.execute(sql[0]).fetchall()) > 5

    second = run(home, feeds=PROJECT / "config" / "feeds.yml")
    assert second.returncode == 0, second.stderr
    assert "rows loaded" in first.stdout
    assert "rows loaded" not in second.stdout
    assert hash_line(first) == hash_line(second)

    current = (home / "published" / "current").readlink()
    (home / "landing" / "crm" / "accounts_bad.csv").write_text("no,such,columns\n1,2,3\n")
    third = run(home, feeds=PROJECT / "config" / "feeds.yml")
    assert third.returncode == 3
    assert "accounts_bad.csv" in third.stderr
    assert (home / "published" / "current").readlink() == current


def hash_line(done: subprocess.CompletedProcess) -> str:
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("content hash ")]
    return line
