"""Tell of a run's lineage when it is over: a failure here is a notice, never an error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from saydo.notices import Notice, tell
from saydo.settings import Settings

log = logging.getLogger(__name__)


@contextmanager
def tell_lineage(settings: Settings, run_id: str, dag_id: str) -> Iterator[dict[str, int]]:
    """Write the events of a run before the block, and send them to the endpoint after it.

    What the run did is read while it holds the home, and the block gives that back: whoever waits
    for the home does not wait for an endpoint.

    Args:
        settings: the home.
        run_id: of the DAG's run, as Airflow's OpenLineage provider names it.
        dag_id: the DAG.

    Yields:
        what is known once the block is left: event_count, sent_count, waiting_count.
    """
    told: dict[str, int] = {}
    try:
        from saydo.lineage.events import Parent, record_events

        told["event_count"] = record_events(settings, Parent(run_id, dag_id))
    except Exception as error:
        _told_of(settings, error)
    yield told
    try:
        from saydo.lineage.sending import send_events

        told |= send_events(settings)
    except Exception as error:
        _told_of(settings, error)


def _told_of(settings: Settings, error: Exception) -> None:
    log.warning("lineage could not be told", exc_info=error)
    what = f"the lineage of this run could not be told: {type(error).__name__}"
    advice = "the release is not concerned; the log of free_home has the whole error"
    tell(settings, "lineage", [Notice(what, "lineage", None, advice)])
