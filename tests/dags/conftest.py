"""Airflow in a folder of its own, set before anything imports it."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

# A small candidate and its audit, as tests of releases make them.
sys.path.append(str(Path(__file__).parents[1] / "unit" / "release"))

from saydo.airflow_home import airflow_environment
from saydo.settings import PROJECT, Settings

if "airflow" not in sys.modules:
    _home = Path(tempfile.mkdtemp(prefix="saydo-dags-"))
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    os.environ.update(
        {
            name: value
            for name, value in airflow_environment(Settings(home=_home), "test.db").items()
            if name.startswith("AIRFLOW")
        }
    )


@pytest.fixture(scope="session")
def dag_bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(PROJECT / "dags"), load_op_links=False)


@pytest.fixture(scope="session")
def metadata_database():
    """Airflow's own tables, in the folder of this process."""
    from saydo.operators.in_process import set_up_database

    set_up_database(Path(os.environ["AIRFLOW_HOME"]))


@pytest.fixture(scope="session")
def airflow_app(metadata_database):
    """Airflow's API server as it starts, plugins included."""
    from airflow.api_fastapi.app import create_app

    return create_app(apps="core")


@pytest.fixture
def browser_of(airflow_app):
    """A browser that is logged in with a role of SimpleAuthManager; with None, it is not."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from starlette.testclient import TestClient

    def log_in(role: str | None) -> TestClient:
        browser = TestClient(airflow_app, follow_redirects=False)
        if role:
            user = SimpleAuthManagerUser(username=f"one_{role.lower()}", role=role)
            browser.cookies.set("_token", get_auth_manager().generate_jwt(user))
        return browser

    return log_in


@pytest.fixture(scope="session")
def build_dag(dag_bag):
    return dag_bag.dags["build_customer_warehouse"]
