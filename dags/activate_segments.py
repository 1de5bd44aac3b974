"""### What it promises

After each release, the segments of segments.yml are compared with what was handed over of them:
who came is added, who went or withdrew consent is removed. Each segment is handed over as a file
with clear account ids in the restricted outbox, and to its destinations. A retry, a rerun, a
backfill or a rollback decides nothing again and hands nothing over twice.

### Why this order

As with credits (`recover_service`): decisions are kept before anything leaves (`decide_audiences`);
`hand_over_audiences` writes the files and, last, their manifests; `record_hand_overs` keeps what
the manifests say; only then `deliver_audiences` goes to other systems, oldest first. It is a DAG of
its own, so that a receiver of audiences that is down holds up no credit.

### When it runs

When a release is published. It compares the current release with what stands, so a release that is
passed over is in the next difference. `saydo segments hand-over --dry-run` shows what would be
decided; without it the command does the same.

### When a task is red

`decide_audiences`: segments.yml is wrong; `saydo segments check` says where. `deliver_audiences`:
the log names the connection; correct it or its receiver and clear the task. The hand-over stays in
the outbox, and what had arrived is not sent again. A manifest that lists `recalled_decision_ids`
names erased persons: tell whoever was given the file.
"""

from datetime import datetime

from airflow.sdk import dag

from saydo.operators import (
    DEFAULT_ARGS,
    ONE_WRITER,
    RELEASE,
    DeliverAudiencesOperator,
    RecoverOperator,
    chain_in_held_home,
)


@dag(
    schedule=[RELEASE],
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["saydo", "actions"],
)
def activate_segments():
    """Decide, hand over, record, deliver."""
    chain_in_held_home(
        RecoverOperator(task_id="decide_audiences", step="decide_audiences", **ONE_WRITER),
        RecoverOperator(task_id="hand_over_audiences", step="hand_over_audiences", **ONE_WRITER),
        RecoverOperator(task_id="record_hand_overs", step="record_hand_overs", **ONE_WRITER),
        DeliverAudiencesOperator(task_id="deliver_audiences"),
    )


activate_segments()
