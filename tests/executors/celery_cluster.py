"""Airflow with the CeleryExecutor on this machine: its services and two workers, a process each."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from postgres_server import Server

from saydo.airflow_home import airflow_environment
from saydo.server import POOL
from saydo.settings import PROJECT, Settings

WORKERS = ("north", "south")
_ADDRESS = "127.0.0.1"
_SECONDS_TO_START = 240
# Of this server alone, which nobody else reaches.
_PASSWORD = "only-of-this-test"
# A worker that dies is missed within a minute and not within five.
_QUICK = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}


def wait_for(what: str, ask: Callable[[], Any], seconds: float, every: float = 1.0) -> Any:
    """What `ask` returns, once it is true."""
    until = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < until, f"after {seconds:.0f} s still not: {what}"
        time.sleep(every)
    return answer


class Cluster:
    """The processes by name, their logs below the home's folder, and Airflow's API."""

    def __init__(self, settings: Settings, database: Server) -> None:
        self.settings, self.folder = settings, settings.home.parent
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._broker, self._port = _free_port(), _free_port()
        self._environment = os.environ | self._configuration(database)
        self._session = requests.Session()

    def _configuration(self, database: Server) -> dict[str, str]:
        broker = f"redis://{_ADDRESS}:{self._broker}/0"
        metadata = database.uri("airflow", "airflow", _PASSWORD)
        return {
            **airflow_environment(self.settings, "unused.db", has_scheduler=True),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(PROJECT / "plugins")]),
            "SAYDO_MEMORY_LIMIT": self.settings.memory_limit,
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__PARALLELISM": "8",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": (
                f"http://{_ADDRESS}:{self._port}/execution/"
            ),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "named_worker.name",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata.replace("://", "+psycopg2://"),
            "AIRFLOW__CELERY__BROKER_URL": broker,
            "AIRFLOW__CELERY__RESULT_BACKEND": broker,
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            **_QUICK,
        }

    def start(self) -> None:
        """Bring everything up, and wait until Airflow knows the DAG."""
        redis = shutil.which("redis-server")
        assert redis is not None
        self._start(
            "redis", redis, "--port", str(self._broker), "--bind", _ADDRESS, "--save", "",
            "--dir", str(self.folder),
        )  # fmt: skip
        self._airflow_once("db", "migrate")
        self._airflow_once("pools", "set", *POOL)
        self._airflow("api-server", "api-server", "--host", _ADDRESS, "--port", str(self._port))
        for service in ("scheduler", "dag-processor"):
            self._airflow(service, service)
        for name in WORKERS:
            self.start_worker(name)
        wait_for("the API server answers", self._log_in, _SECONDS_TO_START)
        known = "dags/build_customer_warehouse"
        wait_for("the DAG", lambda: self._asked("GET", known).ok, _SECONDS_TO_START)

    def start_worker(self, name: str) -> None:
        """Start one worker, which takes one task at a time."""
        self._airflow(
            name, "celery", "worker", "--celery-hostname", f"{name}@{_ADDRESS}",
            "--concurrency", "1", "--skip-serve-logs", "--without-gossip", "--without-mingle",
            "--pid", str(self.folder / f"{name}.pid"),
        )  # fmt: skip

    def kill(self, name: str) -> None:
        """Kill a process and everything it started, as a machine that loses its power."""
        process = self._processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """One request to Airflow's API."""
        answer = self._asked(method, path, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json()

    def tasks(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """The tasks of a run as they are now."""
        path = f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances?limit=100"
        return self.ask("GET", path)["task_instances"]

    def end(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    def _asked(self, method: str, path: str, **options: Any) -> requests.Response:
        ended = [name for name, process in self._processes.items() if process.poll() is not None]
        assert not ended, f"ended: {ended}; see {self.folder}/*.log"
        address = f"http://{_ADDRESS}:{self._port}/api/v2/{path}"
        return self._session.request(method, address, timeout=300, **options)

    def _log_in(self) -> bool:
        try:
            answer = self._session.get(f"http://{_ADDRESS}:{self._port}/auth/token", timeout=30)
        except (requests.ConnectionError, requests.Timeout):
            return False
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return True

    def _airflow(self, name: str, *words: str) -> None:
        self._start(name, sys.executable, "-m", "airflow", *words)

    def _airflow_once(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *words], env=self._named("set-up"),
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]

    def _start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env=self._named(name), start_new_session=True, cwd=self.folder,
            )  # fmt: skip

    def _named(self, name: str) -> dict[str, str]:
        return self._environment | {"SAYDO_TEST_WORKER": name}


@contextlib.contextmanager
def running_cluster(settings: Settings, database: Server) -> Iterator[Cluster]:
    """Everything up around a home; every process is gone at the end."""
    database.admin(
        f"create role airflow login password '{_PASSWORD}'", "create database airflow owner airflow"
    )
    cluster = Cluster(settings, database)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.end()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((_ADDRESS, 0))
        return found.getsockname()[1]
