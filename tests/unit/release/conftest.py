from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from fake_candidate import audit, build_candidate, make_settings

from saydo.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


@pytest.fixture
def candidate(settings: Settings) -> Settings:
    """Settings of a home whose candidate has passed the gate."""
    build_candidate(settings)
    return settings


@pytest.fixture
def change(settings: Settings) -> Callable[[str], None]:
    """Run SQL on the candidate and audit it again."""

    def run(sql: str) -> None:
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(sql)
        audit(settings)

    return run
