import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "release"))

from fake_candidate import AS_OF, audit, build_candidate, make_settings
from fake_home import Home

from saydo.release import publish
from saydo.settings import Settings


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw, restricted and quarantine of three persons, and two releases that know them."""
    folder = tmp_path_factory.mktemp("made")
    settings = make_settings(folder)
    home = Home(settings)
    home.fill()
    build_candidate(settings)
    publish(settings, AS_OF)
    home.change("delete from marts.customer_months where month_start_date = date '2025-02-01'")
    audit(settings)
    publish(settings, AS_OF)
    return folder


@pytest.fixture(scope="session")
def turns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes take turns behind one link in here: dbt sees one path, so what it parsed is kept."""
    folder = tmp_path_factory.mktemp("turns")
    (folder / "parsed").mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, turns: Path) -> Settings:
    current = turns / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(tmp_path)
    return make_settings(current)


@pytest.fixture
def home(made: Path, settings: Settings, turns: Path) -> Home:
    """A copy of `made` for one test."""
    shutil.copytree(made / "home", settings.home, symlinks=True)
    (settings.state / "dbt").mkdir()
    (settings.state / "dbt" / "scratch").symlink_to(turns / "parsed")
    return Home(settings)
