import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "release"))

from fake_candidate import build_candidate, make_settings

from saydo.settings import Settings


@pytest.fixture
def candidate(tmp_path: Path) -> Settings:
    """Settings of a home whose candidate has passed the gate."""
    settings = make_settings(tmp_path)
    build_candidate(settings)
    return settings
