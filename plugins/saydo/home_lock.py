"""One at a time: whoever changes a home holds it, from the first step to the last.

A command holds it with its process: the kernel lets go when the process ends, however it ends. The
run of a scheduler is many processes, some beside each other and with pauses between, so what it
holds stays until the run says that it is over. A run that has not been heard of for a while is
taken for dead.

Two files below state/locks say so: `home` names the holder and is locked (flock) by every process
that works for it; `home.guard` is locked while the other is read or written.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from saydo.errors import HomeBusy
from saydo.settings import Settings

log = logging.getLogger(__name__)

# Between two tasks of a run lie retries (minutes) and a queue. After this nobody waits for it.
ABANDONED_AFTER = timedelta(minutes=30)
_POLL_SECONDS = 1.0
# What this process holds already, by path: a step may call another that holds the home, too.
_held: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())


@contextmanager
def hold_home(
    settings: Settings, what: str, *, run: str | None = None, wait: bool = False
) -> Iterator[None]:
    """Hold the home while the block runs. Inside a block that holds it, nothing more is done.

    Args:
        settings: the home.
        what: who holds it, in words for whoever is refused.
        run: the id of a scheduler's run: its other processes may hold the home, too, and it stays
            held after the block, until `free_home`.
        wait: until it is free, instead of refusing.

    Raises:
        HomeBusy: somebody else holds it; the message says who.
    """
    home = settings.home.resolve()
    if home in _held.get():
        yield
        return
    descriptor = _take(settings, what, run, wait)
    token = _held.set(_held.get() | {home})
    try:
        yield
    finally:
        _held.reset(token)
        _leave(settings, descriptor, run)


def free_home(settings: Settings, run: str) -> bool:
    """End what a run holds; a process of it that is still at work keeps it until its block ends.

    Returns:
        whether the run held the home.
    """
    with _guarded(settings) as file:
        is_ours = _read(file).get("run") == run
        if is_ours:
            file.write_text("")
    return is_ours


def _take(settings: Settings, what: str, run: str | None, wait: bool) -> int:
    is_told = False
    while True:
        with _guarded(settings) as file:
            holder = _read(file)
            # Opened anew on each try: the lock is the descriptor's, and ends when it is closed.
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
            if _is_ours(descriptor, holder, run):
                since = holder.get("since") if run and holder.get("run") == run else _now()
                _write(file, what, run, since)
                return descriptor
            os.close(descriptor)
        if not wait:
            raise HomeBusy(_message(settings, holder))
        if not is_told:
            log.warning("waiting: %s is held by %s", settings.home.name, _holder(holder))
            is_told = True
        time.sleep(_POLL_SECONDS)


def _is_ours(descriptor: int, holder: dict[str, Any], run: str | None) -> bool:
    """Lock the file if nobody else's process works here and no other run goes on."""
    shared = fcntl.LOCK_SH | fcntl.LOCK_NB
    if run is not None and holder.get("run") == run:
        fcntl.flock(descriptor, shared)
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # No process works here, but a run is between two of its tasks.
    if holder.get("run") and _now_at() - datetime.fromisoformat(holder["seen"]) < ABANDONED_AFTER:
        return False
    # Alone, to see that nobody is here; from now on shared with the run's other processes.
    if run is not None:
        fcntl.flock(descriptor, shared)
    return True


def _leave(settings: Settings, descriptor: int, run: str | None) -> None:
    with _guarded(settings) as file:
        holder = _read(file)
        if run is None:
            file.write_text("")
        # The run goes on. When it was seen last tells later whether it still lives.
        elif holder.get("run") == run:
            _write(file, holder["what"], run, holder["since"])
        os.close(descriptor)


@contextmanager
def _guarded(settings: Settings) -> Iterator[Path]:
    """The holder's file, which nobody else reads or writes meanwhile."""
    folder = settings.state / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "home.guard", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder / "home"
    finally:
        os.close(descriptor)


def _read(file: Path) -> dict[str, Any]:
    """Who holds the home; empty when nobody does, or when a write was cut off by a power cut."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _write(file: Path, what: str, run: str | None, since: Any) -> None:
    # In place: the lock is on this very file, which a rename would replace.
    holder = {"what": what, "run": run, "since": since, "seen": _now()}
    file.write_text(
        json.dumps(holder | {"pid": os.getpid(), "host": socket.gethostname()}), encoding="utf-8"
    )


def _now_at() -> datetime:
    return datetime.now(UTC)


def _now() -> str:
    return _now_at().isoformat(timespec="seconds")


def _holder(holder: dict[str, Any]) -> str:
    if not holder:
        return "a process that has just started"
    since = holder["since"][:19].replace("T", " ")
    return f"{holder['what']} (process {holder['pid']} on {holder['host']}, since {since} UTC)"


def _message(settings: Settings, holder: dict[str, Any]) -> str:
    dead = ""
    if holder.get("run"):
        at = datetime.fromisoformat(holder["seen"]) + ABANDONED_AFTER
        dead = f"; if its scheduler is gone, it lets go by itself at {at:%H:%M} UTC"
    return (
        f"{settings.home.name}/ is held by {_holder(holder)}. Nothing was changed: run this again "
        f"when that has ended, or give --wait{dead}"
    )
