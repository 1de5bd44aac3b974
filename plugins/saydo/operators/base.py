"""What all operators share: settings, and what an error means to Airflow and to the person."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from saydo.errors import ConfigError, DeliveryRefused, ReleaseRefused, SaydoError

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

    def call(self, settings: Settings, context: Context) -> dict[str, Any] | list[Any]:
        """The one call. Its result goes to XCom: small, and nothing personal."""
        raise NotImplementedError

    def execute(self, context: Context) -> dict[str, Any] | list[Any]:
        """Run the call; a refusal fails the task for good, anything else may be retried."""
        from saydo.settings import Settings

        settings = Settings()
        note = _note_file(settings, context)
        try:
            result = self.call(settings, context)
        except Exception as error:
            _keep_note(settings, context, error)
            if isinstance(error, _FINAL):
                raise AirflowFailException(str(error)) from error
            raise
        note.unlink(missing_ok=True)
        return result


def _note_file(settings: Settings, context: Context) -> Any:
    task = context["ti"]
    index = "" if task.map_index in (None, -1) else f"-{task.map_index}"
    return settings.state / "failures" / f"{task.dag_id}.{task.task_id}{index}.json"


def _keep_note(settings: Settings, context: Context, error: Exception) -> None:
    """Keep what failed as a file, for `saydo run` to print and for whoever comes next."""
    note = _note_file(settings, context)
    note.parent.mkdir(parents=True, exist_ok=True)
    is_known = isinstance(error, SaydoError)
    content = {
        "run_id": context["ti"].run_id,
        "task_id": context["ti"].task_id,
        "exit_code": error.exit_code if isinstance(error, SaydoError) else 1,
        "message": str(error) if is_known else f"{type(error).__name__}: {error}",
        "failed_at": datetime.now(UTC).isoformat(),
    }
    note.write_text(json.dumps(content), encoding="utf-8")


_NEXT_STEPS = {
    "land": "fix or remove the file, or the feed's mapping (saydo feeds check); `saydo quarantine` "
    "shows the rows; the files that were good are landed and wait",
    "check_sources": "ask the sender for a corrected file; the refused batch is out of raw",
    "gate_marts": "read the expectation's note above and the Data Docs in state/gate/marts",
    "publish_release": "the old release still serves; clear this task when its reason is gone",
}
_ANY_STEP = "read the message above, then clear the task: it goes on where it stopped"


def describe_failure(context: Context) -> None:
    """Failure callback: log which task stopped, what still serves, and what to do next."""
    task = context["ti"]
    log.error(
        "%s stopped (run %s). Nothing was published; the last release keeps serving. Next: %s",
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
