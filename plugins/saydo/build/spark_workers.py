"""Who works for a session of Spark: whether they see the home, and what is told when they go."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from saydo.errors import SaydoError
from saydo.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

KEPT = "The layer was not begun, and the last release keeps serving"
_SECONDS_BETWEEN_LOOKS = 1
# With work to do, and nobody to do it: before the first has come, and after the last has gone.
_SECONDS_ALONE = {False: 30, True: 20}
_SECONDS_QUEUED = 600  # where a queue gives out its machines


class Workers:
    """The executors of a session; `lost` says what became of them, and is empty till then."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self.master = session.sparkContext.master
        self.lost = ""
        self._have_come = False
        self._alone_since: float | None = None

    def look(self) -> None:
        """End what waits for workers that are gone: Spark itself would wait for good."""
        if self._java_has_ended():
            self._lose(
                "Spark's own process has ended, maybe for want of memory: give it more "
                "(SAYDO_MEMORY_LIMIT, or spark.driver.memory in config/spark.yml)"
            )
            return
        if self.master.startswith("local"):
            return
        context = self.session.sparkContext
        count = context._jsc.sc().getExecutorMemoryStatus().size() - 1  # less the driver's
        self._have_come |= bool(count)
        if count or not context.statusTracker().getActiveJobsIds():
            self._alone_since = None
            return
        if self._alone_since is None:
            self._alone_since = time.monotonic()
        is_queue = not self.master.startswith("spark:")
        patience = _SECONDS_QUEUED if is_queue else _SECONDS_ALONE[self._have_come]
        if time.monotonic() - self._alone_since >= patience:
            what = (
                "all workers are gone and none came back" if self._have_come else "no worker came"
            )
            self._lose(
                f"{self.master}: {what} within {patience} seconds; start them, or free cores and "
                "memory for them"
            )
            context.cancelAllJobs()

    def _java_has_ended(self) -> bool:
        gateway = self.session.sparkContext._gateway
        return gateway is not None and gateway.proc.poll() is not None

    def _lose(self, what: str) -> None:
        if self.lost:
            return
        self.lost = what
        log.error("%s", what)

        def fail(*_: object, **__: object) -> None:
            raise SaydoError(what)

        self.session.sql = fail  # type: ignore[method-assign]  # nobody else is asked, and waits


@contextlib.contextmanager
def watched(session: SparkSession) -> Iterator[Workers]:
    """Look after the workers of a session, in a thread, as long as it is used."""
    workers = Workers(session)
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_SECONDS_BETWEEN_LOOKS):
            with contextlib.suppress(Exception):  # it ended between two questions: seen next time
                workers.look()

    watcher = threading.Thread(target=watch, daemon=True, name="watcher")
    watcher.start()
    try:
        yield workers
    finally:
        is_over.set()
        watcher.join(timeout=10)


def check_workers(settings: Settings, workers: Workers) -> None:
    """Make sure that workers run, and that they and this process see the same home.

    A worker that writes to a disk of its own would lose its rows without an error.

    Raises:
        SaydoError: no worker took the work in time, or one of them sees another disk.
    """
    if workers.master.startswith("local"):  # they are threads of Spark's own process here
        return
    place = settings.spark_tables / "probe"
    shutil.rmtree(place, ignore_errors=True)
    try:
        lack = _probe(settings, workers.session, place)
    except Exception as error:  # whatever the engine raises, the workers could not
        lack = first_line(error)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if workers.lost:
        raise SaydoError(f"{workers.lost}. {KEPT}")
    if lack:
        raise SaydoError(
            f"the workers of {workers.master} do not see {settings.home} as this process does "
            f"({lack}): put SAYDO_HOME on storage that every worker mounts at the same path, "
            f"readable and writable for them. {KEPT}"
        )


def _probe(settings: Settings, session: SparkSession, place: Path) -> str:
    """Have the workers write and read in the home; what was wrong, or nothing."""
    parts = max(2, 2 * session.sparkContext.defaultParallelism)
    session.range(0, parts, 1, parts).write.parquet(str(place))
    found = sum(pq.read_metadata(file).num_rows for file in place.rglob("*.parquet"))
    if found != parts:
        return f"of {parts} rows that they wrote, {found} are there"
    for file in _landed(settings):
        there = pq.read_metadata(file).num_rows * parts
        seen = session.read.parquet(*[str(file)] * parts).count()
        if seen != there:
            return f"of {there} rows of {file} they read {seen}"
    return ""


def _landed(settings: Settings) -> list[Path]:
    """What there is to read, a file from each place: raw may lie on another disk than state."""
    found = (
        next(folder.glob("batch=*/month=*/data.parquet"), None)
        for folder in sorted(settings.raw.glob("*"))
    )
    first = next((file for file in found if file is not None), None)
    files = (settings.state / "batches.parquet", first)
    return [file for file in files if file is not None and file.is_file()]


def first_line(error: BaseException) -> str:
    """What an error of the engine says, without the stack of its Java."""
    lines = [line.removeprefix(": ") for line in str(error).strip().splitlines()]
    told = [line for line in lines if not line.startswith("An error occurred while calling")]
    return (told or [type(error).__name__])[0]
