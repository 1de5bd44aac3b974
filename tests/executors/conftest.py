"""A business and an Airflow of several workers, for the tests of this folder."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "unit" / "serve" / "postgres"))
sys.path.append(str(Path(__file__).parents[1] / "acceptance"))

from celery_cluster import running_cluster
from postgres_server import server
from whole_business import run_all

from saydo.settings import Settings
from saydo.simulate import simulate

__all__ = ["server"]


@pytest.fixture(scope="session")
def business(tmp_path_factory) -> Settings:
    """The home of 150 simulated customers in four months; nothing is landed yet."""
    settings = Settings(home=tmp_path_factory.mktemp("workers") / "home", memory_limit="2GB")
    simulate(settings.landing, customers=150, months=4, seed=11)
    return settings


@pytest.fixture(scope="session")
def expected(cluster, business, tmp_path_factory) -> str:
    """The content hash of the same files, built by one process without Airflow; after the run."""
    settings = Settings(home=tmp_path_factory.mktemp("alone") / "home", memory_limit="2GB")
    shutil.copytree(business.landing, settings.landing)
    # With another key the same people have other ids.
    settings.state.mkdir()
    shutil.copyfile(business.state / "pseudonym.key", settings.state / "pseudonym.key")
    return run_all(settings)["content_hash"]


@pytest.fixture(scope="session")
def cluster(business, server):
    missing = [
        what
        for what, is_there in (
            ("redis-server", shutil.which("redis-server")),
            ("the packages of requirements-server.lock", importlib.util.find_spec("celery")),
        )
        if not is_there
    ]
    if missing:
        assert not os.environ.get("CI"), f"{missing} are missing: .ci/run and make install them"
        pytest.skip(f"{' and '.join(missing)} are not on this machine")
    with running_cluster(business, server) as running:
        yield running
