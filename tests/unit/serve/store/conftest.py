"""A home with two releases, and settings that keep them below a new address."""

from __future__ import annotations

import shutil
import sys
import uuid
from pathlib import Path

import duckdb
import pytest

sys.path.append(str(Path(__file__).parents[2] / "release"))

from fake_candidate import AS_OF, audit, build_candidate, make_settings
from store_server import BUCKET, Kept, Store, kept_in, server, store

from saydo.release import publish
from saydo.settings import Settings

__all__ = ["server", "store"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two releases: the second has a customer more."""
    folder = tmp_path_factory.mktemp("stored")
    settings = make_settings(folder)
    for customers in (40, 41):
        build_candidate(settings, customers=customers)
        publish(settings, AS_OF)
    return folder


@pytest.fixture
def kept(store: Store) -> Kept:
    """What is below an address that nobody has used."""
    return Kept(f"s3://{BUCKET}/{uuid.uuid4().hex}/marts")


@pytest.fixture
def settings(made: Path, tmp_path: Path, kept: Kept) -> Settings:
    """A copy of that home, kept below that address."""
    shutil.copytree(made / "home", tmp_path / "home", symlinks=True)
    return kept_in(make_settings(tmp_path), kept.address)


@pytest.fixture
def publish_changed(settings: Settings):
    """Publish another release, with SQL run on its candidate before."""

    def run(sql: str) -> str:
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(sql)
        audit(settings)
        return publish(settings, AS_OF)["release_id"]

    return run
