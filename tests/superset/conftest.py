"""One Superset over one small business, for all of these tests: both take a while to come up."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

# A PostgreSQL server of the tests' own.
sys.path.append(str(Path(__file__).parents[1] / "unit" / "serve" / "postgres"))

from chromium import Chromium
from postgres_server import server
from superset_home import EARLIER, ENVIRONMENT, publish_as_of, superset_over

from saydo.settings import Settings
from saydo.simulate import simulate

__all__ = ["server"]


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Settings:
    """1,500 simulated customers over six months, published as of the end of November."""
    if not (ENVIRONMENT / "bin" / "python").exists():
        tell = pytest.fail if os.environ.get("CI") else pytest.skip
        tell("no Superset: `make test-bi` installs it")
    settings = Settings(home=tmp_path_factory.mktemp("bi") / "home", memory_limit="2GB")
    simulate(settings.landing, customers=1_500, months=6, seed=7)
    publish_as_of(settings, EARLIER)
    return settings


@pytest.fixture(scope="session")
def superset(home):
    """Superset over that home."""
    with superset_over(home) as found:
        yield found


@pytest.fixture(scope="session")
def chromium(superset, tmp_path_factory):
    """A browser that is logged in."""
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    try:
        browser.log_in(superset.url, superset.user, superset.password)
        yield browser
    finally:
        browser.close()
