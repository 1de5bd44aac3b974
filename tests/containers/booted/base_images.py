"""The images, made without a registry: Debian's packages below, the locked wheels above."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
DEBIAN, PYTHON, POSTGRES = "saydo-test-debian", "saydo-test-python", "saydo-test-postgres"
SERVER = "saydo:0.1.0"
LOCKS = ("requirements-pip.lock", "requirements.lock", "requirements-server.lock")


def run(*command: str, **options) -> str:
    """Its standard output; what it said is the error where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(command)}\n{(done.stdout + done.stderr)[-4000:]}"
    return done.stdout


def build_all(scratch: Path) -> None:
    """Debian, PostgreSQL and the server image; what the engine has already is not made again."""
    if not run("docker", "images", "--quiet", DEBIAN):
        _import_debian(scratch / "debian")
    run("docker", "build", "--network", "host", "--tag", POSTGRES, str(HERE / "postgres"))
    version = run("docker", "run", "--rm", DEBIAN, "python", "-c", _VERSION).strip()
    wheels = scratch / "wheels"
    _download(wheels, version)
    with _served(wheels) as address:
        # pip is told by the base, so that the project's Dockerfile is built as it is.
        settings = f"FROM {DEBIAN}\nENV PIP_NO_INDEX=1 PIP_FIND_LINKS={address}\n"
        run("docker", "build", "--tag", PYTHON, "-", input=settings)
        base = ["--build-arg", f"BASE_IMAGE={PYTHON}"]
        run("docker", "build", "--network", "host", *base, "--tag", SERVER, str(ROOT))


_VERSION = "import platform; print(platform.python_version())"


def _import_debian(folder: Path) -> None:
    packages = "--include=ca-certificates,python3,python3-venv,python-is-python3"
    run("debootstrap", "--variant=minbase", packages, "bookworm", str(folder))
    packed = subprocess.Popen(["tar", "-C", str(folder), "-c", "."], stdout=subprocess.PIPE)
    run("docker", "import", "-", DEBIAN, stdin=packed.stdout)
    assert packed.wait() == 0
    shutil.rmtree(folder)


def _download(folder: Path, version: str) -> None:
    """The wheels of the locks for that Python, by this machine's own pip and its configuration."""
    environment = {
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for lock in LOCKS:
        text = "\n".join(_of_python((ROOT / lock).read_text(), environment))
        wanted = folder.parent / lock
        if wanted.exists() and wanted.read_text() == text:
            continue
        wanted.with_suffix(".new").write_text(text)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        python = ["--python-version", version, "--dest", str(folder)]
        # What was downloaded is found there, and not asked for again.
        run(*pip, *python, "--find-links", str(folder), "-r", str(wanted.with_suffix(".new")))
        wanted.with_suffix(".new").rename(wanted)  # what is there under this name was downloaded


def _of_python(lock: str, environment: dict[str, str]) -> Iterator[str]:
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        first, *rest = block.split("\\\n", 1)
        if not rest:
            continue
        wanted = Requirement(first)
        if wanted.marker is None or wanted.marker.evaluate(environment):
            yield f"{first.split(';')[0]} \\\n{rest[0]}"


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    # Of one port, where it is free: a layer that was built with it is then found again.
    handler = functools.partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("SAYDO_TEST_PORT", 0))), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each wheel."""
