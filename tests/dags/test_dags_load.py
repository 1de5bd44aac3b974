"""The DAGs load, have the promised shape, and obey the policy. An empty bag passes nothing."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from airflow.sdk import CronDataIntervalTimetable

from saydo.settings import PROJECT

DAG_IDS = (
    "activate_segments",
    "build_customer_warehouse",
    "maintain_warehouse",
    "recover_service",
)
WRITERS = {
    "check_sources",
    "build_staging",
    "resolve_identity",
    "build_intermediate",
    "estimate",
    "build_marts",
    "gate_marts",
    "publish_release",
}


def every_task(dag_bag):
    found = [task for dag in dag_bag.dags.values() for task in dag.tasks]
    assert len(found) == 34
    return found


def in_order(dag) -> list[str]:
    """The task ids of a DAG that is one chain; each must have one neighbour at most."""
    (task,) = dag.roots
    order = []
    while True:
        order.append(task.task_id)
        if not task.downstream_list:
            return order
        # That what is taken is given back is an edge of its own, beside the chain; and so is that
        # a mapped task is told what it is mapped over.
        nearer = {t for below in task.downstream_list for t in below.get_flat_relative_ids()}
        (task,) = [
            t
            for t in task.downstream_list
            if not (task.is_setup and t.is_teardown) and t.task_id not in nearer
        ]


def test_every_dag_loads_and_no_file_has_an_error(dag_bag):
    assert dag_bag.import_errors == {}
    assert set(dag_bag.dags) == set(DAG_IDS)


def test_the_build_goes_from_files_to_report_in_this_order(build_dag):
    assert in_order(build_dag) == [
        "hold_home",
        "list_feeds",
        "list_pipelines",
        "collect",
        "land",
        "check_sources",
        "build_staging",
        "resolve_identity",
        "build_intermediate",
        "estimate",
        "build_marts",
        "gate_marts",
        "approve_release",
        "publish_release",
        "serve_release",
        "write_report",
        "free_home",
    ]


def test_maintenance_forgets_before_it_keeps_or_compacts(dag_bag):
    assert in_order(dag_bag.dags["maintain_warehouse"]) == [
        "hold_home",
        "erase_persons",
        "apply_retention",
        "compact_warehouse",
        "free_home",
    ]


def test_recovery_keeps_decisions_before_anything_leaves_and_runs_after_each_release(dag_bag):
    dag = dag_bag.dags["recover_service"]
    assert in_order(dag) == [
        "hold_home",
        "decide_credits",
        "hand_over_credits",
        "record_hand_overs",
        "deliver_credits",
        "free_home",
    ]
    assert [asset.name for asset in dag.timetable.asset_condition.objects] == ["saydo_release"]


def test_audiences_are_decided_before_anything_leaves_and_hold_up_no_credit(dag_bag):
    dag = dag_bag.dags["activate_segments"]
    assert in_order(dag) == [
        "hold_home",
        "decide_audiences",
        "hand_over_audiences",
        "record_hand_overs",
        "deliver_audiences",
        "free_home",
    ]
    assert [asset.name for asset in dag.timetable.asset_condition.objects] == ["saydo_release"]


def test_a_run_takes_the_home_first_and_gives_it_back_however_it_goes(dag_bag):
    for dag_id in DAG_IDS:
        tasks = dag_bag.dags[dag_id].task_dict
        assert tasks["hold_home"].is_setup and tasks["free_home"].is_teardown
        assert tasks["free_home"].trigger_rule == "all_done_setup_success"
        assert not tasks["free_home"].on_failure_fail_dagrun


def test_landing_is_mapped_over_the_feeds_and_each_is_labelled(build_dag):
    land = build_dag.task_dict["land"]
    assert land.is_mapped
    assert land.map_index_template == "{{ task.feed_name }}"
    assert {operator.task_id for operator, _ in land.expand_input.iter_references()} == {
        "list_feeds"
    }


def test_collecting_is_mapped_over_the_pipelines_and_landing_goes_on_where_there_is_none(build_dag):
    collect, land = build_dag.task_dict["collect"], build_dag.task_dict["land"]
    assert collect.map_index_template == "{{ task.pipeline }}"
    assert {operator.task_id for operator, _ in collect.expand_input.iter_references()} == {
        "list_pipelines"
    }
    # A task that is mapped over nothing is skipped, and so is what waits for it, by default.
    assert land.trigger_rule == "none_failed" and collect.trigger_rule == "all_success"


@pytest.mark.parametrize(("task_id", "layer"), [
    ("resolve_identity", "identity"),
    ("build_intermediate", "intermediate"),
    ("estimate", "estimates"),
    ("build_marts", "marts"),
])  # fmt: skip
def test_each_build_task_builds_its_layer(build_dag, task_id, layer):
    assert build_dag.task_dict[task_id].layer == layer


def test_what_touches_the_warehouse_shares_the_one_slot_pool(dag_bag):
    pools = {task.task_id: task.pool for task in every_task(dag_bag)}
    maintenance = {"erase_persons", "apply_retention", "compact_warehouse"}
    recovery = {"decide_credits", "hand_over_credits", "record_hand_overs"}
    audiences = {"decide_audiences", "hand_over_audiences"}
    assert {name for name, pool in pools.items() if pool == "warehouse_writer"} == (
        WRITERS | maintenance | recovery | audiences
    )


def test_one_run_at_a_time_and_no_catching_up(dag_bag):
    for dag_id in DAG_IDS:
        dag = dag_bag.dags[dag_id]
        assert (dag.max_active_runs, dag.catchup) == (1, False)


def test_the_build_is_daily_and_knows_its_day(build_dag):
    assert isinstance(build_dag.timetable, CronDataIntervalTimetable)
    assert build_dag.timetable.expression == "0 3 * * *"


def test_every_task_retries_has_an_owner_and_says_what_to_do_next(dag_bag):
    for task in every_task(dag_bag):
        assert task.retries == 2
        assert task.owner == "data_platform"
        callbacks = task.on_failure_callback
        callbacks = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
        names = [callback.__name__ for callback in callbacks]
        assert names == ["describe_failure", "tell_of_failure"]


def test_every_dag_is_tagged_and_its_docstring_is_its_manual(dag_bag):
    for dag_id in DAG_IDS:
        dag = dag_bag.dags[dag_id]
        assert "saydo" in dag.tags
        source = (PROJECT / "dags" / f"{dag_id}.py").read_text()
        assert dag.doc_md.strip() == ast.get_docstring(ast.parse(source), clean=False).strip()
        for heading in ("What it promises", "Why this order", "When a task is red"):
            assert heading in dag.doc_md


def test_publishing_emits_the_release_asset(build_dag):
    assert [asset.name for asset in build_dag.task_dict["publish_release"].outlets] == [
        "saydo_release"
    ]


def test_a_run_takes_a_day_and_a_full_refresh_and_neither_by_default(build_dag):
    assert build_dag.params.dump() == {"as_of": None, "full_refresh": False}


def test_loading_the_dags_imports_nothing_heavy():
    """Parsed every few seconds by the DAG processor: measured in a fresh interpreter."""
    code = (
        "import sys; sys.path.insert(0, 'dags'); before = set(sys.modules);"
        "import airflow.sdk; import activate_segments, build_customer_warehouse;"
        "import maintain_warehouse, recover_service;"
        "heavy = {'dbt', 'duckdb', 'pandas', 'pyarrow', 'great_expectations', 'saydo.landing'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
