"""A small business, published twice, and Superset over it as `make bi` starts it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from saydo.build import LAYERS, build_layer, prepare, resolve_as_of
from saydo.gate import check_sources, gate_marts
from saydo.landing import land_all
from saydo.release import publish
from saydo.settings import PROJECT, Settings

ENVIRONMENT = PROJECT / ".venv-superset"
EARLIER = date(2025, 11, 30)
_LOGIN = re.compile(r"(http://\S+:\d+)/.*user (\S+), password (\S+)", re.S)


def publish_as_of(settings: Settings, day: date | None = None) -> str:
    """Every step of the daily DAG up to the publish, and the id of the release."""
    land_all(settings)
    check_sources(settings)
    as_of = day or resolve_as_of(settings, None)
    prepare(settings, as_of)
    for layer in LAYERS:
        build_layer(settings, layer, as_of)
    gate_marts(settings)
    return publish(settings, as_of)["release_id"]


class Superset(NamedTuple):
    """A Superset that is up: where it is, how to get in, and what it said at the start."""

    url: str
    user: str
    password: str
    folder: Path
    client: httpx.Client

    def post(self, path: str, content: dict[str, Any]) -> httpx.Response:
        """Call Superset's own API as the administrator."""
        return self.client.post(f"/api/v1/{path}", json=content, timeout=120)

    def count(self, kind: str) -> int:
        """How many there are of `chart`, `dataset`, `dashboard` or `database`."""
        return self.client.get(f"/api/v1/{kind}/").json()["count"]

    def dataset_id(self, mart: str) -> int:
        """Superset's id of a mart's dataset."""
        asked = f"(filters:!((col:table_name,opr:eq,value:{mart})))"
        [found] = self.client.get("/api/v1/dataset/", params={"q": asked}).json()["result"]
        return found["id"]

    def rows(self, mart: str, **query: Any) -> list[dict[str, Any]]:
        """Rows of a chart's query: `columns`, `metrics`, `filters`."""
        content = {
            "datasource": {"id": self.dataset_id(mart), "type": "table"},
            "queries": [{"row_limit": 10_000, "filters": [], "metrics": []} | query],
        }
        answer = self.post("chart/data", content)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"][0]["data"]

    def sql(self, text: str) -> httpx.Response:
        """Run SQL in the SQL box."""
        [database] = self.client.get("/api/v1/database/").json()["result"]
        return self.post("sqllab/execute/", {"database_id": database["id"], "sql": text})


@contextmanager
def superset_over(settings: Settings) -> Iterator[Superset]:
    """Start `saydo bi serve` as `make bi` does, wait for its address and login, end it after."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-c", "from saydo.cli import app; app()",
        "bi", "serve", "--home", str(settings.home), "--port", str(port),
    ]  # fmt: skip
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        told = ""
        while not (
            login := re.search(r"(http://\S+:\d+)/.*user (\S+), password (\S+)", told, re.S)
        ):
            line = server.stdout.readline()
            assert line, f"it ended without an address: {told}"
            told += line
        url, user, password = login.groups()
        with httpx.Client(base_url=url, timeout=120) as client:
            form = {"username": user, "password": password, "provider": "db", "refresh": True}
            token = client.post("/api/v1/security/login", json=form).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            csrf = client.get("/api/v1/security/csrf_token/").json()["result"]
            client.headers.update({"X-CSRFToken": csrf, "Referer": url})
            yield Superset(url, user, password, settings.home / "superset", client)
    finally:
        server.terminate()
        server.wait(30)
