"""A home with two releases, and what makes a third: for the places where releases are served."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from fake_candidate import AS_OF, audit, build_candidate, make_settings

from saydo.release import publish
from saydo.settings import Settings


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two releases: the second has a customer more."""
    folder = tmp_path_factory.mktemp("made")
    settings = make_settings(folder)
    for customers in (40, 41):
        build_candidate(settings, customers=customers)
        publish(settings, AS_OF)
    return folder


@pytest.fixture
def publish_changed(settings: Settings):
    """Publish another release, with SQL run on its candidate before."""

    def run(sql: str) -> str:
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(sql)
        audit(settings)
        return publish(settings, AS_OF)["release_id"]

    return run
