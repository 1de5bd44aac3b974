"""Airflow's standalone process: start it, wait until it is healthy, stop it with us."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from saydo.errors import ConfigError, SaydoError

START_SECONDS = 240.0


def serve(port: int, log_file: Path, announce: Callable[[str], None]) -> None:
    """Run `airflow standalone` until it ends or we are told to stop.

    Args:
        port: of the web interface.
        log_file: where all components write.
        announce: called once with the URL, when every component is healthy.

    Raises:
        ConfigError: the port is taken.
        SaydoError: Airflow ended by itself or was not healthy in time.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ConfigError(f"port {port} is taken; give another one with --port")
    url = f"http://localhost:{port}"
    environment = os.environ | {
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        # `airflow` is found by name by the components it starts
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    with log_file.open("wb") as log:
        airflow = subprocess.Popen(  # noqa: S603
            [str(Path(sys.executable).with_name("airflow")), "standalone"],
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _wait_until_healthy(airflow, url, log_file)
        announce(url)
        code = airflow.wait()
        raise SaydoError(f"Airflow ended by itself with code {code}; its log: {log_file}")
    except KeyboardInterrupt:
        return
    finally:
        _stop(airflow)


def _wait_until_healthy(airflow: subprocess.Popen[bytes], url: str, log_file: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if airflow.poll() is not None:
            raise SaydoError(f"Airflow did not start; its log: {log_file}")
        if is_healthy(url):
            return
        time.sleep(1)
    raise SaydoError(f"Airflow was not healthy after {START_SECONDS:.0f} s; its log: {log_file}")


def is_healthy(url: str) -> bool:
    """Whether the web interface answers and the database, scheduler and DAG processor are well."""
    try:
        with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:  # noqa: S310
            health = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return False
    parts = ("metadatabase", "scheduler", "dag_processor")
    return all((health.get(part) or {}).get("status") == "healthy" for part in parts)


def _stop(airflow: subprocess.Popen[bytes]) -> None:
    """Interrupt the process group as Ctrl-C would, then insist."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if airflow.poll() is not None:
            return
        os.killpg(airflow.pid, number)
        try:
            airflow.wait(20)
        except subprocess.TimeoutExpired:
            continue
