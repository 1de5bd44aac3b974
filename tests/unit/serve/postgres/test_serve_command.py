"""What can be told without a server: configuration, the administrator's SQL, declared keys."""

from __future__ import annotations

import pytest
from fake_candidate import AS_OF, build_candidate, make_settings
from typer.testing import CliRunner

from saydo.cli import app
from saydo.config import Publish, load_publish
from saydo.errors import ConfigError
from saydo.marts import marts
from saydo.release import publish
from saydo.settings import PROJECT


@pytest.fixture
def saydo_command(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("SAYDO_PUBLISH_POSTGRES", raising=False)
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])


def test_without_an_address_the_command_says_what_to_set(saydo_command, tmp_path):
    done = saydo_command("serve", "--home", tmp_path)
    assert done.exit_code == 2
    assert "SAYDO_PUBLISH_POSTGRES" in done.output and "saydo serve init" in done.output


def test_the_administrators_sql_names_what_the_address_names_and_no_password(
    saydo_command, monkeypatch
):
    monkeypatch.setenv("SAYDO_PUBLISH_POSTGRES", "postgresql://lo-ader:s3cret@db.example/bi")
    printed = saydo_command("serve", "init").output
    assert 'create role "lo-ader" login;' in printed
    assert 'create database "bi" owner "lo-ader";' in printed
    assert "s3cret" not in printed and "superuser" not in printed


def test_a_rollback_with_postgresql_down_moves_the_files_and_says_that_it_did_not(
    saydo_command, monkeypatch, tmp_path
):
    settings = make_settings(tmp_path)
    ids = []
    for customers in (40, 41):
        build_candidate(settings, customers=customers)
        ids.append(publish(settings, AS_OF)["release_id"])
    monkeypatch.setenv("SAYDO_PUBLISH_POSTGRES", "postgresql://lo:s3cret@127.0.0.1:1/bi")
    done = saydo_command("rollback", "--home", settings.home)
    assert done.exit_code == 1
    assert f"{ids[0]} (as of {AS_OF}) is current" in done.output
    assert "the files have moved, PostgreSQL has not" in done.output
    assert "s3cret" not in done.output


def test_a_misspelt_key_is_told_with_the_nearest_right_one(tmp_path):
    file = tmp_path / "publish.yml"
    file.write_text("postgres: {keep_release: 3}")
    with pytest.raises(ConfigError, match="did you mean 'keep_releases'"):
        load_publish(file)


def test_the_projects_file_says_what_is_so_without_it():
    assert load_publish(PROJECT / "config" / "publish.yml") == Publish()


def test_every_mart_has_a_key_or_an_index_and_of_columns_that_it_has():
    files = {file.stem for file in (PROJECT / "dbt_project" / "models" / "marts").rglob("*.sql")}
    assert files == marts().keys()
    wrong = {
        name: columns
        for name, mart in marts().items()
        for columns in (*mart.keys, *mart.indexes)
        if not set(columns) <= {column.name for column in mart.columns}
    }
    assert wrong == {}
    without = {name for name, mart in marts().items() if not mart.keys + mart.indexes}
    assert without == {"restatement_log"}  # few rows, read as a whole
