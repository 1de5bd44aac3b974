"""A session of Spark for one layer: opened where spark.yml says, looked at, closed at the end."""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import logging
import os
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saydo.build.spark_tables import MANAGED, remove_unnamed
from saydo.build.spark_workers import KEPT, Workers, check_workers, first_line, watched
from saydo.config.spark import REQUIRED, property_text
from saydo.engine import memory_limit, spill_folder
from saydo.errors import ConfigError, SaydoError
from saydo.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

JAVA = (17, 21)  # what Spark 4 runs on
PACKAGE = "openjdk-17-jre-headless"
_PARTS_PER_THREAD = 4
_CODE_CACHE = "512m"  # hundreds of plans become code in one session, and none may push others out
# Of SAYDO_MEMORY_LIMIT. Java keeps a fifth of the limit beside its heap, and what brings marts over
# takes a quarter (spark_tables).
_HEAP_SHARE = 0.45
_LOGGING = Path(__file__).with_name("spark-log4j2.properties")
_SECONDS_TO_CONNECT = 10
_of_this_process = contextlib.ExitStack()
atexit.register(_of_this_process.close)
# For a master to take the application. YARN and Kubernetes bring Spark to their machines first.
_SECONDS_TO_START = {"spark": 45, "yarn": 600, "k8s": 600}


@contextlib.contextmanager
def spark_session(settings: Settings, layer: str) -> Iterator[Workers | None]:
    """Open the session that dbt's `session` method then finds, and stop it at the end.

    With `profiles` in spark.yml dbt connects by itself: there is none.

    Yields:
        who works for the session, and whether they were lost.

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
        with watched(session) as workers:
            check_workers(settings, workers)
            remove_unnamed(settings, session)
            yield workers
    finally:
        _close(session)


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
            contextlib.suppress(OSError, ValueError, OverflowError),  # no such host, no such port
            socket.create_connection((place.hostname, place.port), _SECONDS_TO_CONNECT),
        ):
            return
    raise SaydoError(
        f"no Spark master answers at {master} (config/spark.yml: master); correct the address or "
        "start it. " + KEPT
    )


def properties(settings: Settings, layer: str, java_folder: Path) -> dict[str, str]:
    """Every property of the session: ours unless spark.yml says otherwise, and what must hold.

    Args:
        settings: the home and its spark.yml.
        layer: names the application.
        java_folder: where the driver spills and keeps what is of no use to anybody else.
    """
    tables = settings.spark_tables
    ours = {
        "spark.driver.memory": _heap(settings),
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(tables / MANAGED),
        # The catalog lives with the tables that it names. One process at a time holds it.
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={tables / 'catalog'};create=true"
        ),
        # Not `extraJavaOptions`, which are the user's.
        "spark.driver.defaultJavaOptions": (
            f"-XX:ReservedCodeCacheSize={_CODE_CACHE} "
            f'-Djava.io.tmpdir="{java_folder}" '
            f'-Dderby.stream.error.file="{tables / "derby.log"}" '
            f'-Dlog4j2.configurationFile="{_LOGGING}"'
        ),
    }
    if settings.spark.master.startswith("local"):
        # Spark's 200 are for clusters; what is small is put together again (adaptive execution).
        ours["spark.sql.shuffle.partitions"] = str(_PARTS_PER_THREAD * settings.threads)
        # Each sum of a plan takes a page at least, and some plans have dozens: by itself Spark
        # takes pages of a sixteenth of its memory, and then has none for the last ones.
        ours["spark.buffer.pageSize"] = "2m"
    else:
        # One that falls silent is missed within half a minute, not in three.
        ours["spark.storage.blockManagerHeartbeatTimeoutMs"] = "30000"
        ours["spark.network.timeoutInterval"] = "5s"
    theirs = {name: property_text(value) for name, value in settings.spark.properties.items()}
    return {"spark.app.name": f"saydo {layer}"} | ours | theirs | REQUIRED


@cache
def _java_folder(settings: Settings) -> Path:
    """Below tmp/ of the home, as what DuckDB spills, and not in the system's.

    Java is there until this process ends, and the folder with it. Of a process that was killed, the
    next one removes it.
    """
    return _of_this_process.enter_context(spill_folder(settings))


def _heap(settings: Settings) -> str:
    return f"{int(int(memory_limit(settings).removesuffix('KiB')) * _HEAP_SHARE) >> 10}m"


def _open(settings: Settings, layer: str) -> SparkSession:
    master = settings.spark.master
    # It says so wherever it might be given a table of pandas; here it is given none.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
    with _on_loopback(master):
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(master).enableHiveSupport()
        for name, value in properties(settings, layer, _java_folder(settings)).items():
            builder = builder.config(name, value)
        pool = ThreadPoolExecutor(1, thread_name_prefix="start")
        seconds = _SECONDS_TO_START.get(master.split(":")[0])
        try:
            session = pool.submit(builder.getOrCreate).result(timeout=seconds)
        except TimeoutError:
            end_java()
            raise SaydoError(
                f"what listens at {master} did not take the application within {seconds} seconds: "
                "it is no Spark master, one of another version, or one that waits for another to "
                f"lead; see config/spark.yml. {KEPT}"
            ) from None
        except Exception as error:
            raise SaydoError(
                f"Spark did not start on {master}: {first_line(error)}; see config/spark.yml. "
                f"{KEPT}"
            ) from error
        finally:
            pool.shutdown()
    session.sparkContext.setLogLevel("ERROR")
    return session


@contextlib.contextmanager
def _on_loopback(master: str) -> Iterator[None]:
    """On one machine nobody else is to reach the session or its web interface."""
    name = "SPARK_LOCAL_IP"
    if not master.startswith("local") or name in os.environ:
        yield
        return
    os.environ[name] = "127.0.0.1"
    try:
        yield
    finally:
        del os.environ[name]


def _close(session: SparkSession) -> None:
    try:
        session.stop()
    except Exception as error:  # what it did is told already; the next session gets a Java anew
        log.warning("Spark did not end by itself: %s", first_line(error))
        end_java()


def end_java() -> None:
    """End the process that pyspark started, if one did: its memory is free then.

    A session that ends leaves Java to the next one of this process, which starts sooner so.
    """
    pyspark = sys.modules.get("pyspark")
    if pyspark is None:
        return
    context = pyspark.SparkContext
    gateway = context._gateway
    if gateway is not None:
        gateway.proc.kill()
        gateway.proc.wait()
    context._gateway = context._jvm = context._active_spark_context = None
