"""Superset on this machine, over a home: its secrets, its tables, the bundle, the server."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from saydo.durable import create_text
from saydo.errors import ConfigError, SaydoError
from saydo.release import current_release_id
from saydo.serve.superset.bundle import write_bundle
from saydo.settings import PROJECT, Settings

ENVIRONMENT = PROJECT / ".venv-superset"
START_SECONDS = 120.0
_PREPARE_SECONDS = 600.0
_HERE = Path(__file__).parent
# Superset is told where its folder is, and no secret of ours.
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")


class Login(NamedTuple):
    """Where Superset is, and how to get in."""

    url: str
    user: str
    password: str


def serve(
    settings: Settings, port: int, announce: Callable[[Login], None], python: Path | None = None
) -> None:
    """Import the bundle of a home into Superset and serve it on loopback until told to stop.

    Args:
        settings: the home; something has to be published.
        port: of the web interface.
        announce: called once, when it answers.
        python: of Superset's environment; by default that of `make bi`.

    Raises:
        ConfigError: nothing is published, Superset is not installed, the port is taken, or a kept
            secret is none.
        SaydoError: Superset could not be prepared, ended by itself or did not answer in time.
    """
    if current_release_id(settings) is None:
        raise ConfigError(
            f"nothing is published in {settings.home} yet, so there is nothing to show; run "
            "`make run` (or `saydo run`) first, or name another home"
        )
    python = python or ENVIRONMENT / "bin" / "python"
    if not python.is_file():
        raise ConfigError("Superset is not installed; `make bi` installs it and starts it")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ConfigError(f"port {port} is taken; give another one (make bi BI_PORT=…)")
    folder = settings.home.absolute() / "superset"
    user, password = _secrets(folder)
    environment = _environment(folder)
    write_bundle(settings, folder / "bundle.zip")
    _prepare(python, folder, environment)
    url = f"http://127.0.0.1:{port}"
    _run(
        python,
        port,
        folder / "superset.log",
        environment,
        lambda: announce(Login(url, user, password)),
    )


def _secrets(folder: Path) -> tuple[str, str]:
    """The login, made once as the key is, in files that only their owner reads.

    Raises:
        ConfigError: a kept one is too short to be a secret, or others can read it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, login = folder / "secret_key", folder / "login.json"
    if not key.exists():
        create_text(key, secrets.token_urlsafe(48), 0o600)
    if not login.exists():
        create_text(login, json.dumps({"admin": secrets.token_urlsafe(12)}), 0o600)
    for file in (key, login):
        if file.stat().st_mode & 0o077:
            raise ConfigError(f"{file} can be read by others; run: chmod 600 {file}")
    try:
        ((user, password),) = json.loads(login.read_text(encoding="utf-8")).items()
    except (ValueError, AttributeError):
        raise ConfigError(
            f'{login} is not of the form {{"admin": "password"}}; write it so, or remove it and a '
            "new one is made"
        ) from None
    if len(key.read_text(encoding="utf-8").strip()) < 32 or len(password) < 12:
        raise ConfigError(
            f"a secret in {folder} is too short: the key takes 32 characters, the password 12. "
            "Remove "
            "its file and a new one is made; people are logged out by a new key"
        )
    return user, password


def _environment(folder: Path) -> dict[str, str]:
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {
        "SAYDO_SUPERSET_FOLDER": str(folder),
        "SUPERSET_CONFIG_PATH": str(_HERE / "superset_config.py"),
        "FLASK_APP": "superset.app:create_app()",
        "SCARF_ANALYTICS": "false",
        "PYTHONWARNINGS": "ignore",
    }


def _prepare(python: Path, folder: Path, environment: dict[str, str]) -> None:
    log_file = folder / "prepare.log"
    with log_file.open("wb") as log:
        command = [str(python), str(_HERE / "prepare.py"), str(folder / "bundle.zip")]
        try:
            made = subprocess.run(  # noqa: S603
                command, stdout=log, stderr=log, env=environment, timeout=_PREPARE_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise SaydoError(
                f"Superset was not prepared after {_PREPARE_SECONDS:.0f} s; its log: {log_file}"
            ) from None
    if made.returncode:
        raise SaydoError(
            f"Superset could not be prepared; its log: {log_file}. What it keeps of its own is "
            "in "
            f"{folder}: remove superset.db there to begin anew (dashboards made by hand are in "
            "it)"
        )


def _run(
    python: Path,
    port: int,
    log_file: Path,
    environment: dict[str, str],
    announce: Callable[[], None],
) -> None:
    # One process: DuckDB shares the release between its threads.
    command = [
        str(python), "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", "8", "--timeout", "120",
        "--log-level", "warning", "superset.app:create_app()",
    ]  # fmt: skip
    with log_file.open("wb") as log:
        server = subprocess.Popen(  # noqa: S603
            command, stdout=log, stderr=log, env=environment, start_new_session=True
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _wait_until_it_answers(server, port, log_file)
        announce()
        code = server.wait()
        raise SaydoError(f"Superset ended by itself with code {code}; its log: {log_file}")
    except KeyboardInterrupt:
        return
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SaydoError(f"Superset did not start; its log: {log_file}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise SaydoError(f"Superset did not answer after {START_SECONDS:.0f} s; its log: {log_file}")
