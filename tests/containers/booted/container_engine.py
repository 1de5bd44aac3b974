"""A container engine of the tests' own: its socket, images and volumes are nobody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NEEDED = ("dockerd", "docker", "docker-compose", "debootstrap")


def need_tools() -> None:
    """Skip on a machine that cannot start an engine; fail where CI has to."""
    missing = [tool for tool in NEEDED if not shutil.which(tool)]
    if os.geteuid() == 0 and not missing:
        return
    why = f"needs root and Debian's docker.io, docker-compose and debootstrap; missing: {missing}"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@contextmanager
def engine(folder: Path) -> Iterator[str]:
    """Its address, while it runs. What it keeps in `folder` is there for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    address, log = f"unix://{folder}/docker.sock", folder / "dockerd.log"
    places = ["--data-root", folder / "data", "--exec-root", folder / "exec"]
    with log.open("w") as said:
        daemon = subprocess.Popen(
            ["dockerd", *map(str, places), "--pidfile", str(folder / "pid"), "--host", address],
            stdout=said,
            stderr=said,
        )
    try:
        _wait_for(daemon, address, log)
        yield address
    finally:
        daemon.terminate()
        daemon.wait(60)


def _wait_for(daemon: subprocess.Popen, address: str, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and daemon.poll() is None:
        asked = subprocess.run(
            ["docker", "--host", address, "info"], capture_output=True, check=False
        )
        if asked.returncode == 0:
            return
        time.sleep(1)
    raise AssertionError(f"the engine did not start:\n{log.read_text()[-3000:]}")
