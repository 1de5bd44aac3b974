"""What all operators share: settings, and what an error means to Airflow and to the person."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from saydo.errors import ConfigError, DeliveryRefused, ReleaseRefused
from saydo.operators.telling import describe_failure, tell_of_failure, tell_of_success

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.settings import Settings

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


DEFAULT_ARGS: dict[str, Any] = {
    "owner": "data_platform",
    "retries": 2,
    "retry_delay": timedelta(minutes=2),
    "on_failure_callback": [describe_failure, tell_of_failure],
    "on_success_callback": tell_of_success,
}
