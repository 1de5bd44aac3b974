"""Tell of a run's lineage when it is over: a failure here is a notice, never an error."""

from __future__ import annotations

import logging
from collections.abc import Callable

from saydo.notices import Notice, tell
from saydo.settings import Settings

log = logging.getLogger(__name__)


def record_lineage(settings: Settings, run: Callable[[], tuple[str, str]]) -> dict[str, int]:
    """Write the events of a run to the home's file; call it while the run holds the home.

    Args:
        settings: the home.
        run: gives the id of the DAG's run, as Airflow's OpenLineage provider names it, and the
            DAG; it is called here, where it may fail.

    Returns:
        event_count; nothing where it failed, which is a notice.
    """
    try:
        from saydo.lineage.events import Parent, record_events

        return {"event_count": record_events(settings, Parent(*run()))}
    except Exception as error:
        return _failed(settings, error)


def send_lineage(settings: Settings) -> dict[str, int]:
    """Send what waits to the endpoint, if there is one; call it when the home is given back.

    Returns:
        sent_count, waiting_count; nothing where it failed, which is a notice.
    """
    try:
        from saydo.lineage.sending import send_events

        return send_events(settings)
    except Exception as error:
        return _failed(settings, error)


def _failed(settings: Settings, error: Exception) -> dict[str, int]:
    log.warning("lineage could not be told", exc_info=error)
    what = f"the lineage of this run could not be told: {type(error).__name__}"
    advice = "the release is not concerned; the log of free_home has the whole error"
    tell(settings, "lineage", [Notice(what, "lineage", None, advice)])
    return {}
