"""Where OpenLineage events go first: one file a day in the home, whatever else they go to.

A task writes a line and goes on: no endpoint can delay it. `saydo.lineage.sending` passes the lines
on when the run is over.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attr
from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from saydo.settings import Settings

# What Airflow tells of this machine, of who started a run and with what: nobody elsewhere needs it.
_LEFT_OUT = frozenset(
    {"fileloc", "conf", "log_url", "host", "hostname", "triggering_user_name", "stackTrace"}
)

_SEE_LOG = "it failed; its log says why"


@attr.define
class SpoolConfig(Config):
    """`folder` is where the files are."""

    folder: str

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> SpoolConfig:
        """Of the options of an OpenLineage transport."""
        return cls(folder=params["folder"])


class SpoolTransport(Transport):
    """An OpenLineage transport that appends each event to the file of its day."""

    kind = "saydo_spool"
    config_class = SpoolConfig

    def __init__(self, config: SpoolConfig) -> None:
        self.folder = Path(config.folder)

    def emit(self, event: Any) -> None:
        """Append an event; several processes may do so at a time."""
        append(self.folder, [Serde.to_dict(event)])


def events_folder(settings: Settings) -> Path:
    """Where a home keeps its events: <YYYY-MM-DD>.ndjson, one event a line."""
    return settings.state / "lineage" / "events"


def append(folder: Path, events: list[dict[str, Any]]) -> None:
    """Write events to the file of today, without what is of this machine alone.

    The lines are written at once: what another process writes meanwhile stands before or after.
    """
    lines = [json.dumps(_stripped(event), sort_keys=True, default=str) for event in events]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y-%m-%d}.ndjson"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, "".join(f"{line}\n" for line in lines).encode())
    finally:
        os.close(handle)


def event_files(settings: Settings) -> list[Path]:
    """The files of events, oldest first."""
    return sorted(events_folder(settings).glob("*.ndjson"))


def expire(settings: Settings, now: datetime | None = None) -> int:
    """Remove files older than `retention.keep_lineage_days`, sent or not; returns how many."""
    oldest = (now or datetime.now(UTC)) - timedelta(
        days=settings.policy.retention.keep_lineage_days
    )
    gone = [file for file in event_files(settings) if file.stem < f"{oldest:%Y-%m-%d}"]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        # Of a failed task it holds what the log says, with places and names of files.
        if "errorMessage" in value:
            value = value | {"errorMessage": value["errorMessage"] | {"message": _SEE_LOG}}
        return {k: _stripped(v) for k, v in value.items() if k not in _LEFT_OUT}
    return [_stripped(each) for each in value] if isinstance(value, list) else value
