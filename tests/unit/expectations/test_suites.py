import subprocess
import sys
from pathlib import Path

import pytest

from saydo.config import Policy, load_feeds
from saydo.contract import SOURCES
from saydo.gate.suites import load_suites, suite_names

PROJECT = Path(__file__).resolve().parents[3]
ABOUT_A_DOZEN = 17


@pytest.fixture(scope="module")
def suites():
    feeds = load_feeds(PROJECT / "config" / "feeds.yml")
    return [
        suite
        for kind in ("sources", "marts")
        for suite in load_suites(kind, suite_names(kind), Policy(), feeds).values()
    ]


def test_every_canonical_source_has_a_suite_and_no_suite_is_left_over():
    assert suite_names("sources") == sorted(SOURCES)


def test_every_published_mart_has_a_suite_and_no_suite_is_left_over():
    models = (PROJECT / "dbt_project" / "models" / "marts").rglob("*.sql")
    assert suite_names("marts") == sorted(model.stem for model in models)


def test_every_expectation_says_what_a_failure_means_and_how_grave_it_is(suites):
    assert len(suites) >= len(SOURCES) + 5
    for suite in suites:
        for rule in suite.expectations:
            assert len(rule.notes) > 60, (suite.name, rule)
            assert rule.notes.count(".") >= 1 and rule.notes.endswith((".", "`."))
            assert rule.severity.value in ("critical", "warning")
            assert "severity" in rule.__fields_set__, (suite.name, rule)


def test_a_query_is_described_in_words(suites):
    for suite in suites:
        for rule in suite.expectations:
            if hasattr(rule, "unexpected_rows_query"):
                assert rule.description, (suite.name, rule.unexpected_rows_query)
                assert "select" not in rule.description


def test_a_suite_is_about_a_dozen_expectations_and_says_each_thing_once(suites):
    for suite in suites:
        assert 4 <= len(suite.expectations) <= ABOUT_A_DOZEN, suite.name
        said = [repr(rule.dict(exclude={"id"})) for rule in suite.expectations]
        assert len(set(said)) == len(said)


def test_a_suite_can_refuse(suites):
    for suite in suites:
        assert any(rule.severity.value == "critical" for rule in suite.expectations), suite.name


def test_importing_every_suite_does_not_import_great_expectations():
    names = [
        f"expectations.{kind}.{name}" for kind in ("sources", "marts") for name in suite_names(kind)
    ]
    code = (
        f"import sys, importlib, saydo.gate\n[importlib.import_module(n) for n in {names!r}]\n"
        "assert not {'great_expectations', 'airflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
