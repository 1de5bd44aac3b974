"""A home with two releases, and settings that serve them into a new database."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb
import pytest

sys.path += [str(Path(__file__).parents[2] / "release"), str(Path(__file__).parents[1])]

from fake_candidate import AS_OF, audit, build_candidate, make_settings
from postgres_server import Server, database, server, serving

from saydo.release import publish
from saydo.settings import Settings

__all__ = ["database", "server"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two releases: the second has a customer more."""
    folder = tmp_path_factory.mktemp("served")
    settings = make_settings(folder)
    for customers in (40, 41):
        build_candidate(settings, customers=customers)
        publish(settings, AS_OF)
    return folder


@pytest.fixture
def settings(made: Path, tmp_path: Path, server: Server, database: str) -> Settings:
    """A copy of that home, served into a new database."""
    shutil.copytree(made / "home", tmp_path / "home", symlinks=True)
    return serving(make_settings(tmp_path), server.uri(database))


@pytest.fixture
def publish_changed(settings: Settings):
    """Publish another release, with SQL run on its candidate before."""

    def run(sql: str) -> str:
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(sql)
        audit(settings)
        return publish(settings, AS_OF)["release_id"]

    return run
