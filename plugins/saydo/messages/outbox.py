"""Which messages there are and whom each reached: files below state/messages, never changed.

`<message id>.json` is a fact, with the connections that it is for; `sent/<message id>.<connection>`
says that it got there. A file is put in place at once, so a fact is told once, whoever finds it
and however often; what did not arrive is sent by a later task or run, for a few days.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from saydo.durable import create_text, replace_text
from saydo.messages.message import Message
from saydo.settings import Settings

OLD_NEWS = timedelta(days=3)  # what could not be sent for so long is told by reports and logs
_REST = timedelta(minutes=10)  # a connection that failed is not tried again within one run
_LONGEST_WAIT_SECONDS = 20


@dataclass(frozen=True)
class Pending:
    """A message that has not reached one of its connections."""

    message_id: str
    title: str
    body: str
    level: str


def add(
    settings: Settings, message: Message, link: str | None = None, now: datetime | None = None
) -> bool:
    """Keep a message for those whom notices.yml names. False: it is for nobody, or was kept before.

    Args:
        settings: the home.
        message: the fact.
        link: the page of the run in Airflow.
        now: UTC, for tests.
    """
    file = _folder(settings) / f"{message.message_id}.json"
    to = settings.notices_to.to(message.kind)
    if not to or file.is_file():
        return False
    content = {
        "kind": message.kind,
        "subjects": message.subjects,
        "title": message.title,
        "body": message.body(link),
        "level": message.level,
        "to": to,
        "made_at": (now or datetime.now(UTC)).isoformat(timespec="milliseconds"),
    }
    create_text(file, json.dumps(content, indent=2) + "\n")
    return True


def told_subjects(settings: Settings, kind: str) -> set[str]:
    """All that messages of a kind were about."""
    return {
        subject
        for file in _folder(settings).glob(f"{kind}-*.json")
        for subject in _read(file)["subjects"]
    }


def pending(settings: Settings, now: datetime | None = None) -> dict[str, list[Pending]]:
    """Connection to the messages that it has not got, oldest first; those of notices.yml alone."""
    since = (now or datetime.now(UTC)) - OLD_NEWS
    files = _folder(settings).glob("[!.]*.json")
    found = [(file.stem, _read(file)) for file in files]
    kept = [(name, one) for name, one in found if datetime.fromisoformat(one["made_at"]) > since]
    waiting: dict[str, list[Pending]] = {}
    for name, one in sorted(kept, key=lambda item: (item[1]["made_at"], item[0])):
        for connection in settings.notices_to.to(one["kind"]):
            if connection in one["to"] and not _sent(settings, name, connection).is_file():
                message = Pending(name, one["title"], one["body"], one["level"])
                waiting.setdefault(connection, []).append(message)
    return waiting


def record_sent(settings: Settings, message_id: str, connection: str) -> None:
    """Keep that a message reached a connection."""
    create_text(_sent(settings, message_id, connection), _now() + "\n")
    _failed(settings, connection).unlink(missing_ok=True)


def record_failure(settings: Settings, connection: str) -> None:
    """Keep that a connection took no message, so that it is left alone for a while."""
    replace_text(_failed(settings, connection), _now() + "\n")


def is_resting(settings: Settings, connection: str, now: datetime | None = None) -> bool:
    """Whether a connection failed a short while ago."""
    file = _failed(settings, connection)
    if not file.is_file():
        return False
    since = (now or datetime.now(UTC)) - datetime.fromisoformat(file.read_text("utf-8").strip())
    return timedelta(0) <= since < _REST


@contextmanager
def sending(settings: Settings) -> Iterator[bool]:
    """One process sends at a time, so that none sends what another is sending.

    False: another has been at it for long; what is pending stays so until the next task.
    """
    folder = settings.state / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "messages", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    until = time.monotonic() + _LONGEST_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _sent(settings: Settings, message_id: str, connection: str) -> Path:
    return _folder(settings) / "sent" / f"{message_id}.{connection}"


def _failed(settings: Settings, connection: str) -> Path:
    return _folder(settings) / "failed" / connection


def _folder(settings: Settings) -> Path:
    return settings.state / "messages"
