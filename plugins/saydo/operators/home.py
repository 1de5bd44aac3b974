"""One run at a time works in a home: taken with the first task, given back with the last."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator, chain

from saydo.operators.base import SaydoOperator, holding, run_of

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context, XComArg

    from saydo.settings import Settings

log = logging.getLogger(__name__)

_LONGEST_WAIT = timedelta(hours=12)  # a long build, and a backfill's days one after the other


def chain_in_held_home(*tasks: BaseOperator | XComArg) -> None:
    """Put tasks in this order between taking the home and giving it back."""
    held = HoldHomeSensor(task_id="hold_home").as_setup()
    chain(held, *tasks, FreeHomeOperator(task_id="free_home").as_teardown(setups=held))


class HoldHomeSensor(BaseSensorOperator):
    """Wait until nobody else changes the home, and hold it for this run from then on.

    It takes no worker's slot while it waits, and no pool: whom it waits for may need both.
    """

    def __init__(self, **kwargs: Any) -> None:
        longest = _LONGEST_WAIT.total_seconds()
        super().__init__(mode="reschedule", poke_interval=30, timeout=longest, **kwargs)

    def poke(self, context: Context) -> bool:
        """Whether this run has the home now."""
        from saydo.errors import HomeBusy
        from saydo.settings import Settings

        try:
            with holding(Settings(), context):
                return True
        except HomeBusy as busy:
            log.info("waiting: %s", busy)
            return False


class FreeHomeOperator(SaydoOperator):
    """Give the home back, however the run went, and tell of its lineage."""

    def execute(self, context: Context) -> dict[str, Any]:
        """Give it back first: whoever waits for the home does not wait for an endpoint."""
        from saydo.lineage import send_lineage
        from saydo.settings import Settings

        done = super().execute(context)
        return {**done, **send_lineage(Settings())}

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """Whether this run held it, and how many events it wrote."""
        from saydo.home_lock import free_home
        from saydo.lineage import record_lineage

        told = record_lineage(settings, lambda: _openlineage_run(context))
        return {"was_held": free_home(settings, run_of(context)), **told}


def _openlineage_run(context: Context) -> tuple[str, str]:
    """The id that Airflow's provider gives to this run of the DAG, and the DAG's name."""
    from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter

    run = context["dag_run"]
    day = run.logical_date or run.run_after
    number = getattr(run, "clear_number", 0)
    return OpenLineageAdapter.build_dag_run_id(run.dag_id, day, number), run.dag_id
