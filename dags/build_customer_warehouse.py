"""### What it promises

Once a day, whatever was delivered is landed, checked, joined into one profile per customer,
audited and published. Readers see the new release whole or not at all; a run that stops leaves the
last good one serving. The same inputs give the same release, however often they are run.

### Why this order

`hold_home` waits until nobody else works in the home; `free_home` gives it back. `land` types and
pseudonymises new files; bad ones stop at `check_sources`. Then a dbt build per layer: staging,
identity (it alone decides on customers), intermediate, marts; `estimate` works out statistics.
`gate_marts` audits, `approve_release` asks a person if policy.yml says so, `publish_release` swaps.

### Which day

The newest event landed, or what `business.as_of` says; the parameter `as_of` goes before it. A
backfill builds each day of its range but the last (give it `--max-active-runs 1`).

### When a task is red

The log names feed, file and line (mend or remove it, run again), model (clear the task, it goes on
there) or expectation (never loosen it). `approve_release`: nobody approved, or somebody rejected.
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
    LandFeedOperator,
    ListFeedsOperator,
    PublishReleaseOperator,
    WriteReportOperator,
    chain_in_held_home,
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
    """Land, check, build, audit and publish."""
    feed_names = ListFeedsOperator(task_id="list_feeds").output
    land = LandFeedOperator.partial(task_id="land", map_index_template="{{ task.feed_name }}")
    chain_in_held_home(
        feed_names,
        land.expand(feed_name=feed_names),
        CheckSourcesOperator(task_id="check_sources", **ONE_WRITER),
        BuildStagingOperator(task_id="build_staging", **ONE_WRITER),
        BuildLayerOperator(task_id="resolve_identity", layer="identity", **ONE_WRITER),
        BuildLayerOperator(task_id="build_intermediate", layer="intermediate", **ONE_WRITER),
        BuildLayerOperator(task_id="estimate", layer="estimates", **ONE_WRITER),
        BuildLayerOperator(task_id="build_marts", layer="marts", **ONE_WRITER),
        GateMartsOperator(task_id="gate_marts", **ONE_WRITER),
        ApproveReleaseOperator(task_id="approve_release"),
        PublishReleaseOperator(task_id="publish_release", outlets=[RELEASE], **ONE_WRITER),
        WriteReportOperator(task_id="write_report"),
    )


build_customer_warehouse()
