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
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    }


@pytest.fixture
def commands(monkeypatch) -> list[tuple[str, ...]]:
    run: list[tuple[str, ...]] = []
    monkeypatch.setattr(server, "_airflow", lambda *arguments: run.append(arguments))
    return run


def test_good_secrets_migrate_then_create_the_pool_then_the_user(commands):
    server.set_up(good())
    assert [c[:2] for c in commands] == [("db", "migrate"), ("pools", "set"), ("users", "create")]
    assert commands[1][2:4] == ("warehouse_writer", "1")


@pytest.mark.parametrize("name", server.SECRETS)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "is not set"),
        ("changeme", "well-known default"),
        ("Change-Me-0123456789abcdef", "well-known default"),
        ("airflow0123456789abcdef", "well-known default"),
        ("x7f3k9", "too easy to guess"),
        ("0" * 40, "too easy to guess"),
    ],
)
def test_a_default_secret_is_refused_by_name_before_anything_runs(commands, name, value, said):
    with pytest.raises(ConfigError) as refused:
        server.set_up(good() | {name: value})
    assert f"{name} " in str(refused.value) and said in str(refused.value)
    assert ".env.example" in str(refused.value)
    assert commands == []


def test_one_secret_for_two_purposes_is_refused(commands):
    values = good()
    values["AIRFLOW_API_SECRET_KEY"] = values["AIRFLOW_JWT_SECRET"]
    with pytest.raises(ConfigError, match="the same as AIRFLOW_JWT_SECRET"):
        server.set_up(values)


def test_a_fernet_key_of_the_wrong_shape_is_refused(commands):
    with pytest.raises(ConfigError, match="not a Fernet key"):
        server.set_up(good() | {"AIRFLOW_FERNET_KEY": secrets.token_hex(24)})


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
        server.set_up(good())


def test_the_process_ends_with_the_errors_exit_code(monkeypatch):
    monkeypatch.setattr(server.os, "environ", {})
    assert server.main() == 2
