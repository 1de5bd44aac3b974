"""### What it promises

After each release, customers whom a fault affected are decided on once: credited, deliberately left
alone, or told why not. Credits are handed over as one file with clear account ids in the restricted
outbox, and to the destinations of policy.yml. A retry, a rerun, a backfill or a rollback decides
nothing again and hands nothing over twice.

### Why this order

Decisions are kept before anything leaves (`decide_credits`); `hand_over_credits` writes the file
and, last, its manifest; `record_hand_overs` keeps what the manifests say; only then
`deliver_credits` goes to other systems, through connections of Airflow. All of them hold the home,
as the build does.

### When it runs

When a release is published. An event that comes while a run is active may be swallowed, so a run
works off every release since the last decision, and not the one of its event. What is decided shows
in the release after. `saydo recover --dry-run` shows it before; `saydo recover` does the same.

### When a task is red

`decide_credits`: `recovery` of policy.yml was changed and kept its version: give it the next one.
`deliver_credits`: the log names the connection; correct it or its receiver and clear the task. The
hand-over stays in the outbox, and what had arrived is not sent again. A manifest that lists
`recalled_decision_ids` names erased persons: tell whoever was given the file.
"""

from datetime import datetime

from airflow.sdk import dag

from saydo.operators import (
    DEFAULT_ARGS,
    ONE_WRITER,
    RELEASE,
    DeliverCreditsOperator,
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
def recover_service():
    """Decide, hand over, record, deliver."""
    chain_in_held_home(
        RecoverOperator(task_id="decide_credits", step="decide_credits", **ONE_WRITER),
        RecoverOperator(task_id="hand_over_credits", step="hand_over", **ONE_WRITER),
        RecoverOperator(task_id="record_hand_overs", step="record_hand_overs", **ONE_WRITER),
        DeliverCreditsOperator(task_id="deliver_credits"),
    )


recover_service()
