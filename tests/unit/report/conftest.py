import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "release"))

from fake_candidate import AS_OF, build_candidate, make_settings
from story import write_story

from saydo.release import publish
from saydo.report import write_report
from saydo.settings import Settings


@pytest.fixture
def candidate(tmp_path: Path) -> Settings:
    """Settings of a home whose candidate has passed the gate."""
    settings = make_settings(tmp_path)
    build_candidate(settings)
    return settings


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Path:
    """The report of a release that can answer every question of the report."""
    settings = make_settings(tmp_path_factory.mktemp("told"))
    build_candidate(settings)
    write_story(settings)
    return write_report(settings, publish(settings, AS_OF)["release_id"])
