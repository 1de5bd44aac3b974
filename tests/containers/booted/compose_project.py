"""docker-compose.yml and what is beside it, as one project of the tests' engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base_images import POSTGRES, PYTHON, ROOT, run

NAME = "saydo-test"
SERVICES = ("postgres", "api-server", "scheduler", "dag-processor", "triggerer")
FILES = ("docker-compose.yml", "docker-compose.marts.yml")
SECRET_NAMES = (
    "postgres_password",
    "airflow_fernet_key",
    "airflow_jwt_secret",
    "airflow_api_secret_key",
    "airflow_admin_password",
    "saydo_pseudonym_key",
    "saydo_publish_postgres",
)


def wait_for(what: str, ask: Callable[[], Any], seconds: float, every: float = 2.0) -> Any:
    """What `ask` returns, once it is true."""
    until = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < until, f"after {seconds:.0f} s still not: {what}"
        time.sleep(every)
    return answer


@dataclass(frozen=True)
class Project:
    """The server profile with its secrets, on loopback ports of its own."""

    secrets: Path
    port: int
    postgres_port: int

    def compose(self, *arguments: str) -> str:
        """What docker-compose says to it."""
        files = [part for name in FILES for part in ("--file", str(ROOT / name))]
        project = ["--project-name", NAME, "--project-directory", str(ROOT)]
        none = ["--env-file", str(ROOT / "tests" / "containers" / "empty.env")]
        settings = {
            "BASE_IMAGE": PYTHON,
            "POSTGRES_IMAGE": POSTGRES,
            "SAYDO_SECRETS": str(self.secrets),
            "AIRFLOW_PORT": str(self.port),
            "SAYDO_POSTGRES_PORT": str(self.postgres_port),
            "SAYDO_MEMORY_LIMIT": "1GB",
            "SAYDO_PARALLEL_TASKS": "2",
        }
        return run(
            *("docker-compose", *project, *none, *files, *arguments), env=os.environ | settings
        )

    def secret(self, name: str) -> str:
        """The value in its file."""
        return (self.secrets / name).read_text().strip()

    def inspect(self, service: str) -> dict[str, Any]:
        """All that the engine tells of a service's container."""
        labels = {"project": NAME, "service": service}
        named = [f"--filter=label=com.docker.compose.{key}={each}" for key, each in labels.items()]
        container = run("docker", "ps", "--all", "--quiet", *named).strip()
        return json.loads(run("docker", "inspect", container))[0]

    def inside(self, service: str, *command: str, **options: Any) -> str:
        """What a command in the service's container prints, run as its own user."""
        container = self.inspect(service)["Id"]
        return run("docker", "exec", "--interactive", container, *command, **options)

    def deliver(self, folder: Path) -> None:
        """Put files into landing/, as docs/operations.md says."""
        packed = subprocess.run(["tar", "-C", folder, "-c", "."], capture_output=True, check=True)
        container = self.inspect("scheduler")["Id"]
        landing = "/var/lib/saydo/landing"
        into = ["docker", "exec", "--interactive", container]
        run(*into, "mkdir", "-p", landing)
        subprocess.run(
            [*into, "tar", "-C", landing, "-x", "--no-same-owner"], input=packed.stdout, check=True
        )

    def health(self) -> Mapping[str, str]:
        """Service to what its health check says last."""
        return {name: self.inspect(name)["State"]["Health"]["Status"] for name in SERVICES}

    def wait_healthy(self, seconds: float) -> None:
        """Until each of them is."""
        wait_for("each healthy", lambda: set(self.health().values()) == {"healthy"}, seconds)

    def kill(self, service: str) -> str:
        """Its first process, as the kernel does where memory is short. Returns when it began."""
        state = self.inspect(service)["State"]
        os.kill(state["Pid"], signal.SIGKILL)
        return state["StartedAt"]
