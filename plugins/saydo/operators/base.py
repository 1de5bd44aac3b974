"""What all operators share: settings, and what an error means to Airflow and to the person."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from saydo.errors import ConfigError, DeliveryRefused, ReleaseRefused

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.settings import Settings

log = logging.getLogger(__name__)

# A retry cannot help these: somebody must change a file, a rule or the configuration.
_FINAL = (ConfigError, DeliveryRefused, ReleaseRefused)


ONE_WRITER = {"pool": "warehouse_writer"}  # one slot: DuckDB takes one writing process


class SaydoOperator(BaseOperator):
    """Calls one function of the pure packages and returns its small dict.

    A subclass imports its function inside `call`, so that parsing a DAG stays cheap.
    """

    template_fields: Sequence[str] = ()

    @abstractmethod
    def call(self, settings: Settings, context: Context) -> dict[str, Any] | list[Any]:
        """The one call. Its result goes to XCom: small, and nothing personal."""

    def execute(self, context: Context) -> dict[str, Any] | list[Any]:
        """Run the call for a run that holds the home; a refusal fails the task for good."""
        from saydo.room import explained
        from saydo.settings import Settings

        settings = Settings()
        kept = "the last release keeps serving"
        with (
            final_refusals(),
            explained(settings, self.task_id, kept),
            holding(settings, context),
        ):
            return self.call(settings, context)


@contextmanager
def final_refusals() -> Iterator[None]:
    """Fail the task for good where a retry would be refused again."""
    try:
        yield
    except _FINAL as error:
        raise AirflowFailException(str(error)) from error


def run_of(context: Context) -> str:
    """What names this run among all of this Airflow's."""
    task = context["ti"]
    return f"{task.dag_id}, run {task.run_id}"


def holding(settings: Settings, context: Context) -> AbstractContextManager[None]:
    """Work for this run in the home; HomeBusy if another run or a command has it."""
    from saydo.home_lock import hold_home

    run = run_of(context)
    return hold_home(settings, run, run=run)


_NEXT_STEPS = {
    "hold_home": "somebody has held the home for half a day: the log says who; clear this task "
    "when that has ended",
    "land": "fix or remove the file, or the feed's mapping (saydo feeds check); `saydo quarantine` "
    "shows the rows; the files that were good are landed and wait",
    "check_sources": "ask the sender for a corrected file; the refused batch is out of raw",
    "gate_marts": "read the expectation's note above and the Data Docs in state/gate/marts",
    "approve_release": "correct what the warnings tell of and run again; clear this task to be "
    "asked once more",
    "decide_credits": "nothing was handed over; `saydo recover --dry-run` says the same",
    "deliver_credits": "correct the connection in Airflow or its receiver and clear the task; what "
    "had arrived is not sent again",
    "serve_release": "the files of the release are published and serve; PostgreSQL serves the one "
    "before. Mend what the message names, then clear the task",
    "write_report": "the release is published and serves; clear the task for its report",
}
_ANY_STEP = "read the message above, then clear the task: it goes on where it stopped"


def describe_failure(context: Context) -> None:
    """Failure callback: log which task stopped, what still serves, and what to do next."""
    task = context["ti"]
    log.error(
        "%s stopped (run %s). The last good release keeps serving. Next: %s",
        task.task_id,
        task.run_id,
        _NEXT_STEPS.get(task.task_id, _ANY_STEP),
    )


DEFAULT_ARGS: dict[str, Any] = {
    "owner": "data_platform",
    "retries": 2,
    "retry_delay": timedelta(minutes=2),
    "on_failure_callback": describe_failure,
}
