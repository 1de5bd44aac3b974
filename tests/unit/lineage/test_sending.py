import json
import os
import time
from datetime import UTC, datetime

import pytest
from lineage_receiver import receiver
from specification import check

from saydo.lineage import record_lineage, send_lineage, sending
from saydo.lineage.events import record_events
from saydo.lineage.sending import send_events
from saydo.lineage.spool import append, event_files, events_folder, expire
from saydo.notices import told

RUN = ("01890000-0000-7000-8000-000000000000", "build_customer_warehouse")


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch, tmp_path):
    """Whatever the environment of the tests names."""
    for name in [name for name in os.environ if name.startswith("OPENLINEAGE")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def lines(home):
    return [line for file in event_files(home) for line in file.read_text().splitlines()]


def test_events_reach_the_endpoint_once_in_order_and_as_the_specification_says(home, monkeypatch):
    record_events(home)
    with receiver() as taken:
        monkeypatch.setenv("OPENLINEAGE_URL", taken.url)
        first, second = send_events(home), send_events(home)
    assert first == {"sent_count": len(lines(home)), "waiting_count": 0}
    assert second == {"sent_count": 0, "waiting_count": 0}
    assert taken.events == [json.loads(line) for line in lines(home)]
    for event in taken.events:
        check(event)
    assert told(home) == []


def test_an_endpoint_may_be_named_in_openlineage_yml(home, tmp_path):
    record_events(home)
    with receiver() as taken:
        (tmp_path / "openlineage.yml").write_text(f"transport: {{type: http, url: {taken.url}}}\n")
        send_events(home)
    assert len(taken.events) == len(lines(home))


def test_without_an_endpoint_events_stay_in_their_file_and_nothing_is_said(home):
    record_events(home)
    assert send_events(home) == {"sent_count": 0, "waiting_count": 0}
    assert told(home) == []


def test_an_endpoint_that_hangs_costs_one_answer_and_is_told_once(home, monkeypatch):
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.5)
    with receiver(None) as taken:
        monkeypatch.setenv("OPENLINEAGE_URL", taken.url)
        record_lineage(home, lambda: RUN)
        assert taken.request_count == 0  # until the home is given back
        begun = time.monotonic()
        outcome = send_lineage(home)
        assert time.monotonic() - begun < 5
        assert taken.request_count == 1
    assert outcome["sent_count"] == 0 and outcome["waiting_count"] == len(lines(home))
    (notice,) = told(home)
    assert notice.count == outcome["waiting_count"] and "wait" in notice.what
    assert taken.url not in notice.text


def test_an_endpoint_that_answers_too_late_for_all_is_left_at_the_deadline(home, monkeypatch):
    record_events(home)
    with receiver(None) as taken:
        monkeypatch.setenv("OPENLINEAGE_URL", taken.url)
        begun = time.monotonic()
        outcome = send_events(home, deadline=0.3)
        assert time.monotonic() - begun < 3
    assert outcome["waiting_count"] == len(lines(home)) and len(told(home)) == 1


def test_what_an_endpoint_that_fails_did_not_take_is_sent_with_the_next_run(home, monkeypatch):
    record_events(home)
    with receiver(500) as taken:
        monkeypatch.setenv("OPENLINEAGE_URL", taken.url)
        assert send_events(home)["waiting_count"] == len(lines(home))
        assert taken.request_count == 1
        assert len(told(home)) == 1
        taken.status = 201
        assert send_events(home)["sent_count"] == len(lines(home))
        assert told(home) == []


def test_an_event_that_will_never_be_taken_does_not_hold_up_the_others(home, monkeypatch):
    record_events(home)
    with receiver(422) as taken:
        monkeypatch.setenv("OPENLINEAGE_URL", taken.url)
        assert send_events(home)["waiting_count"] == 0
        assert taken.request_count == len(lines(home))


def test_lineage_that_cannot_be_told_is_a_notice_and_no_error(home):
    (home.state / "build" / "marts.json").write_text("{")
    assert record_lineage(home, lambda: RUN) == {}
    (notice,) = told(home)
    assert "could not be told" in notice.what and notice.advice


def test_events_go_after_the_days_that_the_policy_keeps_them(home):
    append(events_folder(home), [{"job": 1}])
    old = events_folder(home) / "2025-01-01.ndjson"
    old.write_text("{}\n")
    assert expire(home, datetime.now(UTC)) == 1
    assert not old.exists() and len(lines(home)) == 1


def test_what_is_of_the_machine_is_left_out_of_an_event(home):
    failed = {"errorMessage": {"message": "no file in /srv/landing", "stackTrace": "/srv/a.py"}}
    append(events_folder(home), [{"dag": {"fileloc": "/srv/a.py", "dag_id": "a"}, "run": failed}])
    (line,) = lines(home)
    assert "/srv" not in line and json.loads(line)["dag"] == {"dag_id": "a"}
    assert json.loads(line)["run"]["errorMessage"]["message"]
