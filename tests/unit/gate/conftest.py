import importlib

import pytest
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
