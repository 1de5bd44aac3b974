"""A run whose tasks are shared by two workers, one of which dies in the middle of a build."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from celery_cluster import WORKERS, Cluster, wait_for

DAG = "build_customer_warehouse"
KILLED_IN = "build_intermediate"
BELOW = ("staging", "identity")
FINISHED = ("success", "failed")


def task(cluster: Cluster, run: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [each for each in cluster.tasks(run) if each["task_id"] == name]
    return found


def has_written(cluster: Cluster, since: str) -> bool:
    """Whether the candidate was written to since then."""
    files = cluster.settings.home.glob(f"{cluster.settings.warehouse.name}*")
    written = max(file.stat().st_mtime for file in files)
    return written > datetime.fromisoformat(since).timestamp()


@pytest.fixture(scope="module")
def run(cluster) -> dict[str, Any]:
    """The finished run of the night before; `killed` names the worker that died."""
    cluster.ask("PATCH", f"dags/{DAG}", json={"is_paused": False})
    runs = f"dags/{DAG}/dagRuns"
    begun = wait_for("a run", lambda: cluster.ask("GET", runs)["dag_runs"], 120)[0]
    begun["dag_id"] = DAG

    def at_work() -> str | None:
        now = task(cluster, begun, KILLED_IN)
        is_writing = now["state"] == "running" and has_written(cluster, now["start_date"])
        return now["hostname"] if is_writing else None

    killed = wait_for(f"a worker in the middle of {KILLED_IN}", at_work, 600, every=0.2)
    cluster.kill(killed)
    killed_at = datetime.now(UTC).isoformat()
    occupied = []

    def ended() -> dict[str, Any] | None:
        occupied.append(cluster.ask("GET", "pools/warehouse_writer")["occupied_slots"])
        now = cluster.ask("GET", f"{runs}/{begun['dag_run_id']}")
        return now if now["state"] in FINISHED else None

    done = wait_for("the run at its end", ended, 900)
    return done | {"killed": killed, "killed_at": killed_at, "occupied": occupied}


def test_a_run_ends_well_though_one_of_two_workers_was_killed_in_a_build(run, cluster):
    told = {f"{each['task_id']} {each['map_index']}": each["state"] for each in cluster.tasks(run)}
    assert run["state"] == "success", told
    retried = task(cluster, run, KILLED_IN)
    assert retried["try_number"] == 2
    assert retried["hostname"] == next(name for name in WORKERS if name != run["killed"])


def test_the_retry_builds_that_layer_again_and_none_below_it(run, cluster):
    state = cluster.settings.state / "build"
    reports = {name: json.loads((state / f"{name}.json").read_text()) for name in BELOW}
    killed_at = datetime.fromisoformat(run["killed_at"])
    built = [node["built_at"] for report in reports.values() for node in report["nodes"]]
    told = [datetime.fromisoformat(each) for each in built if each]
    assert told and max(told) < killed_at
    tries = {each["task_id"]: each["try_number"] for each in cluster.tasks(run)}
    assert {name for name, count in tries.items() if count > 1} == {KILLED_IN}


def test_files_are_landed_by_both_workers(run, cluster):
    landed = [each for each in cluster.tasks(run) if each["task_id"] == "land"]
    assert {each["hostname"] for each in landed} == set(WORKERS)
    assert [each["try_number"] for each in landed] == [1] * len(landed)


def test_the_warehouse_has_one_writer_at_a_time(run, cluster):
    assert max(run["occupied"]) == 1
    writing = sorted(
        (datetime.fromisoformat(each["start_date"]), datetime.fromisoformat(each["end_date"]))
        for each in cluster.tasks(run)
        if each["pool"] == "warehouse_writer"
    )
    assert len(writing) >= 8
    ends = [end for _, end in writing]
    assert all(end <= start for end, (start, _) in zip(ends, writing[1:], strict=False))


def test_what_is_published_is_what_one_process_makes_of_the_same_files(run, cluster, expected):
    current = cluster.settings.published / "current" / "manifest.json"
    assert json.loads(current.read_text())["content_hash"] == expected
