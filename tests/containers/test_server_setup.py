"""The set-up step of the server: which secrets it refuses, and what it runs."""

from __future__ import annotations

import base64
import secrets

import pytest

from saydo import server
from saydo.errors import ConfigError, SaydoError


def good() -> dict[str, str]:
    values = {name: secrets.token_hex(24) for name in server.SECRETS}
    return values | {
        "airflow_fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    }


@pytest.fixture
def commands(monkeypatch) -> list[tuple[str, ...]]:
    run: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        server, "_airflow", lambda *arguments, answers="": run.append((*arguments, answers))
    )
    return run


def test_good_secrets_migrate_then_create_the_pool_then_the_user(commands):
    server.set_up(good(), {})
    assert [c[:2] for c in commands] == [("db", "migrate"), ("pools", "set"), ("users", "create")]
    assert commands[1][2:4] == ("warehouse_writer", "1")


def test_the_first_users_password_is_answered_and_no_argument(commands):
    values = good()
    server.set_up(values, {"AIRFLOW_ADMIN_USER": "ada"})
    password = values["airflow_admin_password"]
    assert commands[2][-1] == f"{password}\n{password}\n"
    assert "ada" in commands[2] and password not in commands[2]


def test_a_secret_that_is_no_file_is_missing(tmp_path):
    (tmp_path / "airflow_jwt_secret").mkdir()  # what an engine makes of a file that is not there
    (tmp_path / "saydo_pseudonym_key").write_text(" 1f0a3c5e7b9d2468ace0 \n")
    read = server.read_secrets(tmp_path)
    assert read["airflow_jwt_secret"] == "" and read["postgres_password"] == ""
    assert read["saydo_pseudonym_key"] == "1f0a3c5e7b9d2468ace0"


def test_a_password_that_would_break_the_database_address_is_refused(commands):
    with pytest.raises(ConfigError, match="postgres_password has other characters"):
        server.set_up(good() | {"postgres_password": "Zx9@kk/3vQ7mLp2w"}, {})
    assert commands == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://saydo_loader@postgres:5432/saydo", "is not of the form"),
        ("not an address", "is not of the form"),
        ("postgresql://loader:b7e2@elsewhere:5432/saydo", "names another server"),
    ],
)
def test_an_address_of_marts_that_init_cannot_serve_is_refused_without_being_told(address, said):
    with pytest.raises(ConfigError, match=said) as refused:
        server.make_marts({"host": "postgres"}, address, "saydo_reader")
    assert "b7e2" not in str(refused.value)


@pytest.mark.parametrize("name", server.SECRETS)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "is missing or empty"),
        ("changeme", "well-known default"),
        ("Change-Me-0123456789abcdef", "well-known default"),
        ("airflow0123456789abcdef", "well-known default"),
        ("x7f3k9", "too easy to guess"),
        ("0" * 40, "too easy to guess"),
    ],
)
def test_a_default_secret_is_refused_by_name_before_anything_runs(commands, name, value, said):
    with pytest.raises(ConfigError) as refused:
        server.set_up(good() | {name: value}, {})
    assert f"{name} " in str(refused.value) and said in str(refused.value)
    assert "make secrets" in str(refused.value)
    assert commands == []


def test_one_secret_for_two_purposes_is_refused(commands):
    values = good()
    values["airflow_api_secret_key"] = values["airflow_jwt_secret"]
    with pytest.raises(ConfigError, match="the same as airflow_jwt_secret"):
        server.set_up(values, {})


def test_a_fernet_key_of_the_wrong_shape_is_refused(commands):
    with pytest.raises(ConfigError, match="not a Fernet key"):
        server.set_up(good() | {"airflow_fernet_key": secrets.token_hex(24)}, {})


def test_a_refusal_never_repeats_the_value():
    weak = "0" * 3 + "abc"
    assert all(
        weak not in fault for fault in server.secret_faults(good() | {server.SECRETS[0]: weak})
    )


def test_a_failing_command_is_named(monkeypatch):
    class Failed:
        returncode = 1

    monkeypatch.setattr(server.subprocess, "run", lambda *_, **__: Failed())
    with pytest.raises(SaydoError, match="airflow db migrate"):
        server.set_up(good(), {})


def test_the_process_ends_with_the_errors_exit_code(monkeypatch, tmp_path):
    monkeypatch.setattr(server, "FOLDER", tmp_path)
    assert server.main() == 2
