"""Pass events on to the OpenLineage endpoint that the user configured, after the run."""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

from saydo.durable import replace_json
from saydo.lineage.spool import event_files, events_folder
from saydo.notices import Notice, tell
from saydo.settings import Settings

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0  # for one event
SEND_SECONDS = 30.0  # for all: the rest goes with the next run
_NEVER_TAKEN = (400, 413, 422)
_NO_ENDPOINT = ("console", "noop")


def send_events(settings: Settings, deadline: float = SEND_SECONDS) -> dict[str, int]:
    """Send what has not been sent yet, oldest first, to the endpoint if there is one.

    The endpoint is configured as for any OpenLineage client: OPENLINEAGE_URL, OPENLINEAGE__…
    variables, OPENLINEAGE_CONFIG or openlineage.yml. Sending stops at the first event that is not
    taken, and at the deadline; what is left is sent with the next run. Nothing is raised: one
    notice says what went wrong, and what to do.

    Returns:
        sent_count, waiting_count.
    """
    outcome: dict[str, Any] = {"sent_count": 0, "error": None}
    # A thread can be left behind: an endpoint that takes a byte a second must not hold the task.
    worker = threading.Thread(target=_send, args=(settings, outcome), daemon=True)
    worker.start()
    worker.join(deadline)
    error = outcome["error"]
    if worker.is_alive():
        outcome["is_over"] = True  # it stops after the event it is at
        error = f"no more was taken within {deadline:.0f} s"
    waiting = sum(len(lines) for _, lines in _unsent(settings)) if error else 0
    said = [] if error is None else [
        Notice(
            f"OpenLineage events wait: {error}", "lineage", waiting,
            "the release is not concerned; look at the endpoint, the next run sends them",
        )
    ]  # fmt: skip
    tell(settings, "lineage endpoint", said)
    return {"sent_count": outcome["sent_count"], "waiting_count": waiting}


def _send(settings: Settings, outcome: dict[str, Any]) -> None:
    try:
        transport = _transport()
        if transport is None:
            return
        for file, lines in _unsent(settings):
            done = 0
            try:
                for line in lines:
                    if outcome.get("is_over"):
                        return
                    _emit(transport, line)
                    done += 1
            finally:
                outcome["sent_count"] += done
                _remember(settings, file, done)
    except Exception as error:  # whatever a client or its options raise
        outcome["error"] = type(error).__name__
        log.info("OpenLineage: %s", type(error).__name__)


def _emit(transport: Any, line: str) -> None:
    """Send an event; one that the endpoint will never take is let go, and logged."""
    try:
        transport.emit(json.loads(line))
    except Exception as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status not in _NEVER_TAKEN:
            raise
        log.warning("OpenLineage: the endpoint answered %s to an event; it is left out", status)


def _transport() -> Any | None:
    """What the standard configuration names, which waits for nobody; None if it names nothing."""
    from openlineage.client import OpenLineageClient

    if not _is_configured():
        return None
    transport = OpenLineageClient().transport
    if transport.kind in _NO_ENDPOINT:
        return None
    if hasattr(transport, "timeout"):
        transport.timeout = min(transport.timeout, ANSWER_SECONDS)
        transport.config.retry = {"total": 0}
        transport.session = None
    return transport


def _is_configured() -> bool:
    places = (Path("openlineage.yml"), Path("~/.openlineage/openlineage.yml").expanduser())
    named = any(
        value
        and name.startswith(("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE__TRANSPORT"))
        for name, value in os.environ.items()
    )
    return named or any(place.is_file() for place in places)


def _unsent(settings: Settings) -> list[tuple[Path, list[str]]]:
    """Each file with the lines of it that were not taken yet."""
    sent = _sent(settings)
    left = []
    for file in event_files(settings):
        lines = file.read_text(encoding="utf-8").splitlines()[sent.get(file.name, 0) :]
        if lines:
            left.append((file, lines))
    return left


def _remember(settings: Settings, file: Path, count: int) -> None:
    kept = {each.name for each in event_files(settings)}
    sent = {name: lines for name, lines in _sent(settings).items() if name in kept}
    sent[file.name] = sent.get(file.name, 0) + count
    replace_json(events_folder(settings) / "sent.json", sent)


def _sent(settings: Settings) -> dict[str, int]:
    file = events_folder(settings) / "sent.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
