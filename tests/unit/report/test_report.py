"""One file that says what was published, whatever a release holds, and loads nothing."""

from __future__ import annotations

import re

import duckdb
import pytest
from fake_candidate import AS_OF, audit
from page_reader import Page
from story import write_story

from saydo.errors import ConfigError
from saydo.notices import Notice, tell
from saydo.release import publish
from saydo.report import write_report

HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture
def report(candidate):
    """The report of a release of an earlier version, with a few of today's marts."""
    return write_report(candidate, publish(candidate, AS_OF)["release_id"])


def change(settings, *statements):
    with duckdb.connect(str(settings.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)
    audit(settings)


def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere(candidate, report):
    assert report == candidate.published.resolve() / "releases" / report.parts[
        -3
    ] / report.relative_to(report.parents[1])
    page = Page(report.read_text())
    assert not {"link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not any("src" in attrs for _, attrs in page.tags)
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links and all(not re.match(r"\w+:|/", link) for link in links)
    assert str(candidate.home) not in report.read_text()
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'; ") and "unsafe-eval" not in policy


def test_the_libraries_are_in_the_page_once(told):
    assert told.read_text().count('<script type="module">') == 1
    assert told.stat().st_size < 2_000_000


def test_the_page_is_named_in_a_language_and_its_pictures_have_words(told):
    page = Page(told.read_text())
    assert ("html", {"lang": "en"}) in page.tags
    pictures = [attrs for _, attrs in page.tags if attrs.get("class") == "chart"]
    assert len(pictures) == len({attrs["data-of"] for attrs in pictures}) >= 12
    for attrs in pictures:
        assert attrs["role"] == "img" and len(attrs["aria-label"]) > 40
        assert page.charts[attrs["data-of"]]["description"] == attrs["aria-label"]
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")


def test_the_page_says_what_was_published_and_how_to_open_it(report):
    text = Page(report.read_text()).text
    for words in (
        "as of 31 March 2025",
        "Active customers",
        "1,025.00 GBP",
        "standard error 5.7, from 38 answers",
        "from metrics_daily",
        "Feb 2025",
        "One row per customer's profile",
        "No answer",
        "12 expectations were checked",
        "enable_external_access",
        "last event at",
        "it is late",
        "Grades of 1 features of the sources, A is best: 1 B.",
    ):
        assert words in text, words


def test_what_a_release_of_an_earlier_version_lacks_is_one_sentence_each(report):
    page = Page(report.read_text())
    why = "the release was made before it was published; the next holds it."
    assert f"Which customers have the most at stake cannot be told: {why}" in page.text
    lacking = {
        "stake": 2,
        "chain": 1,
        "nps": 1,
        "bridge": 1,
        "cohorts": 1,
        "say-do": 1,
        "drivers": 1,
    }
    assert page.text.count(why) == sum(lacking.values())
    assert not any(code.rsplit("-", 1)[0] in lacking for code in page.charts)


def test_hostile_values_are_text_wherever_they_stand(candidate):
    write_story(candidate)
    change(
        candidate,
        f"update marts.data_readiness set source = '{HOSTILE}'",
        f"update marts.metrics_daily set unit = '{HOSTILE}' where metric_code = 'mrr'",
        f"comment on table marts.customer_months is '{HOSTILE}'",
        f"update marts.experience_effects set unit = '{HOSTILE}', method = '{HOSTILE}'",
        f"update marts.satisfaction_drivers set band = '{HOSTILE}' where not is_intercept",
        f"update marts.revenue_at_stake set not_publishable_reason = '{HOSTILE}'",
    )
    tell(candidate, "gate_marts", [Notice(HOSTILE, "marts.customer_months", 3, HOSTILE)])
    page = Page(write_report(candidate, publish(candidate, AS_OF)["release_id"]).read_text())
    scripts = [attrs for tag, attrs in page.tags if tag == "script"]
    assert all(attrs["type"] in ("application/json", "module") for attrs in scripts)
    assert len(scripts) == len(page.charts) + 1 and page.text.count(HOSTILE) >= 8


def test_a_report_is_written_again_to_the_same_bytes(candidate):
    write_story(candidate)
    report = write_report(candidate, publish(candidate, AS_OF)["release_id"])
    before = report.read_bytes()
    assert write_report(candidate, report.parts[-3]).read_bytes() == before
    assert [path.name for path in report.parent.iterdir()] == ["index.html"]


def test_a_release_with_empty_tables_has_a_report(candidate):
    write_story(candidate)
    with duckdb.connect(str(candidate.warehouse)) as connection:
        tables = connection.sql(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        )
        names = [name for (name,) in tables.fetchall() if name != "identity_changes"]
    change(candidate, *(f"delete from marts.{name}" for name in names))
    page = Page(write_report(candidate, publish(candidate, AS_OF)["release_id"]).read_text())
    assert "the most at stake cannot be told: nothing is known yet." in page.text
    assert set(page.charts) == {"look"} and "Nothing yet." in page.text


def test_a_report_of_an_unknown_release_is_refused(candidate):
    with pytest.raises(ConfigError, match="no release"):
        write_report(candidate, "r20200101000000-00000000")
