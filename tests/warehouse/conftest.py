"""Homes and dbt for warehouse tests. The first dbt call of a session costs about ten seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_home import Dbt, SmallHome


@pytest.fixture(scope="session")
def dbt(tmp_path_factory) -> Dbt:
    """dbt in process; the session's project is parsed once."""
    return Dbt(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def make_home(tmp_path_factory) -> Callable[[str], SmallHome]:
    """A new, empty home by name."""
    return lambda name: SmallHome(tmp_path_factory.mktemp(name))
