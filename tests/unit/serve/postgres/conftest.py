"""A home with two releases, and settings that serve them into a new database."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parents[2] / "release"), str(Path(__file__).parents[1])]

from fake_candidate import make_settings
from postgres_server import Server, database, server, serving
from two_releases import made, publish_changed

from saydo.settings import Settings

__all__ = ["database", "made", "publish_changed", "server"]


@pytest.fixture
def settings(made: Path, tmp_path: Path, server: Server, database: str) -> Settings:
    """A copy of that home, served into a new database."""
    shutil.copytree(made / "home", tmp_path / "home", symlinks=True)
    return serving(make_settings(tmp_path), server.uri(database))
