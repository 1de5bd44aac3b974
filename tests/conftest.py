"""What all tests share."""

from __future__ import annotations

import gc

import pytest
from parsed_once import parse_for_another_home

from saydo.build import dbt

# Airflow, dbt and GX keep millions of objects, and looking through them was an eighth of the time.
gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def homes_parsed_once():
    """The dbt project is read once a process, not once a home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "parse", parse_for_another_home(dbt.parse))
        yield
