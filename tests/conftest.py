"""What all tests share."""

from __future__ import annotations

import pytest
from parsed_once import parse_for_another_home

from saydo.build import dbt


@pytest.fixture(scope="session", autouse=True)
def homes_parsed_once():
    """The dbt project is read once a process, not once a home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "parse", parse_for_another_home(dbt.parse))
        yield
