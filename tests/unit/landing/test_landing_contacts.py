"""Clear e-mails and numbers: kept with linkage on only, beside their batch, and gone with it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_accepted import accept
from landing_home import Home

from saydo.identity.linkage import empty_links
from saydo.landing import replay_batch, withdraw_batch
from saydo.landing.mapping_hash import mapping_hash
from saydo.landing.raw import recover_all

POINTS: dict[str, Any] = {
    "name": "points",
    "source": "account_identifiers",
    "path": "points*",
    "format": "csv",
    "columns": {"account_id": "id", "id_type": "kind", "id_value": "value"},
    "expect": {"max_reject_ratio": 1},
}
LINES = (
    "id,kind,value\na,email, Ann@Example.COM \na,msisdn,+44 7700 900123\na,imsi,23415999\n"
    "b,email,ann@example.com\nb,email,ann@example.com\nc,email,no address\n"
)
KEPT = [
    ("email", "ann@example.com"),
    ("email", "ann@example.com"),
    ("msisdn", "447700900123"),
]


@pytest.fixture
def linking(home: Home) -> Home:
    home.feed(POINTS)
    home.policy = {"linkage": {"is_on": True}}
    home.deliver(LINES, "points.csv")
    return home


def files(home: Home) -> list[Path]:
    return sorted((home.folder / "restricted" / "account_identifiers").glob("*"))


def clear(home: Home) -> list[tuple[Any, ...]]:
    if not files(home):
        return []
    return duckdb.execute(
        "select id_type, clear_value from read_parquet(?) order by all", [[*map(str, files(home))]]
    ).fetchall()


def land(home: Home) -> list[str]:
    landed = home.land()["landed"]
    accept(home)
    return landed


def test_with_linkage_on_they_are_kept_under_the_keys_of_raw_and_for_the_owner_alone(
    linking: Home,
) -> None:
    land(linking)
    (file,) = files(linking)
    assert clear(linking) == KEPT
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    held = duckdb.execute(
        "select distinct account_key, id_type, id_key from read_parquet(?)", [str(file)]
    ).fetchall()
    assert set(held) < set(linking.rows("account_key, id_type, id_key", "account_identifiers"))
    for file in (linking.folder / "raw").rglob("*.parquet"):
        assert b"example" not in file.read_bytes() and b"7700900123" not in file.read_bytes()


def test_the_switch_lands_the_files_again_with_them_or_without(linking: Home) -> None:
    on = linking.policy
    linking.policy = {}
    off = mapping_hash(linking.settings, linking.settings.feeds.feeds[0])
    (first,) = land(linking)
    assert files(linking) == []
    raw = linking.rows("account_key, id_type, id_key, _line_number", "account_identifiers")
    linking.policy = on
    assert land(linking) == [f"{first}-2"]
    assert clear(linking) == KEPT
    linking.policy = {"linkage": {"is_on": False}}
    assert mapping_hash(linking.settings, linking.settings.feeds.feeds[0]) == off
    assert land(linking) == [f"{first}-3"]
    assert files(linking) == []
    assert linking.rows("account_key, id_type, id_key, _line_number", "account_identifiers") == raw


def test_other_feeds_are_not_landed_again_by_the_switch(home: Home) -> None:
    before = mapping_hash(home.settings, home.settings.feeds.feeds[0])
    home.policy = {"linkage": {"is_on": True}}
    assert mapping_hash(home.settings, home.settings.feeds.feeds[0]) == before


def test_switched_off_they_go_even_where_the_file_is_gone(linking: Home) -> None:
    land(linking)
    (linking.folder / "landing" / "points.csv").unlink()
    linking.policy = {}
    assert land(linking) == []
    empty_links(linking.settings)
    assert files(linking) == []


def test_they_go_with_their_batch(linking: Home) -> None:
    (batch,) = land(linking)
    withdraw_batch(linking.settings, batch)
    assert files(linking) == []


def test_what_a_killed_landing_left_of_them_is_swept(linking: Home) -> None:
    (batch,) = land(linking)
    (file,) = files(linking)
    left = file.with_name("points-000000000000.parquet")
    left.write_bytes(file.read_bytes())
    recover_all(linking.settings)
    assert files(linking) == [file] and file.stem == batch


@pytest.mark.parametrize("delivery", ["incremental", "snapshot"])
def test_a_replay_keeps_those_of_its_rows(linking: Home, delivery: str) -> None:
    linking.feed(POINTS, delivery=delivery)
    (batch,) = land(linking)
    linking.feed(
        POINTS, delivery=delivery, columns={"id_value": "replace(value, 'no address', 'c@d.org')"}
    )
    replayed = replay_batch(linking.settings, batch)["batch_id"]
    found = duckdb.execute(
        "select clear_value from read_parquet(?) order by 1",
        [str(linking.folder / "restricted" / "account_identifiers" / f"{replayed}.parquet")],
    ).fetchall()
    repeated = [value for _, value in KEPT] if delivery == "snapshot" else []
    assert sorted(value for (value,) in found) == sorted(["c@d.org", *repeated])
