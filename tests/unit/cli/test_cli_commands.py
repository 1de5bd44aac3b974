"""The commands say what they did, with examples in their help and errors as one message."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

import saydo
from saydo.airflow_home import airflow_environment, local_login, password_file
from saydo.cli import app
from saydo.cli.standalone import is_healthy, serve
from saydo.errors import ConfigError
from saydo.settings import Settings

COMMANDS = [
    ["simulate"],
    ["feeds", "draft"],
    ["feeds", "check"],
    ["feeds", "replay"],
    ["feeds", "withdraw"],
    ["quarantine"],
    ["identity", "explain"],
    ["identity", "placeholders"],
    ["identity", "resolve"],
    ["run"],
    ["releases"],
    ["releases", "diff"],
    ["rollback"],
    ["serve"],
    ["serve", "init"],
    ["identity", "review"],
    ["maintain"],
    ["recover"],
    ["segments", "check"],
    ["segments", "hand-over"],
    ["conform", "mrr"],
    ["metrics", "list"],
    ["metrics", "query"],
    ["metrics", "prepare"],
    ["sql"],
    ["mcp"],
    ["up"],
]


@pytest.fixture
def saydo_command(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_helps_with_an_example(saydo_command, words):
    done = saydo_command(*words, "--help")
    assert done.exit_code == 0
    assert f"saydo {' '.join(words)} " in done.output.split("Example", 1)[1]


def test_the_version_is_the_packages(saydo_command):
    assert saydo_command("version").output == f"saydo {saydo.__version__}\n"


def test_a_home_without_releases_says_how_to_publish(saydo_command, tmp_path):
    assert "`saydo run` publishes" in saydo_command("releases", "--home", tmp_path).output


def test_a_home_without_quarantine_says_so(saydo_command, tmp_path):
    assert "Nothing is in quarantine" in saydo_command("quarantine", "--home", tmp_path).output


def test_an_error_is_one_message_with_its_own_exit_code(saydo_command, tmp_path):
    done = saydo_command("rollback", "--home", tmp_path)
    assert done.exit_code == 2
    assert "no earlier release" in done.output
    assert "Traceback" not in done.output


def test_a_wrong_environment_variable_is_named_and_its_value_is_not(saydo_command, monkeypatch):
    monkeypatch.setenv("SAYDO_THREADS", "secret")
    done = saydo_command("releases")
    assert done.exit_code == 2
    assert "SAYDO_THREADS" in done.output
    assert "secret" not in done.output


def test_an_unknown_option_is_a_usage_error(saydo_command):
    assert saydo_command("run", "--hoem", "x").exit_code == 2


def test_simulate_writes_deliveries_and_counts_them(saydo_command, tmp_path):
    words = ("simulate", "--out", tmp_path / "in", "--customers", 50, "--months", 1)
    done = saydo_command(*words)
    assert done.exit_code == 0, done.output
    assert "up to 2025-12-31" in done.output
    again = saydo_command(*words)
    assert again.exit_code == 2
    assert "is not empty" in again.output


def test_local_runs_and_the_web_interface_keep_separate_metadata(tmp_path):
    settings = Settings(home=tmp_path)
    run, up = (airflow_environment(settings, name) for name in ("run.db", "airflow.db"))
    different = {name for name in run if run[name] != up[name]}
    assert different == {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"}
    assert run["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"


def test_the_local_login_is_made_once_and_kept_from_others(tmp_path):
    settings = Settings(home=tmp_path)
    login = local_login(settings)
    assert len(login["admin"]) >= 16
    assert password_file(settings).stat().st_mode & 0o777 == 0o600
    assert local_login(settings) == login


class _Health(BaseHTTPRequestHandler):
    scheduler = "healthy"

    def do_GET(self):
        parts = {"metadatabase": "healthy", "scheduler": self.scheduler, "dag_processor": "healthy"}
        self.send_response(200)
        self.end_headers()
        content = {name: {"status": status} for name, status in parts.items()}
        self.wfile.write(json.dumps(content | {"triggerer": {"status": None}}).encode())

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("scheduler", "expected"), [("healthy", True), ("unhealthy", False)])
def test_airflow_is_up_when_every_part_is_healthy(monkeypatch, scheduler, expected):
    monkeypatch.setattr(_Health, "scheduler", scheduler)
    with HTTPServer(("127.0.0.1", 0), _Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert is_healthy(f"http://127.0.0.1:{server.server_port}") is expected
        server.shutdown()


def test_a_port_that_is_taken_is_told_before_airflow_starts(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is taken"):
            serve(port, tmp_path / "log", print)
    assert not (tmp_path / "log").exists()
