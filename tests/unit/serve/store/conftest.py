"""A home with two releases, and settings that keep them below a new address."""

from __future__ import annotations

import shutil
import sys
import uuid
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "release"))

from fake_candidate import make_settings
from kept_homes import fill, keeping
from store_server import BUCKET, Kept, Store, kept_in, server, store
from two_releases import made, publish_changed

from saydo.settings import Settings

__all__ = ["made", "publish_changed", "server", "store"]


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
def home(settings: Settings, kept: Kept) -> Settings:
    """The same with something of everything, and all of it is to be kept."""
    fill(settings)
    return keeping(settings, kept)
