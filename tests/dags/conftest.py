"""Airflow in a folder of its own, set before anything imports it."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

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
def build_dag(dag_bag):
    return dag_bag.dags["build_customer_warehouse"]
