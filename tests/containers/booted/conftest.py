"""The server profile, built and up, for the tests of this folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from base_images import ROOT, build_all, run
from compose_project import Project
from container_engine import engine, need_tools
from typer.testing import CliRunner
from web_person import Person

from saydo.cli import app


@pytest.fixture(scope="session")
def kept(tmp_path_factory) -> Path:
    """Where the engine keeps its images; SAYDO_TEST_ENGINE names one that stays between trials."""
    need_tools()
    named = os.environ.get("SAYDO_TEST_ENGINE")
    return Path(named).resolve() if named else tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="session")
def business(tmp_path_factory) -> Path:
    """A delivery: the files of 150 simulated customers in four months."""
    landing = tmp_path_factory.mktemp("business") / "landing"
    asked = ["simulate", "--out", str(landing), "--customers", "150", "--months", "4"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    return landing


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="session")
def project(kept: Path) -> Iterator[Project]:
    """Every service healthy; taken down with its volumes at the end."""
    secrets = kept / "secrets"
    run("make", "--silent", "secrets", f"SAYDO_SECRETS={secrets}", cwd=ROOT)
    with engine(kept / "engine") as address, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DOCKER_HOST", address)
        build_all(kept)
        project = Project(secrets, _free_port(), _free_port())
        try:
            project.compose("up", "--detach", "--no-build")
            project.wait_healthy(seconds=600)
            yield project
        finally:
            (kept / "services.log").write_text(project.compose("logs", "--no-color"))
            project.compose("down", "--volumes", "--timeout", "20")


@pytest.fixture(scope="session")
def administrator(project: Project) -> Person:
    """The first user, whom init made."""
    return Person(project, "admin", project.secret("airflow_admin_password"))
