from pathlib import Path

import duckdb
import pytest
from delivered_tables import FEEDS, hashes

from saydo.contract import SOURCES
from saydo.errors import ConfigError
from saydo.simulate import simulate


@pytest.mark.parametrize("is_daily", [False, True])
def test_same_seed_gives_the_same_bytes(tmp_path: Path, is_daily: bool) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        simulate(folder, customers=120, months=2, seed=3, daily=is_daily)
    assert hashes(first) == hashes(second)


def test_another_seed_gives_other_bytes_in_every_file(bulk: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "other", customers=400, months=3, seed=8)
    ours, theirs = hashes(bulk), hashes(tmp_path / "other")
    assert ours.keys() == theirs.keys()
    assert not {name for name in ours if ours[name] == theirs[name]}


def test_the_window_ends_on_a_fixed_date(bulk_tables: duckdb.DuckDBPyConnection) -> None:
    first, last = bulk_tables.sql(
        "select min(usage_date), max(usage_date) from network_usage_daily"
    ).fetchone()
    assert (str(first), str(last)) == ("2025-10-01", "2025-12-31")


@pytest.mark.parametrize("delivery", ["bulk", "daily"])
def test_every_source_is_delivered_and_every_file_is_found_by_one_feed(
    delivery: str, request: pytest.FixtureRequest
) -> None:
    landing = request.getfixturevalue(delivery)
    untold = {"network_sessions", "relationships"}
    assert {feed.source for feed in FEEDS.feeds} == set(SOURCES) - untold
    found = [path for feed in FEEDS.feeds for path in landing.glob(feed.path)]
    assert len(found) == len(set(found))
    files = {path for path in landing.rglob("*") if path.is_file()}
    elsewhere = {str(path.relative_to(landing)) for path in files - set(found)}
    allowed = {"truth.json"} | {name for name in elsewhere if name.startswith("redelivered/")}
    assert elsewhere == allowed
    for feed in FEEDS.feeds:
        assert list(landing.glob(feed.path)), feed.name


@pytest.mark.parametrize(
    "source",
    ["transactions", "network_usage_daily", "survey_responses", "interactions", "accounts"],
)
def test_daily_and_bulk_hold_the_same_facts(
    bulk_tables: duckdb.DuckDBPyConnection, daily_tables: duckdb.DuckDBPyConnection, source: str
) -> None:
    sql = f"select * from (select distinct * from {source}) order by all"
    assert bulk_tables.sql(sql).fetchall() == daily_tables.sql(sql).fetchall()


def test_a_day_brings_one_file_of_a_feed(daily: Path) -> None:
    names = sorted(path.name for path in (daily / "network").glob("usage_*.parquet"))
    assert len([name for name in names if "_again" not in name]) == 92
    assert names[0] == "usage_2025-10-01.parquet"


def test_a_folder_that_is_not_empty_is_left_alone(bulk: Path) -> None:
    before = hashes(bulk)
    with pytest.raises(ConfigError, match="not empty"):
        simulate(bulk, customers=400, months=3, seed=7)
    assert hashes(bulk) == before


@pytest.mark.parametrize(("customers", "months"), [(10, 12), (100, 0), (100, 500)])
def test_sizes_out_of_range_are_refused(tmp_path: Path, customers: int, months: int) -> None:
    with pytest.raises(ConfigError, match=r"at (least|most)"):
        simulate(tmp_path / "out", customers=customers, months=months, seed=1)
    assert not (tmp_path / "out").exists()


def test_progress_is_reported_to_its_end(tmp_path: Path) -> None:
    seen = []
    simulate(tmp_path / "out", 60, 2, 1, progress=lambda *step: seen.append(step))
    assert seen[0] == ("network", 1, 2)
    assert seen[-1] == ("ledger, surveys and contacts", 2, 2)
