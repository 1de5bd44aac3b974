"""What is told of a task that ended: in the log, and to those whom notices.yml names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.messages import Message
    from saydo.settings import Settings

log = logging.getLogger(__name__)
_NEXT_STEPS = {
    "hold_home": "somebody has held the home for half a day: the log says who; clear this task "
    "when that has ended",
    "collect": "mend the source or its connection (saydo collect check) and clear the task: it "
    "goes on where the last delivery ended; on_failure: go_on_without runs without the source",
    "land": "fix or remove the file, or the feed's mapping (saydo feeds check); `saydo quarantine` "
    "shows the rows; the files that were good are landed and wait",
    "check_sources": "ask the sender for a corrected file; the refused batch is out of raw",
    "gate_marts": "read the expectation's note above and the Data Docs in state/gate/marts",
    "approve_release": "correct what the warnings tell of and run again; clear this task to be "
    "asked once more",
    "decide_credits": "nothing was handed over; `saydo recover --dry-run` says the same",
    "deliver_credits": "correct the connection in Airflow or its receiver and clear the task; what "
    "had arrived is not sent again",
    "serve_release": "the files of the release are published and serve; the place that the message "
    "names has the one before. Mend what the message says, then clear the task",
    "write_report": "the release is published and serves; clear the task for its report",
}
_ANY_STEP = "read the message above, then clear the task: it goes on where it stopped"


def _next_step(task_id: str) -> str:
    return _NEXT_STEPS.get(task_id, _ANY_STEP)


def describe_failure(context: Context) -> None:
    """Failure callback: log which task stopped, what still serves, and what to do next."""
    task = context["ti"]
    log.error(
        "%s stopped (run %s). The last good release keeps serving. Next: %s",
        task.task_id,
        task.run_id,
        _next_step(task.task_id),
    )


def tell_of_failure(context: Context) -> None:
    """Failure callback: tell people what stopped the run, once."""
    task = context["ti"]
    error = context.get("exception")
    # A refusal reaches Airflow as its own "do not retry" exception, raised from ours.
    error = getattr(error, "__cause__", None) or error

    def messages(settings: Settings) -> list[Message]:
        from saydo.messages import of_failure

        advice = f"open the log of the task: {_next_step(task.task_id)}"
        return of_failure(settings, task.dag_id, task.run_id, task.task_id, error, advice)

    _tell(context, messages)


def tell_of_success(context: Context) -> None:
    """Success callback: tell people what the steps that find something have found, each once."""
    found = _FOUND_BY.get(context["ti"].task_id)
    if found:
        _tell(context, lambda settings: found(settings, context))


def _published(settings: Settings, context: Context) -> list[Message]:
    from saydo.messages import published

    task = context["ti"]
    return published(settings, task.xcom_pull(task_ids=task.task_id))


def _refusals(settings: Settings, context: Context) -> list[Message]:
    from saydo.messages import refusals

    return refusals(settings)  # that the run goes on without


def _late(settings: Settings, context: Context) -> list[Message]:
    from saydo.messages import late

    return late(settings)


_FOUND_BY: dict[str, Callable[[Settings, Context], list[Message]]] = {
    "check_sources": _refusals,
    "build_staging": _late,
    "publish_release": _published,
    "free_home": lambda settings, context: [],  # what waits is tried once more at the end
}


def _tell(context: Context, messages: Callable[[Settings], list[Message]]) -> None:
    """Send messages if notices.yml names somebody. Whatever goes wrong is a line of the log."""
    try:
        from saydo.settings import Settings

        settings = Settings()
        if settings.notices_to.connections:
            from saydo.operators.sending import send

            send(settings, messages, _page_of(context["ti"]))
    except Exception as error:  # nothing that is told may stop what it tells of
        log.warning("nobody was told of this: %s", type(error).__name__)


def _page_of(task: Any) -> str | None:
    """The run's page in Airflow, where Airflow knows its own address (`[api] base_url`)."""
    from airflow.sdk.configuration import conf

    address = conf.get("api", "base_url", fallback=None)
    if not address:
        return None
    return f"{address.rstrip('/')}/dags/{task.dag_id}/runs/{quote(task.run_id, safe='')}"
