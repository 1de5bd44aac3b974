"""A session of Spark for one layer: opened where spark.yml says, looked at, closed at the end."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from saydo.config.spark import REQUIRED, property_text
from saydo.engine import memory_limit
from saydo.errors import ConfigError, SaydoError
from saydo.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

JAVA = (17, 21)  # what Spark 4 runs on
PACKAGE = "openjdk-17-jre-headless"
_JAVA = "spark.driver.extraJavaOptions"
_HEAP_SHARE = 0.75  # of SAYDO_MEMORY_LIMIT; the rest is for what Java keeps beside its heap
_PARTS_PER_THREAD = 4
_SECONDS_TO_ANSWER = 30  # for a master, and for its first worker
_SECONDS_BETWEEN_LOOKS = 2
_SECONDS_ALONE = 30  # with work to do, and nobody to do it
_KEPT = "Nothing was built, and the last release keeps serving"


@contextlib.contextmanager
def spark_session(settings: Settings, layer: str) -> Iterator[SparkSession | None]:
    """Open the session that dbt's `session` method then finds, and stop it at the end.

    With `profiles` in spark.yml dbt connects by itself: there is none.

    Raises:
        ConfigError: Spark or its Java is not installed.
        SaydoError: the master does not answer, has no worker, or the workers do not see the home.
    """
    if settings.spark.profiles is not None:
        yield None
        return
    check_installed()
    check_master(settings.spark.master)
    settings.spark_tables.mkdir(parents=True, exist_ok=True)
    session = _open(settings, layer)
    try:
        context = session.sparkContext
        log.info(
            "%s: Spark application %s on %s%s", layer, context.applicationId, context.master,
            f", {context.uiWebUrl}" if context.uiWebUrl else "",
        )  # fmt: skip
        check_workers(settings, session)
        with watched(session):
            yield session
    finally:
        session.stop()


def check_installed() -> None:
    """Make sure that this environment has dbt's adapter, Spark, and a Java that it runs on.

    Raises:
        ConfigError: something is missing; it says how to get it.
    """
    if not all(importlib.util.find_spec(name) for name in ("dbt.adapters.spark", "pyspark")):
        raise ConfigError("SAYDO_ENGINE=spark, but Spark is not installed here: run `make spark`")
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        raise ConfigError(
            f"Spark needs Java {JAVA[0]} or {JAVA[1]}, and there is none"
            + (f" in JAVA_HOME ({home})" if home else "")
            + f": `apt-get install {PACKAGE}`"
        )
    version = _java_version(java)
    if version not in JAVA:
        raise ConfigError(
            f"Spark needs Java {JAVA[0]} or {JAVA[1]}, and {java} is Java {version or 'unknown'}: "
            f"`apt-get install {PACKAGE}` and set JAVA_HOME to it"
        )


def _java_version(java: str) -> int | None:
    told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)  # noqa: S603
    words = (told.stderr + told.stdout).split('"')
    if len(words) < 2:
        return None
    first = words[1].removeprefix("1.").split(".")[0].split("-")[0]
    return int(first) if first.isdigit() else None


def check_master(master: str) -> None:
    """Make sure that somebody listens where a standalone master should be.

    Spark itself would try for minutes and then tell of a stopped context.

    Raises:
        SaydoError: nobody does.
    """
    if not master.startswith("spark://"):
        return
    for one in master.removeprefix("spark://").split(","):
        place = urlsplit(f"spark://{one}")
        with (
            contextlib.suppress(OSError),
            socket.create_connection((place.hostname, place.port or 7077), _SECONDS_TO_ANSWER),
        ):
            return
    raise SaydoError(
        f"no Spark master answers at {master} (config/spark.yml: master); correct the address or "
        "start it. " + _KEPT
    )


def properties(settings: Settings, layer: str) -> dict[str, str]:
    """Every property of the session: ours unless spark.yml says otherwise, and what must hold."""
    tables = settings.spark_tables
    ours = {
        "spark.driver.memory": _heap(settings),
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(tables / "managed"),
        # The catalog lives with the tables that it names. One process at a time holds it.
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={tables / 'catalog'};create=true"
        ),
    }
    if settings.spark.master.startswith("local"):
        # Spark's 200 are for clusters; what is small is put together again (adaptive execution).
        ours["spark.sql.shuffle.partitions"] = str(_PARTS_PER_THREAD * settings.threads)
    theirs = {name: property_text(value) for name, value in settings.spark.properties.items()}
    java = f"{theirs.pop(_JAVA, '')} -Dderby.stream.error.file={tables / 'derby.log'}".strip()
    return {"spark.app.name": f"saydo {layer}", _JAVA: java} | ours | theirs | REQUIRED


def _heap(settings: Settings) -> str:
    return f"{int(int(memory_limit(settings).removesuffix('KiB')) * _HEAP_SHARE) >> 10}m"


def _open(settings: Settings, layer: str) -> SparkSession:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(settings.spark.master).enableHiveSupport()
    for name, value in properties(settings, layer).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise SaydoError(
            f"Spark did not start on {settings.spark.master}: {first_line(error)}; see "
            f"config/spark.yml. {_KEPT}"
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def check_workers(settings: Settings, session: SparkSession) -> None:
    """Make sure that workers run, and that they and this process see the same home.

    A worker that writes to a disk of its own would lose its rows without an error.

    Raises:
        SaydoError: no worker took the work in time, or one of them sees another disk.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="probe")
    try:
        lack = pool.submit(_probe, settings, session).result(timeout=_SECONDS_TO_ANSWER)
    except TimeoutError:
        session.sparkContext.cancelAllJobs()
        raise SaydoError(
            f"no worker of {settings.spark.master} took any work within {_SECONDS_TO_ANSWER} "
            f"seconds: start one, or free its cores and memory. {_KEPT}"
        ) from None
    finally:
        pool.shutdown(wait=False)
    if lack:
        raise SaydoError(
            f"the workers of {settings.spark.master} do not see {settings.home} as this process "
            f"does ({lack}): put SAYDO_HOME on storage that every worker mounts at the same path, "
            f"readable and writable for them. {_KEPT}"
        )


def _probe(settings: Settings, session: SparkSession) -> str:
    """Have the workers write and read in the home; what was wrong, or nothing."""
    place = settings.spark_tables / "probe"
    shutil.rmtree(place, ignore_errors=True)
    parts = max(2, 2 * session.sparkContext.defaultParallelism)
    try:
        session.range(0, parts, 1, parts).write.parquet(str(place))
        found = sum(pq.read_metadata(file).num_rows for file in place.rglob("*.parquet"))
        if found != parts:
            return f"of {parts} rows that they wrote, {found} are there"
        written = settings.state / "batches.parquet"
        if written.is_file():
            session.read.parquet(*[str(written)] * parts).repartition(parts).count()
    except Exception as error:  # whatever the engine raises, the workers could not
        return first_line(error)
    shutil.rmtree(place, ignore_errors=True)
    return ""


@contextlib.contextmanager
def watched(session: SparkSession | None) -> Iterator[None]:
    """End what waits for workers that are gone: Spark itself would wait for good.

    Jobs that run while no executor is left for so many seconds are cancelled, and what the session
    is asked afterwards fails at once.
    """
    if session is None or session.sparkContext.master.startswith("local"):
        yield
        return
    is_over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(session, is_over), daemon=True, name="watcher")
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join(timeout=_SECONDS_BETWEEN_LOOKS)


def _watch(session: SparkSession, is_over: threading.Event) -> None:
    context = session.sparkContext
    alone_since = None
    while not is_over.wait(_SECONDS_BETWEEN_LOOKS):
        try:
            executor_count = (
                context._jsc.sc().getExecutorMemoryStatus().size() - 1
            )  # and the driver
            is_working = bool(context.statusTracker().getActiveJobsIds())
        except Exception:  # the context has ended under us: its own error is told
            return
        if executor_count or not is_working:
            alone_since = None
            continue
        alone_since = alone_since or time.monotonic()
        if time.monotonic() - alone_since < _SECONDS_ALONE:
            continue
        told = (
            f"all workers of {context.master} are gone and none came back within {_SECONDS_ALONE} "
            "seconds: start them, then run this again; it goes on at this model. The last release "
            "keeps serving"
        )
        log.error(told)

        session.sql = partial(_fail, told)  # type: ignore[method-assign]
        context.cancelAllJobs()
        return


def _fail(told: str, *_: object, **__: object) -> None:
    raise SaydoError(told)


def first_line(error: BaseException) -> str:
    """What an error of the engine says, without the stack of its Java."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
