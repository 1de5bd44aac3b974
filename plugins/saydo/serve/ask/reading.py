"""The one way to ask the current release: one `select`, read only, within limits.

A query is text that somebody else wrote. What keeps it harmless, in this order:

- the file of the release is opened read only, without file system, network or extensions, and with
  a configuration that cannot be changed (`saydo.serve.ask.answering`);
- it has to be one statement that reads;
- a process of its own answers it, which the kernel ends when its time is over or when it asks for
  too much memory. Some functions of an engine do not stop when they are asked to; a process does.

The pointer is followed anew for every query: after a publish or a rollback, the next one reads the
release that is current then, and one that has begun goes on with the release it began with.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import saydo
from saydo.engine import memory_bytes
from saydo.errors import ConfigError, QueryRefused, SaydoError
from saydo.release.database import DATABASE
from saydo.release.store import read_manifest, release_dir
from saydo.settings import Settings


@dataclass(frozen=True)
class Limits:
    """What a query may take. None is no limit.

    Attributes:
        row_count: rows that are handed over; what is cut off is told.
        seconds: of the query's own work; waiting for its reader is not counted.
        byte_count: of all its rows together.
        beside: a query gets this part of the home's memory and threads.
    """

    row_count: int | None = None
    seconds: float = 300
    byte_count: int | None = None
    beside: int = 4


@dataclass
class Answer:
    """What came of a query: its columns, and its rows in batches, which can be read once.

    `is_cut`, known after the last batch, tells that there were more rows than the limit.
    """

    release_id: str
    columns: tuple[str, ...]
    batches: Iterator[list[tuple[Any, ...]]] = field(repr=False)
    is_cut: bool = False

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Row by row."""
        for batch in self.batches:
            yield from batch

    def records(self) -> list[dict[str, Any]]:
        """All rows, by the names of their columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows()]


@contextmanager
def asked(
    settings: Settings,
    sql: str,
    parameters: Sequence[Any] = (),
    limits: Limits | None = None,
    release_id: str | None = None,
) -> Iterator[Answer]:
    """Ask the current release, and have the answer while the context lasts.

    Args:
        settings: the home.
        sql: one statement that reads; names are those of the published tables.
        parameters: bound to the statement's question marks.
        limits: what it may take.
        release_id: for a further query of the release that an earlier one has read.

    Raises:
        ConfigError: nothing is published, or the SQL is wrong; the engine's own words say where.
        QueryRefused: it is not one `select`, reaches for something outside the release, or takes
            more than its limits.
    """
    limits = limits or Limits()
    release_id = release_id or read_manifest(settings)["release_id"]
    file = release_dir(settings, release_id) / DATABASE
    question = {
        "file": file, "sql": sql, "parameters": list(parameters),
        "home": settings.home, "threads": max(1, settings.threads // limits.beside),
        "memory": memory_bytes(settings, limits.beside),
        "rows": limits.row_count, "seconds": limits.seconds, "bytes": limits.byte_count,
    }  # fmt: skip
    with _start() as process:
        try:
            messages = _messages(process, question, limits)
            answer = Answer(release_id, tuple(next(messages)["columns"]), iter(()))
            answer.batches = _batches(answer, messages)
            yield answer
        finally:
            process.kill()


def _start() -> subprocess.Popen[bytes]:
    """The process that answers: it imports the engine and nothing of ours but this folder's."""
    ours = str(Path(saydo.__file__).resolve().parents[1])
    paths = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    # It needs no key and no connection, so it is given none.
    told = {n: v for n, v in os.environ.items() if not n.startswith(("SAYDO_", "AIRFLOW_"))}
    return subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-m",
            "saydo.serve.ask.answering",
        ],  # -P: nothing of where it is started
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=told | {"PYTHONPATH": paths},
    )


def _messages(
    process: subprocess.Popen[bytes], question: dict[str, Any], limits: Limits
) -> Iterator[dict[str, Any]]:
    to, back = process.stdin, process.stdout
    assert to is not None and back is not None  # noqa: S101 - both are pipes
    with suppress(BrokenPipeError), to:  # it did not start: how it ended is told below
        pickle.dump(question, to)
    while (message := _read(back)) is not None:
        if "refused" in message:
            raise QueryRefused(message["refused"])
        if "wrong" in message:
            raise ConfigError(message["wrong"])
        if "broken" in message:
            raise SaydoError(message["broken"])
        yield message
        if "is_cut" in message:
            return
    code = process.wait()
    if code == -signal.SIGALRM:
        raise QueryRefused(
            f"the query took more than {limits.seconds:g} s and was stopped; ask for less of it, "
            "of fewer months or by fewer groups"
        )
    if code == -signal.SIGKILL:
        raise QueryRefused("the query was stopped, most likely because memory ran out")
    raise SaydoError(f"the process that answers a query ended by itself with code {code}")


def _read(back: IO[bytes]) -> dict[str, Any] | None:
    try:
        return pickle.load(back)  # noqa: S301 - of a process that we started, by our own code
    except EOFError:
        return None
    except pickle.UnpicklingError:  # it was stopped in the middle of a message
        return None


def _batches(answer: Answer, messages: Iterator[dict[str, Any]]) -> Iterator[list[tuple[Any, ...]]]:
    for message in messages:
        if "rows" in message:
            yield message["rows"]
        else:
            answer.is_cut = message["is_cut"]
