"""A standalone cluster of Spark on this machine: a master and workers as processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyspark
import yaml

_SECONDS_TO_START = 90
_EXECUTOR = "CoarseGrainedExecutorBackend"
_ADDRESS = "127.0.0.1"


class Cluster:
    """Processes below one folder; `with running_cluster(...)` ends every one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._page_port = _free_ports(2)
        self._master: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    @property
    def master(self) -> str:
        """The address, as spark.yml has it."""
        return f"spark://{_ADDRESS}:{self.port}"

    def spark_file(self, **properties: str | int) -> Path:
        """A spark.yml for this cluster."""
        ours = {
            "spark.driver.host": _ADDRESS,
            "spark.driver.bindAddress": _ADDRESS,
            "spark.driver.memory": "1g",
            "spark.executor.memory": "640m",
            "spark.ui.enabled": "false",
        }
        file = self.folder / "spark.yml"
        file.write_text(yaml.safe_dump({"master": self.master, "properties": ours | properties}))
        return file

    def start_master(self) -> None:
        self._master = self._start(
            "master.Master", "--port", str(self.port), "--webui-port", str(self._page_port)
        )

    def start_workers(self, count: int, through: Sequence[str] = ()) -> None:
        """Start workers of one core, and wait until the master knows them.

        Args:
            count: how many.
            through: a command that starts them in an environment of its own.
        """
        wanted = max(0, self._known_workers()) + count
        for _ in range(count):
            place = self.folder / f"worker-{len(self._workers)}"
            self._workers.append(
                self._start(
                    "worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0",
                    "--work-dir", str(place), self.master, through=through,
                )
            )  # fmt: skip
        until = time.monotonic() + _SECONDS_TO_START
        while self._known_workers() < wanted:
            if time.monotonic() > until:
                raise TimeoutError(f"{wanted} workers did not register; see {self.folder}/*.log")
            time.sleep(0.2)

    def kill_workers(self) -> None:
        """Kill every worker with its executors, as a machine that loses its power."""
        for worker in self._workers:
            _kill(worker)
        self._workers.clear()

    def kill_executor(self) -> bool:
        """Kill one executor, not its worker; whether there was one."""
        found = self.executors()
        if found:
            os.kill(found[0], signal.SIGKILL)
        return bool(found)

    def executors(self) -> list[int]:
        """Process ids of the executors, in order."""
        groups = {worker.pid for worker in self._workers}
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                is_ours = os.getpgid(int(process.name)) in groups
                if is_ours and _EXECUTOR in (process / "cmdline").read_text(errors="replace"):
                    found.append(int(process.name))
        return sorted(found)

    def end(self) -> None:
        self.kill_workers()
        if self._master:
            _kill(self._master)

    def _known_workers(self) -> int:
        try:
            page = f"http://{_ADDRESS}:{self._page_port}/json/"
            with urllib.request.urlopen(page, timeout=5) as answer:
                return json.load(answer)["aliveworkers"]
        except OSError:
            return -1  # nor is there a master yet

    def _start(self, name: str, *arguments: str, through: Sequence[str] = ()) -> subprocess.Popen:
        program = Path(pyspark.__file__).parent / "bin" / "spark-class"
        environment = os.environ | {
            "SPARK_LOCAL_IP": _ADDRESS,
            "SPARK_DAEMON_MEMORY": "192m",
            "SPARK_LOCAL_DIRS": str(self.folder / "scratch"),
        }
        with (self.folder / f"{name}-{time.monotonic_ns()}.log").open("wb") as log:
            return subprocess.Popen(
                [*through, str(program), f"org.apache.spark.deploy.{name}", "--host", _ADDRESS,
                 *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment,
                start_new_session=True,
            )  # fmt: skip


@contextlib.contextmanager
def running_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A master and workers that it knows of, with their files below a folder.

    Raises:
        TimeoutError: they did not start; their logs are in the folder.
    """
    cluster = Cluster(folder)
    try:
        cluster.start_master()
        cluster.start_workers(workers)
        yield cluster
    finally:
        cluster.end()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # executors are in their worker's group
    process.wait()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((_ADDRESS, 0))
        return [one.getsockname()[1] for one in sockets]
