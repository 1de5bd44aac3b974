"""Superset starts with secrets of its own, and what is missing is told before anything begins."""

from __future__ import annotations

import json
import socket

import pytest
from typer.testing import CliRunner

from saydo.cli import app
from saydo.errors import ConfigError
from saydo.serve.superset import serving
from saydo.settings import Settings


@pytest.fixture
def published(tmp_path):
    """Settings of a home that looks published."""
    folder = tmp_path / "home" / "published" / "releases" / "r20260101000000-00000000"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (tmp_path / "home" / "published" / "current").symlink_to(f"releases/{folder.name}")
    return Settings(home=tmp_path / "home")


def test_a_home_that_is_not_there_or_has_nothing_published_is_told(tmp_path):
    made = CliRunner().invoke(app, ["bi", "serve", "--home", str(tmp_path / "none")])
    assert made.exit_code == 2
    assert "nothing is published" in made.output and "make run" in made.output
    assert not (tmp_path / "none").exists()


def test_an_environment_without_superset_is_told(published, tmp_path):
    with pytest.raises(ConfigError, match="`make bi` installs it"):
        serving.serve(published, 8088, print, tmp_path / "python")
    assert not (published.home / "superset").exists()


def test_a_port_that_is_taken_is_told(published, tmp_path):
    python = tmp_path / "python"
    python.touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is taken.*BI_PORT"):
            serving.serve(published, port, print, python)


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    folder = tmp_path / "superset"
    first = serving._secrets(folder)
    assert serving._secrets(folder) == first
    other = serving._secrets(tmp_path / "other")
    assert other[1] != first[1] and first[0] == "admin" and len(first[1]) >= 12
    assert (folder / "secret_key").read_text() != (tmp_path / "other" / "secret_key").read_text()
    modes = {path.name: path.stat().st_mode & 0o777 for path in [folder, *folder.iterdir()]}
    assert modes == {"superset": 0o700, "secret_key": 0o600, "login.json": 0o600}


@pytest.mark.parametrize(
    ("name", "text"), [("secret_key", "CHANGE_ME"), ("login.json", json.dumps({"admin": "admin"}))]
)
def test_a_secret_that_is_none_is_refused_and_not_said(tmp_path, name, text):
    folder = tmp_path / "superset"
    serving._secrets(folder)
    (folder / name).write_text(text)
    with pytest.raises(ConfigError, match="too short") as told:
        serving._secrets(folder)
    assert "CHANGE_ME" not in str(told.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"admin": "long enough to be one", "eve": "too"}']
)
def test_a_login_that_is_none_is_told_with_its_form(tmp_path, text):
    folder = tmp_path / "superset"
    serving._secrets(folder)
    (folder / "login.json").write_text(text)
    with pytest.raises(ConfigError, match="is not of the form"):
        serving._secrets(folder)


def test_a_secret_that_others_can_read_is_refused(tmp_path):
    folder = tmp_path / "superset"
    serving._secrets(folder)
    (folder / "login.json").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        serving._secrets(folder)


def test_superset_is_given_no_secret_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("SAYDO_PSEUDONYM_KEY", "f" * 64)
    monkeypatch.setenv("SAYDO_BI_POSTGRES", "postgresql://reader:hidden@db/saydo")
    given = serving._environment(tmp_path)
    assert {name for name in given if name.startswith("SAYDO_")} == {"SAYDO_SUPERSET_FOLDER"}
