"""Run a whole DAG through Airflow in this process, without a scheduler.

`saydo.airflow_home.configure` must have been called before this module is imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airflow.listeners import hookimpl
from airflow.sdk import DAG, TaskInstanceState
from airflow.sdk.listener import get_listener_manager

from saydo.errors import SaydoError
from saydo.operators.approve import ApproveReleaseOperator
from saydo.operators.base import ONE_WRITER
from saydo.settings import PROJECT


@dataclass(frozen=True)
class TaskEvent:
    """A task began (`state` running) or ended (success, failed)."""

    task_id: str
    label: str | None  # what a mapped task works on
    state: str
    seconds: float = 0.0
    result: Any = None
    error: BaseException | None = None


@dataclass
class RunOutcome:
    """How a run ended: the results by task, and each failed task's own error."""

    is_success: bool = False
    results: dict[str, list[Any]] = field(default_factory=dict)
    failures: list[TaskEvent] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 done, 3 refused, 2 configuration, 1 crash; a crash outranks what else failed."""
        if self.is_success:
            return 0
        codes = {
            event.error.exit_code if isinstance(event.error, SaydoError) else 1
            for event in self.failures
        }
        return min(codes, default=1)


class _Watcher:
    """Listens to the tasks as they run."""

    def __init__(self, on_event: Callable[[TaskEvent], None]) -> None:
        self.outcome = RunOutcome()
        self._on_event = on_event
        self._begun = 0.0

    @hookimpl
    def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:
        self._begun = time.monotonic()
        self._on_event(TaskEvent(task_instance.task_id, _label(task_instance), "running"))

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        result = task_instance.xcom_pull(
            task_ids=task_instance.task_id, map_indexes=task_instance.map_index
        )
        self.outcome.results.setdefault(task_instance.task_id, []).append(result)
        self._end(task_instance, "success", result=result)

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        # A refusal reaches Airflow as its own "do not retry" exception, raised from ours.
        cause = getattr(error, "__cause__", None)
        if not isinstance(cause, SaydoError):
            cause = error
        self.outcome.failures.append(self._end(task_instance, "failed", error=cause))

    def _end(self, task_instance: Any, state: str, **more: Any) -> TaskEvent:
        seconds = time.monotonic() - self._begun
        event = TaskEvent(
            task_instance.task_id, _label(task_instance), state, seconds=seconds, **more
        )
        self._on_event(event)
        return event


def _label(task_instance: Any) -> str | None:
    task = task_instance.task
    return getattr(task, "feed_name", None) or getattr(task, "pipeline", None)


def set_up_database(home: Path) -> None:
    """Migrate the metadata database and create the pool, unless this Airflow version did so."""
    from airflow import __version__, settings
    from airflow.models.pool import Pool
    from airflow.utils import db

    name = str(settings.engine.url.database)
    marker = home / f"{Path(name).name}.is_ready-{__version__}"
    if marker.exists() and Path(name).exists():
        return
    db.upgradedb()
    Pool.create_or_update_pool(
        ONE_WRITER["pool"],
        slots=1,
        description="Tasks that touch the warehouse file, one at a time",
        include_deferred=False,
    )
    marker.touch()


def run_dag(
    dag_id: str,
    conf: dict[str, Any],
    on_event: Callable[[TaskEvent], None],
    approve: bool = False,
) -> RunOutcome:
    """Run a DAG of dags/ to its end: every task, in order, one at a time, without retries.

    Args:
        dag_id: also the name of its file.
        conf: values for the DAG's params.
        on_event: told of each task's begin and end.
        approve: whether a release that wants a person's approval has it: nobody could be asked.
    """
    dag = load_dag(dag_id)
    for task in dag.tasks:
        task.retries = 0  # somebody waits for the outcome: running the command again is the retry
        if isinstance(task, ApproveReleaseOperator):
            task.answer = approve
    watcher = _Watcher(on_event)
    listeners = get_listener_manager()
    listeners.add_listener(watcher)
    try:
        run = dag.test(run_conf=conf)
    finally:
        listeners.clear()
    watcher.outcome.is_success = run.state == TaskInstanceState.SUCCESS.value
    return watcher.outcome


def load_dag(dag_id: str) -> DAG:
    """The DAG that dags/<dag_id>.py defines.

    Raises:
        SaydoError: the file does not load.
    """
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(PROJECT / "dags" / f"{dag_id}.py"), load_op_links=False)
    if dag_id not in bag.dags:
        raise SaydoError(f"dags/{dag_id}.py does not load: {bag.import_errors or 'no such file'}")
    return bag.dags[dag_id]
