"""### What it promises

Once a day, what was delivered is landed, checked, joined into one profile per customer, audited and
published, whole or not at all. The same inputs give the same release, however often they are run.

### Why this order

`hold_home` waits until nobody else works in the home. `collect` fetches (collect.yml), `land` types
and pseudonymises; bad ones stop at `check_sources`. A dbt build per layer, `estimate`; `gate_marts`
audits, `approve_release` asks a person, `publish_release` swaps, `serve_release`: elsewhere.

### Which day

The newest event landed, or what feeds.yml (`business.as_of`) says; parameter `as_of` goes first.
A backfill builds each day of its range but the last (give it `--max-active-runs 1`).

### When a task is red

The log names source, feed, file and line (mend it, run again), model (clear the task) or
expectation (never loosen it). `approve_release`: nobody approved, or somebody rejected.
"""

from datetime import datetime

from airflow.sdk import CronDataIntervalTimetable, Param, dag

from saydo.operators import (
    DEFAULT_ARGS,
    ONE_WRITER,
    RELEASE,
    ApproveReleaseOperator,
    BuildLayerOperator,
    BuildStagingOperator,
    CheckSourcesOperator,
    GateMartsOperator,
    PublishReleaseOperator,
    ServeReleaseOperator,
    WriteReportOperator,
    chain_in_held_home,
    collect_and_land,
)


@dag(
    schedule=CronDataIntervalTimetable("0 3 * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={
        "as_of": Param(None, type=["null", "string"], format="date", title="As-of date"),
        "full_refresh": Param(False, type="boolean", title="Rebuild every table from raw"),
    },
    doc_md=__doc__,
    tags=["saydo", "warehouse"],
)
def build_customer_warehouse():
    """Collect, land, check, build, audit, publish and serve."""
    chain_in_held_home(
        *collect_and_land(),  # list_feeds, list_pipelines, collect (mapped), land (mapped)
        CheckSourcesOperator(task_id="check_sources", **ONE_WRITER),
        BuildStagingOperator(task_id="build_staging", **ONE_WRITER),
        BuildLayerOperator(task_id="resolve_identity", layer="identity", **ONE_WRITER),
        BuildLayerOperator(task_id="build_intermediate", layer="intermediate", **ONE_WRITER),
        BuildLayerOperator(task_id="estimate", layer="estimates", **ONE_WRITER),
        BuildLayerOperator(task_id="build_marts", layer="marts", **ONE_WRITER),
        GateMartsOperator(task_id="gate_marts", **ONE_WRITER),
        ApproveReleaseOperator(task_id="approve_release"),
        PublishReleaseOperator(task_id="publish_release", outlets=[RELEASE], **ONE_WRITER),
        ServeReleaseOperator(task_id="serve_release"),
        WriteReportOperator(task_id="write_report"),
    )


build_customer_warehouse()
