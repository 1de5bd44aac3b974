"""Operators are shells: one call, its small result, errors as Airflow understands them."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import ClassVar

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException

from saydo.actions.handing_over import COLUMNS, write_outbox
from saydo.errors import ConfigError, DeliveryRefused, HomeBusy, ReleaseRefused, SaydoError
from saydo.operators import (
    RELEASE,
    DeliverCreditsOperator,
    PublishReleaseOperator,
    ServeReleaseOperator,
    describe_failure,
)
from saydo.operators.base import SaydoOperator
from saydo.operators.build import as_of_date
from saydo.operators.home import FreeHomeOperator, HoldHomeSensor
from saydo.operators.in_process import RunOutcome, TaskEvent
from saydo.settings import Settings


def settings(tmp_path, **business) -> Settings:
    feed = {
        "name": "contacts",
        "source": "interactions",
        "path": "contacts.csv",
        "format": "csv",
        "columns": {
            "interaction_id": "id",
            "id_type": "'email'",
            "id_value": "mail",
            "occurred_at": "at",
            "channel_code": "channel",
            "interaction_type": "kind",
        },
    }
    (tmp_path / "feeds.yml").write_text(yaml.safe_dump({"business": business, "feeds": [feed]}))
    return Settings(home=tmp_path, feeds_file=tmp_path / "feeds.yml")


def context(run_type="scheduled", start=datetime(2025, 3, 29, 3, tzinfo=UTC), as_of=None) -> dict:
    run = SimpleNamespace(
        run_type=run_type,
        data_interval_start=start,
        run_after=datetime(2025, 3, 30, 3, tzinfo=UTC),
    )
    return {"params": {"as_of": as_of, "full_refresh": False}, "dag_run": run}


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SAYDO_HOME", str(tmp_path))


def of_run(run_id: str) -> dict:
    day = datetime(2025, 3, 29, tzinfo=UTC)
    run = SimpleNamespace(dag_id="build", logical_date=day, run_after=day)
    return {"ti": SimpleNamespace(dag_id="build", run_id=run_id), "dag_run": run}


def test_the_day_asked_for_goes_before_everything(tmp_path):
    asked = context("backfill", as_of="2024-01-31")
    assert as_of_date(settings(tmp_path, as_of="2023-01-01"), asked) == date(2024, 1, 31)


def test_a_backfill_builds_its_own_days_whatever_the_rule(tmp_path):
    for rule in ("latest", "run", "2023-01-01"):
        day = as_of_date(settings(tmp_path, as_of=rule), context("backfill"))
        assert day == date(2025, 3, 29)


def test_a_scheduled_run_follows_the_rule(tmp_path):
    assert as_of_date(settings(tmp_path, as_of="run"), context()) == date(2025, 3, 29)
    assert as_of_date(settings(tmp_path, as_of="2023-01-01"), context()) == date(2023, 1, 1)


def test_the_runs_own_day_is_a_business_day_that_is_over(tmp_path):
    """03:00 UTC is still the evening before in Los Angeles."""
    zone = settings(tmp_path, as_of="run", timezone="America/Los_Angeles")
    assert as_of_date(zone, context()) == date(2025, 3, 28)


def test_a_run_without_a_data_interval_takes_the_day_before_it(tmp_path):
    assert as_of_date(settings(tmp_path, as_of="run"), context(start=None)) == date(2025, 3, 29)


class _Raises(SaydoOperator):
    def __init__(self, *, error: Exception, **kwargs):
        super().__init__(task_id="raises", **kwargs)
        self.error = error

    def call(self, settings, context):
        raise self.error


@pytest.mark.parametrize("kind", [ConfigError, DeliveryRefused, ReleaseRefused])
def test_what_a_person_must_decide_is_not_retried(kind):
    with pytest.raises(AirflowFailException, match=r"line 7 of a\.csv") as failed:
        _Raises(error=kind("line 7 of a.csv")).execute(of_run("r1"))
    assert isinstance(failed.value.__cause__, kind)


@pytest.mark.parametrize("kind", [SaydoError, HomeBusy, OSError])
def test_what_may_pass_by_itself_is_retried(kind):
    with pytest.raises(kind):
        _Raises(error=kind("disk")).execute(of_run("r1"))


class _Works(SaydoOperator):
    def call(self, settings, context):
        return {"done": True}


def test_a_run_has_the_home_from_its_first_task_until_it_gives_it_back():
    first, second = of_run("r1"), of_run("r2")
    hold, work = HoldHomeSensor(task_id="hold"), _Works(task_id="work")
    assert hold.poke(first) and hold.poke(first)
    assert not hold.poke(second)
    assert work.execute(first) == {"done": True}
    with pytest.raises(HomeBusy, match=r"held by build, run r1 \(process .* lets go by itself at"):
        work.execute(second)
    free = FreeHomeOperator(task_id="free")
    assert free.execute(first)["was_held"]
    assert hold.poke(second)


def test_giving_back_what_another_run_has_taken_leaves_it_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("saydo.home_lock.ABANDONED_AFTER", timedelta(0))
    hold, free = HoldHomeSensor(task_id="hold"), FreeHomeOperator(task_id="free")
    assert hold.poke(of_run("r1")) and hold.poke(of_run("r2"))  # r1 is taken for dead
    monkeypatch.undo()
    monkeypatch.setenv("SAYDO_HOME", str(tmp_path))
    with pytest.raises(HomeBusy):
        free.execute(of_run("r1"))
    assert not hold.poke(of_run("r1"))


def test_without_a_place_to_serve_from_serving_says_so_and_holds_nobody_up(tmp_path, monkeypatch):
    monkeypatch.delenv("SAYDO_PUBLISH_POSTGRES", raising=False)
    done = ServeReleaseOperator(task_id="serve_release").execute(of_run("r1"))
    assert done == {"skipped": "no PostgreSQL and no object store is configured"}


def test_waiting_takes_no_slot_of_those_it_waits_for():
    hold = HoldHomeSensor(task_id="hold")
    assert hold.reschedule and hold.pool == "default_pool"


def test_publishing_tells_listeners_which_release_and_nothing_more(tmp_path, monkeypatch):
    published = {
        "release_id": "r1",
        "as_of_date": "2025-03-29",
        "row_counts": {"customer_profiles": 3},
        "content_hash": "c",
        "is_current": True,
    }
    monkeypatch.setattr("saydo.release.publish", lambda settings, as_of: published)
    monkeypatch.setattr("saydo.build.assert_candidate", lambda settings, as_of: None)
    operator = PublishReleaseOperator(task_id="publish", as_of="2025-03-29", outlets=[RELEASE])
    event = SimpleNamespace(extra=None)
    assert operator.call(settings(tmp_path), {"outlet_events": {RELEASE: event}}) == published
    assert event.extra == {
        "release_id": "r1",
        "as_of_date": "2025-03-29",
        "row_counts": {"customer_profiles": 3},
    }


@pytest.mark.parametrize(
    ("task_id", "says"),
    [
        ("hold_home", "the log says who"),
        ("land", "saydo quarantine"),
        ("build_marts", "goes on where it stopped"),
    ],
)
def test_a_red_task_logs_what_still_serves_and_what_to_do(caplog, task_id, says):
    with caplog.at_level(logging.ERROR, logger="saydo"):
        describe_failure({"ti": SimpleNamespace(task_id=task_id, run_id="r")})
    assert "last good release keeps serving" in caplog.text
    assert says in caplog.text


def outcome(*errors: Exception) -> RunOutcome:
    return RunOutcome(failures=[TaskEvent("t", None, "failed", error=error) for error in errors])


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([DeliveryRefused("x")], 3),
        ([DeliveryRefused("x"), ConfigError("y")], 2),
        ([DeliveryRefused("x"), ValueError("y")], 1),
        ([HomeBusy("x")], 3),
        ([], 1),
    ],
)
def test_a_failed_run_ends_with_the_code_of_its_worst_error(errors, code):
    assert outcome(*errors).exit_code == code


def test_a_run_that_succeeded_ends_with_zero():
    assert RunOutcome(is_success=True).exit_code == 0


class Receiver:
    """Stands for a provider's hook: keeps what it is sent, and refuses as often as it is told."""

    sent: ClassVar[list] = []
    refusals = 0

    def __init__(self, **known):
        self.known = known

    def run(self, **request):
        if Receiver.refusals:
            Receiver.refusals -= 1
            raise OSError("https://user:secret@example.org is down")
        Receiver.sent.append((self.known, request))

    def insert_rows(self, **request):
        Receiver.sent.append((self.known, request))


@pytest.fixture
def delivering(tmp_path, monkeypatch):
    """A home with one hand-over of two rows, and hooks that are `Receiver`."""
    for name, hook in (("http", "HttpHook"), ("postgres", "PostgresHook")):
        module = SimpleNamespace(**{hook: Receiver})
        monkeypatch.setitem(sys.modules, f"airflow.providers.{name}.hooks.{name}", module)
    Receiver.sent, Receiver.refusals = [], 0
    destinations = [
        {"kind": "webhook", "connection_id": "billing"},
        {"kind": "postgres", "connection_id": "ledger", "table": "saydo.credits"},
    ]
    (tmp_path / "policy.yml").write_text(
        yaml.safe_dump({"recovery": {"destinations": destinations}})
    )
    given = settings(tmp_path).model_copy(update={"policy_file": tmp_path / "policy.yml"})
    rows = [dict.fromkeys(COLUMNS, "x") | {"decision_id": f"d_{n}"} for n in range(2)]
    manifest = {"hand_over_id": "recovery-1", "policy_code": "recovery", "file": "recovery-1.csv",
                "columns": COLUMNS, "decision_ids": ["d_0", "d_1"], "is_full": False,
                "made_at": "2025-03-10T04:00:00", "recalled_decision_ids": []}  # fmt: skip
    write_outbox(given, manifest, rows)
    return given


def deliver(given):
    return DeliverCreditsOperator(task_id="deliver_credits").call(given, {})


def test_each_destination_gets_a_hand_over_once_with_a_key_to_know_it_again(delivering):
    assert deliver(delivering) == {"delivered_counts": {"billing": 1, "ledger": 1}}
    (to_webhook, posted), (to_table, inserted) = Receiver.sent
    assert to_webhook == {"method": "POST", "http_conn_id": "billing"}
    assert posted["headers"] == {"Idempotency-Key": "recovery-1"}
    assert [row["decision_id"] for row in posted["json"]["rows"]] == ["d_0", "d_1"]
    assert to_table == {"postgres_conn_id": "ledger"}
    assert inserted["table"] == "saydo.credits" and inserted["replace_index"] == "decision_id"
    assert inserted["target_fields"] == ["hand_over_id", *COLUMNS]
    assert deliver(delivering) == {"delivered_counts": {}} and len(Receiver.sent) == 2


def test_a_webhook_down_for_three_tries_stops_nobody_else_and_gets_it_once(delivering):
    Receiver.refusals = 3
    for _ in range(3):
        with pytest.raises(SaydoError, match="billing, recovery-1: OSError") as told:
            deliver(delivering)
        assert "secret" not in str(told.value)
    assert [known for known, _ in Receiver.sent] == [{"postgres_conn_id": "ledger"}]
    assert deliver(delivering) == {"delivered_counts": {"billing": 1}}
    assert len(Receiver.sent) == 2


def test_a_destination_without_its_provider_says_what_to_install(delivering, monkeypatch):
    monkeypatch.setitem(sys.modules, "airflow.providers.http.hooks.http", None)
    with pytest.raises(ConfigError, match="apache-airflow-providers-http"):
        deliver(delivering)
