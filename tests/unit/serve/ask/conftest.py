import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "release"))

from fake_candidate import AS_OF, build_candidate, make_settings

from saydo.release import publish
from saydo.settings import Settings


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Settings:
    """Settings of a home with one release, of 40 customers."""
    settings = make_settings(tmp_path_factory.mktemp("served"))
    build_candidate(settings)
    publish(settings, AS_OF)
    return settings
