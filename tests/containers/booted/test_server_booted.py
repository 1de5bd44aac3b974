"""The server profile on a container engine: an empty machine, a release, a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from compose_project import SECRET_NAMES, SERVICES, Project, wait_for
from web_person import Person

DAG = "dags/build_customer_warehouse"
_FINISHED = ("success", "failed")
_FIGURES = "select count(*) from customer_profiles"
_READ_FILE = f"""
import duckdb
marts = "/var/lib/saydo/published/current/marts.duckdb"
print(duckdb.connect(marts, read_only=True).sql("{_FIGURES}").fetchone()[0])
"""


def test_every_service_runs_as_nobody_special_with_nothing_to_write_on(project):
    for name in SERVICES:
        status = project.inside(name, "cat", "/proc/1/status")
        facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert facts["Uid"].split()[0] != "0", name
        assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0, name
        assert facts["NoNewPrivs"] == "1", name
        told = project.inspect(name)["HostConfig"]
        assert told["ReadonlyRootfs"] and told["Memory"] > 0 and told["PidsLimit"] > 0, name
        with pytest.raises(AssertionError, match="Read-only file system"):
            project.inside(name, "touch", "/usr/bin/x")


def test_what_the_engine_tells_of_a_container_holds_no_secret(project):
    for name in (*SERVICES, "init"):
        told = json.dumps(project.inspect(name))
        assert [each for each in SECRET_NAMES if project.secret(each) in told] == [], name


def test_only_the_tasks_see_the_key_of_the_pseudonyms(project):
    seen = {
        name: project.inside(name, "sh", "-c", "ls /run/secrets; true").split() for name in SERVICES
    }
    assert [name for name in SERVICES if "saydo_pseudonym_key" in seen[name]] == ["scheduler"]
    assert not [name for name in SERVICES if "airflow_admin_password" in seen[name]]


def test_a_wrong_password_is_shown_the_door(project):
    stranger = Person(project, "admin", "not-" + project.secret("airflow_admin_password"))
    assert stranger.ask("GET", "dags").status_code == 401


def test_every_dag_is_there_without_an_import_error(administrator):
    listed = wait_for(
        "four DAGs listed",
        lambda: (
            len(dags := administrator.ask("GET", "dags").json()["dags"]) == 4
            and {dag["dag_id"] for dag in dags}
        ),
        seconds=180,
    )
    assert "build_customer_warehouse" in listed
    assert administrator.ask("GET", "importErrors").json()["import_errors"] == []


@pytest.fixture(scope="module")
def finished_run(project, business, administrator) -> dict[str, Any]:
    """The run of the night before, which starts when somebody switches the DAG on."""
    project.deliver(business)
    switched = administrator.ask("PATCH", DAG, json={"is_paused": False})
    assert switched.status_code == 200, switched.text

    def ended() -> list[dict[str, Any]]:
        runs = administrator.ask("GET", f"{DAG}/dagRuns").json()["dag_runs"]
        return [run for run in runs if run["state"] in _FINISHED]

    run = wait_for("a run at its end", ended, seconds=900)[0]
    administrator.ask("PATCH", DAG, json={"is_paused": True})
    return run | {"path": f"{DAG}/dagRuns/{run['dag_run_id']}"}


def test_a_delivery_becomes_a_release(finished_run, administrator):
    tasks = administrator.ask("GET", f"{finished_run['path']}/taskInstances?limit=100").json()
    states = {
        f"{task['task_id']} {task['map_index']}": task["state"] for task in tasks["task_instances"]
    }
    assert finished_run["state"] == "success", states
    assert set(states.values()) == {"success"} and len(states) > 15


def test_the_log_of_a_task_is_shown_to_who_is_logged_in(finished_run, administrator):
    log = f"{finished_run['path']}/taskInstances/publish_release/logs/1?full_content=true"
    told = administrator.ask("GET", log)
    assert told.status_code == 200
    assert any("published" in line["event"] for line in told.json()["content"])


def _customers(project: Project) -> int:
    return int(project.inside("scheduler", "python", "-c", _READ_FILE))


def test_the_release_is_read_from_its_file(finished_run, project):
    assert 100 < _customers(project) <= 150


@pytest.fixture(scope="module")
def analyst(project, finished_run) -> Iterator[psycopg.Connection]:
    """A person whom the operator let read, as docs/operations.md says, from this machine."""
    made = "create role analyst login password 'only-for-this-test' in role saydo_reader"
    project.inside("postgres", "psql", "--username", "airflow", "--command", made)
    who = f"user=analyst password=only-for-this-test dbname=saydo port={project.postgres_port}"
    with psycopg.connect(f"host=127.0.0.1 {who}", autocommit=True) as connection:
        connection.execute("set role saydo_reader")
        yield connection


def test_the_marts_are_read_as_saydo_reader_and_not_written(analyst, project):
    (count,) = analyst.execute("select count(*) from marts.customer_profiles").fetchone()
    assert count == _customers(project)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        analyst.execute("create table marts.mine (a int)")


def test_a_reader_of_marts_sees_nothing_of_airflow(analyst, project):
    who = f"user=analyst password=only-for-this-test port={project.postgres_port}"
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(f"host=127.0.0.1 dbname=airflow {who}")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_killed_comes_back(finished_run, project, administrator, service):
    at, began = datetime.now(UTC), project.kill(service)

    def is_back() -> bool:
        state = project.inspect(service)["State"]
        return state["StartedAt"] != began and state["Health"]["Status"] == "healthy"

    wait_for(f"{service} healthy again", is_back, seconds=300)
    project.wait_healthy(seconds=300)

    def beats() -> bool:
        """Whatever has a heartbeat has one of after the kill."""
        told = administrator.ask("GET", "monitor/health").json()
        names = ("scheduler", "dag_processor", "triggerer")
        return all(
            datetime.fromisoformat(told[name][f"latest_{name}_heartbeat"]) > at for name in names
        )

    wait_for("every heart beats again", beats, seconds=120)
    assert administrator.ask("GET", DAG).status_code == 200
    assert 100 < _customers(project) <= 150


def test_the_command_line_works_where_the_tasks_run(finished_run, project):
    told = project.inside("scheduler", "saydo", "releases")
    assert "150" in told or "current" in told
