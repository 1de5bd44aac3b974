"""What a run finds reaches a real receiver through Airflow's hook: once, and nothing personal."""

from __future__ import annotations

import json
import logging
import time
from datetime import date, datetime
from types import SimpleNamespace

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException
from receiver import notices_file, receiving
from typer.testing import CliRunner

from saydo.build.prepare import tell_late
from saydo.cli import app
from saydo.errors import ConfigError, DeliveryRefused, ReleaseRefused
from saydo.landing import land_feed, read_ledger
from saydo.messages import refusals
from saydo.operators import ListFeedsOperator, sending
from saydo.operators.telling import tell_of_failure, tell_of_success
from saydo.settings import Settings

HOSTILE = "jane.doe@example.com"
FEED = {
    "name": "contacts", "source": "interactions", "path": "*.csv", "format": "csv",
    "columns": {
        "interaction_id": "id", "id_type": "'email'", "id_value": "mail", "occurred_at": "happened",
        "channel_code": "channel", "interaction_type": "kind",
    },
    "expect": {"by": "06:00"},
}  # fmt: skip


@pytest.fixture
def receiver(monkeypatch):
    with receiving() as one:
        monkeypatch.setenv("AIRFLOW_CONN_OPS_CHAT", one.connection)
        yield one


@pytest.fixture
def home(tmp_path, monkeypatch) -> Settings:
    """A home whose notices all go to `ops_chat`, and whose feed delivers what it should not."""
    (tmp_path / "feeds.yml").write_text(yaml.safe_dump({"feeds": [FEED]}))
    (tmp_path / "landing").mkdir()
    for name, value in (
        ("SAYDO_HOME", tmp_path),
        ("SAYDO_FEEDS_FILE", tmp_path / "feeds.yml"),
        ("SAYDO_NOTICES_FILE", notices_file(tmp_path, "ops_chat")),
    ):
        monkeypatch.setenv(name, str(value))
    return Settings()


def context(task_id: str, result=None, error: Exception | None = None, run="r1") -> dict:
    task = SimpleNamespace(
        task_id=task_id, dag_id="build_customer_warehouse", run_id=run,
        xcom_pull=lambda task_ids: result,
    )  # fmt: skip
    failed = AirflowFailException(str(error))
    failed.__cause__ = error
    return {"ti": task, "exception": failed if error else None}


def deliver(home: Settings, name: str) -> None:
    rows = f"id,mail,channel,kind\n1,{HOSTILE},shop,{HOSTILE}\n"
    (home.landing / f"{name}.csv").write_text(rows)


def refuse(home: Settings) -> DeliveryRefused:
    with pytest.raises(DeliveryRefused) as refused:
        land_feed(home, "contacts")
    return refused.value


def test_a_refused_delivery_is_told_once_and_another_one_by_itself(home, receiver):
    deliver(home, HOSTILE)
    for run in ("r1", "r2"):  # a second run refuses the same file
        tell_of_failure(context("land", error=refuse(home), run=run))
    (message,) = receiver.messages
    assert message["title"] == "Saydo: 1 file of feed contacts refused"
    assert read_ledger(home)[0].batch_id in message["message"]
    assert "last good release keeps serving" in message["message"]
    (home.landing / "more.csv").write_text("id,other\n1,2\n")
    tell_of_failure(context("land", error=refuse(home), run="r3"))
    assert len(receiver.messages) == 2
    assert read_ledger(home)[0].batch_id not in receiver.messages[1]["message"]


def test_a_run_that_goes_on_without_a_refused_file_tells_of_it_too(home, receiver):
    deliver(home, "x")
    refuse(home)
    tell_of_success(context("check_sources"))
    assert receiver.titles == ["Saydo: 1 file of feed contacts refused"]


def test_a_file_that_was_corrected_since_is_told_no_more(home):
    deliver(home, "x")
    refuse(home)
    assert refusals(home)
    good = f"id,mail,happened,channel,kind\n1,{HOSTILE},2025-03-01 10:00:00Z,shop,visit\n"
    (home.landing / "x.csv").write_text(good)
    land_feed(home, "contacts")
    assert refusals(home) == []


def test_no_message_holds_a_delivered_value_a_files_name_or_a_secret(home, receiver):
    deliver(home, HOSTILE)
    refused = refuse(home)
    assert HOSTILE in str(refused)
    tell_of_failure(context("land", error=refused))
    tell_of_failure(context("gate_marts", error=ReleaseRefused(f"key {HOSTILE} is twice")))
    tell_of_failure(context("build_marts", error=ValueError(f"{HOSTILE} is no number")))
    tell_late(home, read_ledger(home), date(2025, 3, 5))
    tell_of_success(context("build_staging"))
    assert len(receiver.messages) >= 4
    kept = [file for file in (home.state / "messages").rglob("*") if file.is_file()]
    told = json.dumps(receiver.messages) + "".join(file.read_text() for file in kept)
    for private in ("jane", "doe@", "example.com", "hunter2", str(home.home)):
        assert private not in told


def test_a_late_source_is_told_by_name_and_once_for_each_delivery(home, receiver):
    for _ in range(2):
        tell_late(home, [], date(2025, 3, 5), datetime(2025, 3, 6, 7))
        tell_of_success(context("build_staging"))
    assert receiver.titles == ["Saydo: feed contacts is late"]
    assert (
        "no delivery for 2025-03-05, due by 06:00 on 2025-03-06 (UTC)"
        in (receiver.messages[0]["message"])
    )
    tell_late(home, [], date(2025, 3, 6), datetime(2025, 3, 7, 7))
    tell_of_success(context("build_staging"))
    assert len(receiver.messages) == 2


def test_a_refused_release_is_told_once_and_a_failed_run_once_however_many_tasks(home, receiver):
    for run in ("r1", "r2"):
        tell_of_failure(context("gate_marts", error=ReleaseRefused("x"), run=run))
    for task_id in ("estimate", "write_report"):
        tell_of_failure(context(task_id, error=OSError("disk"), run="r3"))
    refused, *of_run = receiver.titles
    assert refused.startswith("Saydo: the release as of")
    assert of_run[-1] == "Saydo: build_customer_warehouse stopped at estimate"


def test_a_published_release_is_told_and_one_that_readers_had_is_not(home, receiver):
    folder = home.published / "releases" / "r20250306070000-0123abcd"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"gate": {"warnings": ["w"]}, "notices": []}')
    release = {
        "release_id": folder.name, "as_of_date": "2025-03-05", "is_new": True, "is_current": True,
        "row_counts": {"customer_profiles": 1200},
    }  # fmt: skip
    tell_of_success(context("publish_release", release | {"is_new": False}))
    assert receiver.messages == []
    for _ in range(2):
        tell_of_success(context("publish_release", release))
    (message,) = receiver.messages
    assert message["title"] == "Saydo: release as of 2025-03-05 published"
    assert message["type"] == "success"
    assert "1,200 customers; 1 warnings" in message["message"]


def test_the_page_of_the_run_is_in_it_where_airflow_knows_its_address(home, receiver, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org/")
    tell_of_failure(
        context("estimate", error=OSError("disk"), run="manual__2025-03-06T07:00:00+00")
    )
    page = "https://airflow.example.org/dags/build_customer_warehouse/runs/manual__2025-03-06T07%3A"
    assert page in receiver.messages[0]["message"]


def test_who_did_not_take_it_is_told_of_in_one_warning_and_gets_it_later(home, receiver, caplog):
    receiver.status = 500
    with caplog.at_level(logging.WARNING):
        for run in ("r1", "r2"):
            tell_of_failure(context("estimate", error=OSError("disk"), run=run))
    assert [r.message for r in caplog.records if "ops_chat" in r.message] == [
        "connection ops_chat: did not take a message, which is sent again by a later run; look at "
        "the connection of that name in Airflow and its receiver (saydo notices test)"
    ]
    assert "hunter2" not in caplog.text and receiver.tries == 1
    (home.state / "messages" / "failed" / "ops_chat").write_text("2025-03-06T07:00:00+00:00\n")
    receiver.status = 200
    tell_of_success(context("free_home"))
    tell_of_success(context("free_home"))
    assert len(receiver.messages) == 2


def test_a_receiver_that_hangs_delays_a_task_by_seconds_and_fails_nothing(
    home, receiver, monkeypatch
):
    monkeypatch.setattr(sending, "LONGEST_SECONDS", 0.5)
    tell_of_success(context("free_home"))  # what is imported once
    receiver.let_go.clear()
    begun = time.monotonic()
    tell_of_failure(context("estimate", error=OSError("disk")))
    tell_of_failure(context("estimate", error=OSError("disk"), run="r2"))
    assert time.monotonic() - begun < 5 and receiver.tries == 1


def test_a_receiver_that_is_not_there_fails_nothing(home, monkeypatch):
    dead = {"conn_type": "apprise", "extra": {"config": {"path": "json://127.0.0.1:1/x"}}}
    monkeypatch.setenv("AIRFLOW_CONN_OPS_CHAT", json.dumps(dead))
    tell_of_failure(context("estimate", error=OSError("disk")))
    assert (home.state / "messages" / "failed" / "ops_chat").is_file()


@pytest.mark.parametrize(
    ("connection", "says"),
    [
        (None, "'ops_chat' is not known to Airflow.*AIRFLOW_CONN_OPS_CHAT"),
        ({"conn_type": "http", "host": "h"}, "of type 'http'; it has to be of type apprise"),
        ({"conn_type": "apprise"}, "holds no address that Apprise knows"),
        (
            {"conn_type": "apprise", "extra": {"config": {"path": "nosuch://hunter2"}}},
            "holds no address that Apprise knows",
        ),
    ],
)
def test_a_connection_that_cannot_be_used_stops_a_run_at_its_start(
    home, monkeypatch, connection, says
):
    monkeypatch.delenv("AIRFLOW_CONN_OPS_CHAT", raising=False)
    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_OPS_CHAT", json.dumps(connection))
    with pytest.raises(ConfigError, match=says) as told:
        ListFeedsOperator(task_id="list_feeds").call(home, {})
    assert "hunter2" not in str(told.value)
    # That the run stops for it stops nothing else.
    tell_of_failure(context("list_feeds", error=told.value))


def test_who_names_nobody_needs_no_connection_and_keeps_nothing(home, monkeypatch):
    monkeypatch.setenv("SAYDO_NOTICES_FILE", str(notices_file(home.home)))
    assert ListFeedsOperator(task_id="list_feeds").call(Settings(), {}) == ["contacts"]
    tell_of_failure(context("estimate", error=OSError("disk")))
    assert not (home.state / "messages").exists()


def test_a_trial_says_by_the_connections_names_where_it_went(home, receiver, monkeypatch):
    monkeypatch.setattr("saydo.airflow_home.configure", lambda *given: None)
    done = CliRunner().invoke(app, ["notices", "test"])
    assert done.exit_code == 0 and "ops_chat" in done.output
    assert receiver.titles == ["Saydo: a trial message"]
    receiver.status = 500
    failed = CliRunner().invoke(app, ["notices", "test"])
    assert failed.exit_code == 1
    for output in (done.output, failed.output):
        assert "hunter2" not in output and "127.0.0.1" not in output


def test_a_refusal_that_is_about_no_file_is_told_though_a_file_is_refused_too(home, receiver):
    """Rules that are wrong refuse everything: who knows of the file does not know of these."""
    deliver(home, "x")
    tell_of_failure(context("land", error=refuse(home)))
    tell_of_failure(
        context("check_sources", error=DeliveryRefused("The rules are wrong"), run="r2")
    )
    assert receiver.titles[1:] == ["Saydo: build_customer_warehouse stopped at check_sources"]
