"""What a change of a KPI would bring is what the release says of it, as much again for twice it."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from fake_candidate import AS_OF, build_candidate, make_settings
from story import write_story
from typer.testing import CliRunner

from saydo.cli import app
from saydo.errors import ConfigError
from saydo.release import publish
from saydo.report import what_if


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A home with a release that says what is at stake with one KPI, outages."""
    settings = make_settings(tmp_path_factory.mktemp("what_if"))
    build_candidate(settings)
    write_story(settings)
    publish(settings, AS_OF)
    return settings


def bands(settings, change: str) -> dict:
    found = what_if(settings, "outages", Decimal(change))
    return {band.band: (band.effect, band.low, band.high) for band in found.bands}


def test_the_change_that_the_release_tells_of_gives_its_figures(settings):
    assert bands(settings, "-0.1") == {
        "dissatisfied": (20, 5, 35), "fan": (5, -5, 15), "neutral": (None, None, None),
    }  # fmt: skip


def test_twice_the_change_is_twice_the_money_and_the_other_way_turns_it(settings):
    assert bands(settings, "-0.2")["dissatisfied"] == (40, 10, 70)
    assert bands(settings, "0.2")["fan"] == (-10, -30, 10)


def test_ends_of_all_bands_are_added_and_unknown_bands_say_why(settings):
    found = what_if(settings, "outages", Decimal("-0.1"))
    assert found.total == (25, 0, 50)
    assert [band.why_not for band in found.bands if band.band == "neutral"] == ["too few"]


def test_never_more_than_the_band_pays(settings):
    found = what_if(settings, "outages", Decimal("-1000"), "dissatisfied")
    [band] = found.bands
    assert (band.effect, band.high, band.is_capped) == (300, 300, True)


def test_nothing_known_is_no_number(settings):
    assert what_if(settings, "outages", Decimal("-0.1"), "neutral").total is None


@pytest.mark.parametrize(
    ("kpi", "band", "message"),
    [("outage", None, "did you mean 'outages'"), ("outages", "fans", "did you mean 'fan'")],
)
def test_a_misspelt_name_is_answered_with_the_nearest(settings, kpi, band, message):
    with pytest.raises(ConfigError, match=message):
        what_if(settings, kpi, Decimal("-0.1"), band)


def test_a_release_of_a_version_without_effects_says_so(tmp_path):
    settings = make_settings(tmp_path)
    build_candidate(settings)
    publish(settings, AS_OF)
    with pytest.raises(ConfigError, match="does not say what is at stake; run again"):
        what_if(settings, "outages", Decimal("-0.1"))


def asked(settings, *arguments: str):
    return CliRunner().invoke(
        app, ["what-if", "--home", str(settings.home), "--kpi", "outages", *arguments],
        env={"COLUMNS": "160"},
    )  # fmt: skip


def test_the_command_prints_the_money_its_interval_and_what_is_assumed(settings):
    printed = asked(settings, "--change", "-20%")
    assert printed.exit_code == 0, printed.output
    for words in ("+40", "+10 to +70", "too few", "at least 95%: +0 to +100", "Assumed:"):
        assert words in printed.output


@pytest.mark.parametrize("change", ["5", "-0.2", "%", "-120%", "many"])
def test_a_change_that_is_no_share_is_refused_with_an_example(settings, change):
    refused = asked(settings, f"--change={change}")
    assert refused.exit_code != 0
    assert isinstance(refused.exception, ConfigError) or "--change" in refused.output


def test_the_release_is_only_read(settings):
    file = settings.published / "current" / "marts.duckdb"
    before = file.stat().st_mtime_ns
    what_if(settings, "outages", Decimal("-0.1"))
    assert file.stat().st_mtime_ns == before
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute("select count(*) from revenue_at_stake").fetchone() == (7,)
