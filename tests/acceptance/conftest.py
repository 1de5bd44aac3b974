"""Homes that several of these tests look at."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# A PostgreSQL server of the tests' own.
sys.path.append(str(Path(__file__).parents[1] / "unit" / "serve" / "postgres"))

from postgres_server import server
from whole_business import HERE, Business, run_all, third_party

from saydo.settings import Settings
from saydo.simulate import simulate

__all__ = ["server"]


@pytest.fixture(scope="session")
def deliver(tmp_path_factory) -> Callable[[str], Settings]:
    """Copies a third party's files into the landing folder of a new home."""

    def _deliver(name: str) -> Settings:
        source = third_party(name)
        home = tmp_path_factory.mktemp(name) / "home"
        settings = Settings(home=home, feeds_file=HERE / name / "feeds.yml", memory_limit="2GB")
        settings.landing.mkdir(parents=True)
        for file in source.glob("*.csv"):
            shutil.copyfile(file, settings.landing / file.name)
        return settings

    return _deliver


@pytest.fixture(autouse=True)
def quiet_libraries() -> None:
    """Their debug lines would bury ours in a failing test's output."""
    for name in ("great_expectations", "dbt", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def telco(tmp_path_factory) -> Business:
    """2,000 simulated customers over six months, published."""
    settings = Settings(home=tmp_path_factory.mktemp("simulated") / "home", memory_limit="2GB")
    simulate(settings.landing, customers=2_000, months=6, seed=7)
    return Business(settings, run_all(settings))
