"""A home's path is a value wherever it goes: into SQL, into dbt's project, into an address."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from saydo.build import build_layer, prepare
from saydo.cli.app import settings_of
from saydo.errors import ConfigError
from saydo.gate import check_sources
from saydo.gate.engine import open_engine
from saydo.landing import land_all
from saydo.settings import Settings

FEEDS = {
    "business": {"timezone": "UTC", "reporting_currency": "EUR"},
    "feeds": [
        {
            "name": "accounts",
            "source": "accounts",
            "path": "accounts.csv",
            "format": "csv",
            "columns": {"account_id": "id", "opened_at": "opened"},
        }
    ],
}


def test_a_home_whose_path_holds_quotes_and_signs_is_landed_checked_and_built(
    tmp_path: Path,
) -> None:
    home = tmp_path / "o'brien's \"home\" no. 1, 50% $HOME @: é"
    (home / "landing").mkdir(parents=True)
    (home / "landing" / "accounts.csv").write_text("id,opened\nA1,2024-01-01\nA2,2024-02-01\n")
    file = home / "feeds.yml"
    file.write_text(yaml.safe_dump(FEEDS))
    settings = Settings(home=home, feeds_file=file, threads=2, memory_limit="1GB")
    assert [summary["loaded_count"] for summary in land_all(settings)] == [2]
    assert check_sources(settings)["batch_count"] == 1
    day = date(2024, 12, 31)
    prepare(settings, day)
    assert build_layer(settings, "staging", day)["model_count"] > 10
    with open_engine(settings.warehouse, settings) as engine:
        assert engine.rows("select count(*) as n from staging.stg_identity__accounts") == [{"n": 2}]


@pytest.mark.parametrize("sign", "*?[{#")
def test_a_home_whose_path_the_engine_would_take_for_a_pattern_is_refused(
    tmp_path: Path, sign: str
) -> None:
    with pytest.raises(ConfigError, match=r"SAYDO_HOME: .*may not hold"):
        settings_of(home=tmp_path / f"a{sign}b")
