import importlib
import shutil

import pytest
from gate_candidate import write_candidate
from gate_home import make_settings


@pytest.fixture
def settings(tmp_path):
    """Settings of a new, empty home."""
    return make_settings(tmp_path / "home")


@pytest.fixture
def replace_suite(monkeypatch):
    """Put other rules in the place of a suite's: replace_suite("sources.transactions", rules)."""

    def replace(name, rules):
        module = importlib.import_module(f"expectations.{name}")
        monkeypatch.setattr(module, "suite", lambda policy, feeds: rules())

    return replace


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """A candidate that passes; copied for each test."""
    file = tmp_path_factory.mktemp("candidate") / "warehouse.duckdb"
    write_candidate(file)
    return file


@pytest.fixture
def candidate(sound, tmp_path):
    """Settings of a home with a sound candidate."""
    settings = make_settings(tmp_path / "home")
    shutil.copy(sound, settings.warehouse)
    return settings
