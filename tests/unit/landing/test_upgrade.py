"""A home that an earlier version of Saydo made opens, serves, and goes on.

`earlier_home.tar.xz` is one of six made-up customers: two releases and a made-up key.
Its batches keep no hash of their mapping, and its amounts are of two decimals.
"""

from __future__ import annotations

import tarfile
from datetime import date
from pathlib import Path

import pytest

from saydo.build import build_layer, prepare
from saydo.build.inputs import current_inputs, reasons_to_refresh
from saydo.engine import open_database
from saydo.gate import check_sources
from saydo.landing import land_all, read_ledger
from saydo.notices import told
from saydo.release import current_release_id, list_releases, read_manifest, rollback
from saydo.settings import Settings

HOME = Path(__file__).with_name("earlier_home.tar.xz")
DAY = date(2025, 2, 16)


@pytest.fixture
def earlier(tmp_path: Path) -> Settings:
    with tarfile.open(HOME) as archive:
        archive.extractall(tmp_path, filter="data")
    return Settings(
        home=tmp_path / "home",
        feeds_file=tmp_path / "home" / "feeds.yml",
        pseudonym_key="made-up-for-the-upgrade-test",
        threads=2,
        memory_limit="1GB",
    )


def test_a_home_of_an_earlier_version_opens_and_goes_on(earlier: Settings) -> None:
    before = read_ledger(earlier)
    assert {(batch.status, batch.mapping_hash) for batch in before} == {("accepted", None)}
    first, last = sorted(release["release_id"] for release in list_releases(earlier))
    assert current_release_id(earlier) == last
    assert rollback(earlier)["release_id"] == first
    rollback(earlier, last)
    assert set(read_manifest(earlier)["batch_ids"]) == {batch.batch_id for batch in before}

    (earlier.landing / "usage_1.csv").unlink()
    lines = [f"c02{n},p{n}@example.com,2025-02-1{n} 10:00:00,20.00" for n in range(1, 7)]
    text = "\n".join(["id,mail,paid,amount", *lines, ""])
    (earlier.landing / "charges_3.csv").write_text(text)
    landed = {summary["feed"]: len(summary["landed"]) for summary in land_all(earlier)}
    assert landed == {
        "accounts": 1, "emails": 1, "contracts": 1, "charges": 3, "answers": 1, "usage": 1
    }  # fmt: skip
    check_sources(earlier)
    counting = [batch for batch in read_ledger(earlier) if batch.status == "accepted"]
    replaced = {batch.replaces for batch in counting} - {None}
    assert {batch.batch_id for batch in before} - replaced == {
        batch.batch_id for batch in counting if batch.file_name == "usage_1.csv"
    }
    told_of_usage = [notice.text for notice in told(earlier) if notice.where == "feed usage"]
    assert [text[:19] for text in told_of_usage] == ["feed usage: 1 file ", "feed usage: 1 batch"]

    assert reasons_to_refresh(earlier, current_inputs(earlier, DAY))
    prepare(earlier, DAY)
    build_layer(earlier, "staging", DAY)
    with open_database(earlier, earlier.warehouse) as connection:
        sums = connection.execute(
            "select (select sum(amount) from staging.stg_transactions__transactions), "
            "(select sum(traffic_mb) from staging.stg_network__usage_daily)"
        ).fetchone()
    assert sums == (24 * 20, 3 * 2100 + 2 * 2100)  # new, landed again and as it was, together
