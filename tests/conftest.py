"""What all tests share."""

from __future__ import annotations

import gc

import pytest
from parsed_once import parse_for_another_home
from xdist.scheduler import LoadFileScheduling

from saydo.build import dbt

# Airflow, dbt and GX keep millions of objects, and looking through them was an eighth of the time.
gc.set_threshold(50_000, 20, 50)

# Files whose tests look at one home (a fixture of the session), by folder.
ONE_HOME = {
    "tests/acceptance": (
        "simulated", "simulated_effects", "simulated_files", "simulated_satisfaction",
    ),
    "tests/warehouse/identity": ("explain", "identity_scenarios", "ownership_scenarios"),
    "tests/warehouse/marts": (
        "documented_queries", "figures_against_oracle", "incremental_equals_full",
        "marts_explain_themselves", "marts_without_ties",
    ),
}  # fmt: skip


class ByHome(LoadFileScheduling):
    """A file's tests go to one worker, and so do those of files that look at one home.

    Each worker that tests of a home go to builds it: the largest take minutes.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        folder, _, name = file.rpartition("/")
        name = name.removeprefix("test_").removesuffix(".py")
        return folder if name in ONE_HOME.get(folder, ()) else file


@pytest.hookimpl(optionalhook=True)  # there is none without xdist
def pytest_xdist_make_scheduler(config, log):
    return ByHome(config, log)


@pytest.fixture(scope="session", autouse=True)
def homes_parsed_once():
    """The dbt project is read once a process, not once a home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "parse", parse_for_another_home(dbt.parse))
        yield
