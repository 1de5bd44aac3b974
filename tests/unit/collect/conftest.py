"""A home that collects, and a database with a made-up CRM."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "serve" / "postgres"))

from collecting_home import Home
from postgres_server import Server, server

from saydo.collect import Access

__all__ = ["server"]
PASSWORD = "p@ss/word only of this test"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def crm(server: Server, home: Home):
    """Run SQL in an empty database `crm`; the home has the connection `crm_db` to it."""
    quoted = PASSWORD.replace("'", "''")
    server.admin("drop database if exists crm with (force)", "drop role if exists collector")
    server.admin("create database crm", f"create role collector login password '{quoted}'")
    server.admin("grant pg_read_all_data, pg_write_all_data to collector")
    home.connections["crm_db"] = Access(
        "crm_db", "postgres", "127.0.0.1", server.port, "collector", PASSWORD, "crm"
    )

    def run(*statements: str) -> None:
        server.admin(*statements, database="crm")

    return run
