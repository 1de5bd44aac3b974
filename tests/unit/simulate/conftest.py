from pathlib import Path

import duckdb
import pytest
from delivered_tables import read_tables

from saydo.simulate import simulate


@pytest.fixture(scope="session")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bulk") / "landing"
    simulate(folder, customers=400, months=3, seed=7)
    return folder


@pytest.fixture(scope="session")
def daily(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("daily") / "landing"
    simulate(folder, customers=400, months=3, seed=7, daily=True)
    return folder


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year") / "landing"
    simulate(folder, customers=2000, months=12, seed=11)
    return folder


@pytest.fixture(scope="session")
def bulk_tables(bulk: Path) -> duckdb.DuckDBPyConnection:
    return read_tables(bulk)


@pytest.fixture(scope="session")
def daily_tables(daily: Path) -> duckdb.DuckDBPyConnection:
    return read_tables(daily)


@pytest.fixture(scope="session")
def year_tables(year: Path) -> duckdb.DuckDBPyConnection:
    return read_tables(year)
