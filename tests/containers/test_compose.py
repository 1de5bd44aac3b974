"""docker-compose.yml by the compose tool's own reading, and the secrets that stop the start."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NO_ENV = Path(__file__).parent / "empty.env"
AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
REQUIRED = (
    "POSTGRES_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_API_SECRET_KEY",
    "AIRFLOW_ADMIN_PASSWORD",
    "SAYDO_PSEUDONYM_KEY",
)


def good_secrets() -> dict[str, str]:
    values = {name: secrets.token_hex(24) for name in REQUIRED}
    return values | {"AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode()}


@pytest.fixture(scope="module")
def compose() -> list[str]:
    """The compose tool that this machine has: the standalone one, else docker's own."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker"):
        found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if found.returncode == 0:
            return ["docker", "compose"]
    if os.environ.get("CI"):
        pytest.fail("no compose tool: .ci/run installs docker-compose")
    pytest.skip("neither docker-compose nor `docker compose` is installed")


def config(compose: list[str], values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`<compose> config` of the project's file with exactly these secrets in the environment."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    # An empty env file: a developer's own .env must not fill in what a test leaves out.
    project = ["--project-directory", str(ROOT), "--env-file", str(NO_ENV)]
    return subprocess.run(
        [*compose, *project, "-f", str(ROOT / "docker-compose.yml"), "config"],
        env=kept | values,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def resolved(compose) -> dict:
    values = good_secrets()
    done = config(compose, values)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout) | {"given": values}


def test_every_service_of_the_server_is_there(resolved):
    assert set(resolved["services"]) == {"postgres", "init", *AIRFLOW}


def test_every_lasting_service_has_a_health_check_and_restarts(resolved):
    for name in ("postgres", *AIRFLOW):
        service = resolved["services"][name]
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_init_runs_once_after_postgres_and_before_all_others(resolved):
    init = resolved["services"]["init"]
    assert init["restart"] == "no"
    assert init["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in AIRFLOW:
        after = resolved["services"][name]["depends_on"]
        assert after["init"]["condition"] == "service_completed_successfully", name


def test_the_services_share_the_secrets_the_database_and_the_executor(resolved):
    given = resolved["given"]
    for name in AIRFLOW:
        environment = resolved["services"][name]["environment"]
        assert environment["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
        assert environment["AIRFLOW__CORE__FERNET_KEY"] == given["AIRFLOW_FERNET_KEY"]
        assert environment["AIRFLOW__API_AUTH__JWT_SECRET"] == given["AIRFLOW_JWT_SECRET"]
        assert environment["SAYDO_PSEUDONYM_KEY"] == given["SAYDO_PSEUDONYM_KEY"]
        assert environment["SAYDO_ENVIRONMENT"] == "server"
        connection = environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
        assert connection.startswith("postgresql") and given["POSTGRES_PASSWORD"] in connection


def test_only_init_knows_the_first_users_password(resolved):
    for name in AIRFLOW:
        environment = resolved["services"][name]["environment"]
        assert resolved["given"]["AIRFLOW_ADMIN_PASSWORD"] not in environment.values()


def test_data_lives_in_named_volumes(resolved):
    assert set(resolved["volumes"]) == {"airflow-metadata", "airflow-logs", "saydo-home"}
    mounts = resolved["services"]["scheduler"]["volumes"]
    targets = [m["target"] if isinstance(m, dict) else m.split(":")[1] for m in mounts]
    assert {"/var/lib/saydo", "/opt/airflow/logs", "/opt/saydo/config"} == set(targets)


@pytest.mark.parametrize("missing", REQUIRED)
@pytest.mark.parametrize("left", ["unset", "empty"])
def test_a_secret_that_is_not_set_stops_the_start_with_its_name(compose, missing, left):
    values = good_secrets()
    values.pop(missing)
    done = config(compose, values if left == "unset" else values | {missing: ""})
    assert done.returncode != 0
    assert f"set {missing} in .env" in done.stdout + done.stderr


def test_the_example_names_every_secret_and_gives_none():
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert given == dict.fromkeys(REQUIRED, "")


def test_the_image_copies_what_exists_and_installs_by_hash_as_nobody_special():
    text = (ROOT / "Dockerfile").read_text()
    sources = [
        name for names in re.findall(r"^COPY (.+) \./\S*$", text, re.M) for name in names.split()
    ]
    assert sources
    assert [name for name in sources if not (ROOT / name).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert [name for name in sources if f"!{name}" not in ignored] == []
    installs = re.findall(r"pip install (.+?)(?: \\)?$", text, re.M)
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    assert re.search(r"^ARG BASE_IMAGE=", text, re.M) and "FROM ${BASE_IMAGE}" in text
    assert re.search(r"^USER saydo$", text, re.M)


def test_the_image_holds_no_secret():
    text = (ROOT / "Dockerfile").read_text()
    assert [name for name in REQUIRED if name in text] == []
