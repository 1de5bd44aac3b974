"""`saydo run` takes the real DAG through Airflow in one process; its exit code tells the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from receiver import notices_file, receiving

from saydo.settings import PROJECT

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


@pytest.fixture
def told(tmp_path):
    """Somebody who is told everything, and the environment that says so."""
    with receiving() as receiver:
        receiver.variables = {
            "SAYDO_NOTICES_FILE": str(notices_file(tmp_path, "ops_chat")),
            "AIRFLOW_CONN_OPS_CHAT": receiver.connection,
        }
        yield receiver


def run(
    home: Path, *more: str, feeds: Path | None = None, **variables: str
) -> subprocess.CompletedProcess:
    command = [Path(sys.executable).with_name("saydo"), "run", "--home", home]
    command += ["--feeds", feeds or home / "feeds.yml", *more]
    environment = os.environ | {"COLUMNS": "200"} | variables
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_a_refused_delivery_exits_3_with_the_message_of_the_task(home, told):
    (home / "landing" / "contacts.csv").write_text("id,mail,channel,kind\n1,a@b.c,shop,visit\n")
    done = run(home, **told.variables)
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
    assert told.titles == ["Saydo: 1 file of feed contacts refused"]


def test_nothing_delivered_at_all_exits_1_and_says_where_files_belong(home, told):
    done = run(home, **told.variables)
    assert done.returncode == 1
    assert "build_staging: nothing dated has been landed" in done.stderr
    assert "check_sources" in done.stdout
    assert told.titles == ["Saydo: build_customer_warehouse stopped at build_staging"]
    # Airflow tells of its tasks, of the one that failed too, in the home's own file.
    (file,) = (home / "state" / "lineage" / "events").glob("*.ndjson")
    events = [json.loads(line) for line in file.read_text().splitlines()]
    ends = {event["job"]["name"].partition(".")[2]: event["eventType"] for event in events}
    assert (ends["check_sources"], ends["build_staging"]) == ("COMPLETE", "FAIL")
    assert {event["job"]["namespace"] for event in events} == {"saydo"}
    assert str(home) not in file.read_text() and str(PROJECT) not in file.read_text()


def test_a_late_source_is_named_and_told_and_stops_the_run_where_policy_says_so(home, told):
    """No file says that it is of the as-of day, and the newest day is a later one."""
    late = FEED | {"expect": {"by": "06:00", "date": "cast(null as date)"}}
    (home / "feeds.yml").write_text(yaml.safe_dump({"feeds": [late]}))
    (home / "policy.yml").write_text("landing: {on_late: refuse}\n")
    days = ("2025-03-05", "2025-03-09")
    rows = [f"{day},a@b.c,{day} 10:00:00Z,shop,visit" for day in days]
    (home / "landing" / "contacts.csv").write_text(
        "\n".join(["id,mail,happened,channel,kind", *rows])
    )
    policy = {"SAYDO_POLICY_FILE": str(home / "policy.yml")}
    done = run(home, "--as-of", days[0], **told.variables | policy)
    assert done.returncode == 3
    named = "feed contacts: no delivery for 2025-03-05, due by 06:00 on 2025-03-06 (UTC)"
    assert named in done.stderr and "landing.on_late" in done.stderr
    assert not (home / "warehouse.duckdb").exists()
    assert told.titles == ["Saydo: feed contacts is late"]


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
