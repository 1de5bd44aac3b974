"""`saydo feeds draft` prints feeds.yml alone, says what to look at apart, and replaces nothing."""

from __future__ import annotations

import pytest
import yaml
from typer.testing import CliRunner

from saydo.cli import app

ACCOUNTS = "id,opened\nA1,2025-01-01\nA2,2025-01-02\n"


@pytest.fixture
def landing(tmp_path):
    (tmp_path / "landing" / "crm").mkdir(parents=True)
    (tmp_path / "landing" / "crm" / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "landing" / "empty.csv").touch()
    return tmp_path / "landing"


def draft(landing, *words):
    given = ("feeds", "draft", *words, "--home", landing.parent)
    return CliRunner().invoke(app, [str(word) for word in given])


def test_what_is_printed_is_a_feeds_yml_with_paths_below_landing(landing):
    done = draft(landing, landing / "crm" / "accounts.csv")
    assert done.exit_code == 0
    (feed,) = yaml.safe_load(done.stdout)["feeds"]
    assert (feed["path"], feed["source"]) == ("crm/accounts.csv", "accounts")
    assert "saydo feeds check" in done.stderr and "2 expressions are sure" in done.stderr


def test_a_file_elsewhere_is_named_by_itself_and_where_it_belongs_is_said(landing, tmp_path):
    (tmp_path / "customers.csv").write_text(ACCOUNTS)
    done = draft(landing, tmp_path / "customers.csv")
    assert yaml.safe_load(done.stdout)["feeds"][0]["path"] == "customers.csv"
    assert f"put the files there: {landing}" in done.stderr.replace("\n", "")


def test_a_file_is_written_once_and_replaced_only_by_force(landing, tmp_path):
    out = tmp_path / "feeds.yml"
    words = (landing / "crm" / "accounts.csv", "--out", out)
    assert draft(landing, *words).exit_code == 0
    out.write_text("mine")
    done = draft(landing, *words)
    assert done.exit_code == 2 and "--force" in done.stderr
    assert out.read_text() == "mine"
    assert draft(landing, *words, "--force").exit_code == 0
    assert "source: accounts" in out.read_text()


def test_a_file_that_cannot_be_read_exits_3_and_the_others_are_drafted(landing):
    done = draft(landing, landing / "empty.csv", landing / "crm" / "accounts.csv")
    assert done.exit_code == 3
    assert "empty.csv: it is empty" in done.stderr
    assert [feed["name"] for feed in yaml.safe_load(done.stdout)["feeds"]] == ["accounts"]
