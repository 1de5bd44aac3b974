"""
### What it promises

Once a week the home is kept lawful and lean: people who asked to be forgotten are removed from
everything that is kept, releases and quarantine past their retention go, and the candidate
warehouse gives back the room it no longer uses. What is open or current is never removed.

### Why this order

`erase_persons` first, so that nothing that is compacted or kept still holds them. Then
`apply_retention`, then `compact_warehouse` on what remains. All three share the one-slot pool
`warehouse_writer` with the daily build, and never come between two of its tasks: `hold_home` waits
until no other run and no `saydo` command works in the home, and `free_home` gives it back, however
the run went. `saydo maintain` does the same without Airflow.

### When a task is red

The jobs are idempotent: read the message, clear the task. An erasure that keeps failing has a
legal deadline: tell the data protection officer. A request that names an identifier several
customers share is told by its id in the log and erases nobody; until it is delivered again with
the account_id that is meant, releases leave all of them out.
"""

from datetime import datetime

from airflow.sdk import dag

from saydo.operators import DEFAULT_ARGS, ONE_WRITER, MaintainOperator, chain_in_held_home


@dag(
    schedule="0 5 * * 0",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["saydo", "warehouse"],
)
def maintain_warehouse():
    """Forget, retain, compact."""
    chain_in_held_home(
        MaintainOperator(task_id="erase_persons", job="erase", **ONE_WRITER),
        MaintainOperator(task_id="apply_retention", job="apply_retention", **ONE_WRITER),
        MaintainOperator(task_id="compact_warehouse", job="compact", **ONE_WRITER),
    )


maintain_warehouse()
