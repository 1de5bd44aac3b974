"""A release with warnings waits for a person: asked, answered and timed out by Airflow itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException
from fake_candidate import AS_OF, audit, build_candidate, make_settings

from saydo.errors import ReleaseRefused
from saydo.home_lock import hold_home
from saydo.operators import ApproveReleaseOperator
from saydo.operators.approve import _question
from saydo.release import current_release_id, open_request, publish

DAG_FILE = """
from datetime import timedelta
from airflow.sdk import dag
from saydo.operators import DEFAULT_ARGS, ApproveReleaseOperator, chain_in_held_home

@dag(schedule=None, default_args=DEFAULT_ARGS)
def approve_only():
    chain_in_held_home(ApproveReleaseOperator(task_id="approve_release", as_of="2025-03-31"))

approve_only()
"""


@pytest.fixture
def asking(tmp_path, monkeypatch):
    """A home whose candidate passed the gate with a warning, and a policy that wants approvals."""
    settings = make_settings(tmp_path)
    settings.policy_file.write_text("gate: {approve_warnings: true, approve_within_hours: 3}\n")
    build_candidate(settings)
    monkeypatch.setenv("SAYDO_HOME", str(settings.home))
    monkeypatch.setenv("SAYDO_POLICY_FILE", str(settings.policy_file))
    monkeypatch.setenv("SAYDO_FEEDS_FILE", str(settings.feeds_file))
    return settings


@pytest.fixture(scope="module")
def approve_only(metadata_database, tmp_path_factory):
    """The DAG that only asks, known to Airflow."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    folder = tmp_path_factory.mktemp("dags")
    (folder / "approve_only.py").write_text(DAG_FILE)
    DagBundlesManager().sync_bundles_to_db()
    bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")
    assert bag.import_errors == {}
    sync_bag_to_db(bag, "dags-folder", None)
    return bag.dags["approve_only"]


def states(run_id: str) -> dict[str, str]:
    """State of each task of a run."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        return {
            ti.task_id: str(ti.state) for ti in session.query(TaskInstance).filter_by(run_id=run_id)
        }


def run_and(dag, meanwhile: Callable[[str], None]) -> str:
    """Run the DAG here, as tasks want the main thread; `meanwhile` is told the id of the run once
    it waits for a person, and gets it going again.
    """
    asked = ThreadPoolExecutor(1).submit(lambda: meanwhile(waiting_run_id()))
    try:
        run = dag.test()
    finally:
        asked.result(timeout=60)
    return run.run_id


def waiting_run_id() -> str:
    """The run that has come to its question, as soon as there is one."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    for _ in range(1200):
        with create_session() as session:
            waiting = session.query(TaskInstance).filter_by(state="awaiting_input")
            if run_id := next((ti.run_id for ti in waiting), None):
                return run_id
        time.sleep(0.2)
    raise AssertionError("the run never came to its question")


def of_run(run_id: str) -> str:
    task = f"dagRuns/{run_id}/taskInstances/approve_release/-1"
    return f"/api/v2/dags/approve_only/{task}/hitlDetails"


def respond(browser, run_id: str, option: str) -> int:
    """Answer the question of a run; gives the status of the answer."""
    told = {"chosen_options": [option], "params_input": {}}
    return browser.patch(of_run(run_id), json=told).status_code


def test_a_person_is_told_the_warnings_and_lets_the_release_out(asking, approve_only, browser_of):
    seen = {}

    def answer(run_id):
        seen["asked"] = browser_of("VIEWER").get(of_run(run_id)).json()
        with hold_home(asking, "saydo rollback"):
            seen["is_free"] = True  # whoever waits for a person holds up nobody else
        with suppress(ReleaseRefused):
            publish(asking, AS_OF)
        seen["published"] = current_release_id(asking)
        seen["viewer"] = respond(browser_of("VIEWER"), run_id, "Approve")
        seen["user"] = respond(browser_of("USER"), run_id, "Approve")

    run_id = run_and(approve_only, answer)
    assert seen["asked"]["subject"] == "Publish the release as of 2025-03-31 with 1 warning(s)?"
    assert r"the volume \<b\>changed\<\/b\> by half" in seen["asked"]["body"]
    assert "no answer within 3 hours" in seen["asked"]["body"]
    assert (seen["is_free"], seen["published"]) == (True, None)
    assert (seen["viewer"], seen["user"]) == (403, 200)
    assert states(run_id)["approve_release"] == "success"
    assert publish(asking, AS_OF)["is_new"]


def test_a_rejection_publishes_nothing_and_no_retry_asks_again(asking, approve_only, browser_of):
    run_id = run_and(approve_only, lambda run_id: respond(browser_of("USER"), run_id, "Reject"))
    assert states(run_id) == {
        "hold_home": "success", "approve_release": "failed", "free_home": "success",
    }  # fmt: skip
    with pytest.raises(ReleaseRefused, match="wants a person's approval first"):
        publish(asking, AS_OF)
    assert current_release_id(asking) is None


def test_nobodys_answer_in_time_publishes_nothing(asking, approve_only):
    from airflow.jobs.job import Job
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    deadlines = []

    def let_time_pass(run_id):
        with create_session() as session:
            (ti,) = session.query(TaskInstance).filter_by(run_id=run_id, task_id="approve_release")
            deadlines.append(ti.trigger_timeout - datetime.now(UTC))
            ti.trigger_timeout = datetime.now(UTC) - timedelta(minutes=1)
            session.commit()
            SchedulerJobRunner(Job()).check_awaiting_input_timeouts(session=session)

    run_id = run_and(approve_only, let_time_pass)
    assert timedelta(hours=2.8) < deadlines[0] <= timedelta(hours=3)
    assert states(run_id)["approve_release"] == "failed"
    with pytest.raises(ReleaseRefused, match="wants a person's approval first"):
        publish(asking, AS_OF)


def test_what_changed_meanwhile_is_not_what_was_approved(asking, approve_only, browser_of):
    def change_and_approve(run_id):
        audit(asking, warnings=["customer_months: every figure doubled."])
        respond(browser_of("USER"), run_id, "Approve")

    run_id = run_and(approve_only, change_and_approve)
    assert states(run_id)["approve_release"] == "failed"
    with pytest.raises(ReleaseRefused, match="every figure doubled"):
        publish(asking, AS_OF)


@pytest.mark.parametrize(("approve", "exit_code"), [(False, 3), (True, 0)])
def test_a_run_in_process_asks_nobody_and_refuses_unless_told_to_approve(
    asking, approve_only, monkeypatch, approve, exit_code
):
    from saydo.operators import in_process

    monkeypatch.setattr(in_process, "load_dag", lambda dag_id: approve_only)
    outcome = in_process.run_dag("approve_only", {}, lambda event: None, approve)
    assert outcome.exit_code == exit_code
    assert (open_request(asking) is None) == approve
    if not approve:
        (failed,) = outcome.failures
        assert isinstance(failed.error, ReleaseRefused)
        assert "by half" in str(failed.error) and "saydo run --approve" in str(failed.error)


@pytest.fixture
def execute(asking):
    """Execute the task outside any run; it must come to its end without asking."""
    return lambda: ApproveReleaseOperator(task_id="approve_release").execute(
        {"ti": SimpleNamespace(dag_id="build", run_id="r1")}
    )


def test_without_warnings_nobody_is_asked(asking, execute):
    audit(asking, failed={"critical": 0, "warning": 0}, warnings=[])
    assert execute() == {"is_asked": False}


def test_by_default_nobody_is_asked(asking, execute):
    asking.policy_file.write_text("{}\n")
    assert execute() == {"is_asked": False}


def test_what_the_gate_refused_is_no_question(asking, execute):
    audit(asking, success=False)
    with pytest.raises(AirflowFailException, match="the gate refused this candidate"):
        execute()


def test_a_warning_cannot_dress_up_as_part_of_the_question():
    body = _question(["# Approved\n\n- [click](https://example.org) **now** `x`"], 2)
    assert body.splitlines()[-1] == (
        r"- \# Approved \- \[click\]\(https\:\/\/example\.org\) \*\*now\*\* \`x\`"
    )
