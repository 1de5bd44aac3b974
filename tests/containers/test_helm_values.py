"""docs/helm-values.yml runs the same image in the same way as docker-compose.yml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VALUES = ROOT / "docs" / "helm-values.yml"


@pytest.fixture(scope="module")
def values() -> dict:
    return yaml.safe_load(VALUES.read_text())


@pytest.fixture(scope="module")
def service() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["x-saydo"]


def test_the_image_and_its_airflow_are_the_projects(values, service):
    assert f"{values['defaultAirflowRepository']}:{values['defaultAirflowTag']}" == service["image"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"apache-airflow=={values['airflowVersion']}" in project["dependencies"]


def test_the_user_is_the_images_and_has_no_capability(values):
    made = re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text())
    assert made
    pod, container = (values["securityContexts"][part] for part in ("pod", "containers"))
    assert {values["uid"], values["gid"], pod["runAsUser"], pod["fsGroup"]} == {int(made[1])}
    assert container["capabilities"]["drop"] == ["ALL"]


def test_saydo_is_told_the_same_as_by_compose(values, service):
    told = {each["name"]: each["value"] for each in values["env"]}
    defaults = {
        name: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", value)
        for name, value in service["environment"].items()
    }
    assert told == {name: value for name, value in defaults.items() if name.startswith("SAYDO_")}
    core, airflow = values["config"]["core"], "AIRFLOW__CORE__"
    assert core["auth_manager"] == defaults[f"{airflow}AUTH_MANAGER"]
    assert core["parallelism"] == defaults[f"{airflow}PARALLELISM"]
    image = (ROOT / "Dockerfile").read_text()
    for folder in ("dags_folder", "plugins_folder"):
        assert f"{airflow}{folder.upper()}={core[folder]}" in image


def test_every_secret_is_named_and_none_is_in_the_file(values):
    given = values | values["data"]
    named = {value for key, value in given.items() if key.endswith("SecretName")}
    assert named == {"saydo-fernet", "saydo-api", "saydo-jwt", "saydo-metadata"}
    assert not {"fernetKey", "apiSecretKey", "jwtSecret", "metadataConnection"} & set(given)
    assert all(set(each) == {"envName", "secretName", "secretKey"} for each in values["secret"])
    told = VALUES.read_text().split("defaultAirflowRepository")[0]
    assert [name for name in named if name not in told] == []
