"""docker-compose.yml by the compose tool's own reading, and the secrets that stop the start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from saydo import server
from saydo.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
NO_ENV = Path(__file__).parent / "empty.env"
AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
SECRETS = (*server.SECRETS, server.SERVE)
# What each service is given of them, and nothing else.
SEEN = {name: set(SECRETS[:4]) for name in AIRFLOW} | {
    "postgres": {"postgres_password"},
    "init": set(SECRETS),
    "scheduler": {*SECRETS[:4], "saydo_pseudonym_key", server.SERVE},
    "api-server": {*SECRETS[:4], server.SERVE},
}


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


@pytest.fixture(scope="module")
def resolved(compose) -> dict:
    """`<compose> config` of the project's two files, without any setting."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    # An empty env file: a developer's own .env must not change what is tested.
    project = ["--project-directory", str(ROOT), "--env-file", str(NO_ENV)]
    files = ["-f", str(ROOT / "docker-compose.yml"), "-f", str(ROOT / "docker-compose.marts.yml")]
    done = subprocess.run(
        [*compose, *project, *files, "config"],
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


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


def test_the_services_share_the_database_and_the_executor(resolved):
    for name in AIRFLOW:
        environment = resolved["services"][name]["environment"]
        assert environment["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
        assert environment["SAYDO_ENVIRONMENT"] == "server"
        assert "@postgres/airflow" in environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD"]


def test_each_service_is_given_the_secrets_that_it_needs(resolved):
    seen = {
        name: {secret["source"] for secret in service["secrets"]}
        for name, service in resolved["services"].items()
    }
    assert seen == SEEN


def test_the_environment_names_secrets_and_holds_none(resolved):
    settings = {
        name: value
        for service in resolved["services"].values()
        for name, value in service["environment"].items()
        if re.search("KEY|SECRET|PASSWORD|CONN", name)
    }
    assert len(settings) == 5
    assert [name for name, value in settings.items() if "/run/secrets/" not in value] == []


def test_a_secret_of_saydo_is_called_as_its_setting_is():
    secret = {name for name, field in Settings.model_fields.items() if "Secret" in str(field)}
    secret.remove("bi_postgres")  # of `saydo bi`, which no service runs
    assert {f"saydo_{name}" for name in secret} == {s for s in SECRETS if s.startswith("saydo_")}


def test_no_service_can_write_on_its_image_or_be_more_than_nobody_special(resolved):
    for name, service in resolved["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"] and service["pids_limit"], name
    assert resolved["services"]["postgres"]["user"] == "postgres"


def test_no_two_services_are_asked_for_their_health_alike(resolved):
    asked = [
        str(s["healthcheck"]["test"]) for s in resolved["services"].values() if "healthcheck" in s
    ]
    assert len(asked) == len(set(asked)) == 5


def test_ports_are_open_to_this_machine_only(resolved):
    ports = {name: s["ports"] for name, s in resolved["services"].items() if "ports" in s}
    assert set(ports) == {"api-server", "postgres"}
    assert all("127.0.0.1" in str(port) for each in ports.values() for port in each)


def test_data_lives_in_named_volumes(resolved):
    assert set(resolved["volumes"]) == {"airflow-metadata", "airflow-logs", "saydo-home"}
    mounts = resolved["services"]["scheduler"]["volumes"]
    targets = [m["target"] if isinstance(m, dict) else m.split(":")[1] for m in mounts]
    assert {"/var/lib/saydo", "/opt/airflow/logs", "/opt/saydo/config"} == set(targets)


def test_make_makes_every_secret_once_and_the_server_accepts_them(tmp_path):
    make = ["make", "--silent", "secrets", f"SAYDO_SECRETS={tmp_path}/secrets"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
    made = server.read_secrets(tmp_path / "secrets")
    assert set(made) == set(SECRETS) and server.secret_faults(made) == []
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert modes == dict.fromkeys(SECRETS, 0o444)
    (tmp_path / "secrets" / "airflow_jwt_secret").unlink()
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
    again = server.read_secrets(tmp_path / "secrets")
    assert {name for name in SECRETS if made[name] != again[name]} == {"airflow_jwt_secret"}


def test_the_example_of_settings_holds_none_and_no_secret():
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    asked = (ROOT / "docker-compose.yml").read_text() + (
        ROOT / "docker-compose.marts.yml"
    ).read_text()
    settings = set(re.findall(r"\$\{([A-Z_]+):-", asked))
    shown = {line[2:].split("=")[0] for line in lines if re.match("# [A-Z_]+=", line)}
    assert shown == settings | {"COMPOSE_FILE"}


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
    assert [name for name in SECRETS if name in text] == []
