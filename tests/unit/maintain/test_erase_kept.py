"""What upkeep takes out of a home goes from what an object store keeps of it, or upkeep is red."""

import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import obstore
import pytest
from fake_home import account

sys.path.append(str(Path(__file__).parents[1] / "serve" / "store"))

from kept_homes import ALL, contents, home_objects, local
from store_server import BUCKET, Kept, kept_in, refusal, server, store

from saydo.errors import SaydoError
from saydo.landing.ledger import read_ledger
from saydo.maintain import apply_retention, compact, erase
from saydo.release.store import release_ids
from saydo.serve.store import serve
from saydo.settings import Settings

__all__ = ["server", "store"]
# What is known of person 1: clear text, rejected rows, and facts.
THEIRS = ("Ann", "one@example.org", "ONE@example.org", "+44 7700 900001", "t1", "t3", "t4")


@pytest.fixture
def kept(store) -> Kept:
    return Kept(f"s3://{BUCKET}/{uuid.uuid4().hex}")


@pytest.fixture
def settings_kept(home, kept) -> Settings:
    return kept_in(home.settings, kept.address, ALL)


def told_of_person_1(kept: Kept, folder: Path) -> set[str]:
    """Which of that the objects of the home still tell."""
    found = set()
    for path in home_objects(kept):
        content = bytes(obstore.get(kept.store, path).bytes())
        if path.endswith(".parquet"):
            (folder / "read.parquet").write_bytes(content)
            content = repr(duckdb.read_parquet(str(folder / "read.parquet")).fetchall()).encode()
        found |= {one for one in THEIRS if one.encode() in content}
    return found


def test_a_person_is_erased_from_raw_and_quarantine_in_the_store_or_the_erasure_is_red(
    home, settings_kept, kept, store, tmp_path
):
    serve(settings_kept)
    before = contents(kept)
    assert told_of_person_1(kept, tmp_path) == set(THEIRS)
    home.ask("r1", "account_id", account(1))
    store.fault = lambda request: refusal(403, "AccessDenied") if request.method != "GET" else None
    with pytest.raises(SaydoError, match="erased from everything in the home, but the object sto"):
        erase(settings_kept)
    store.fault = lambda _: None
    assert contents(kept) == before
    # The new state may be there, and what was before not yet gone: that is no erasure, either.
    store.fault = lambda request: (
        refusal(403, "AccessDenied") if request.method in ("DELETE", "POST") else None
    )
    with pytest.raises(SaydoError, match="may still hold them"):
        erase(settings_kept)
    store.fault = lambda _: None
    assert contents(kept) == local(settings_kept)
    assert told_of_person_1(kept, tmp_path) == set(THEIRS)
    erase(settings_kept)
    assert told_of_person_1(kept, tmp_path) == set()
    assert contents(kept) == local(settings_kept)


def test_what_retention_removes_goes_from_the_store_and_compaction_changes_nothing_there(
    home, settings_kept, kept, tmp_path
):
    serve(settings_kept)
    batch = max(one.batch_id for one in read_ledger(home.settings) if one.source == "transactions")
    old = release_ids(home.settings)[0]
    assert any(f"batch={batch}/" in path for path in home_objects(kept))
    home.settings.policy_file.write_text(
        "retention: {keep_raw_days: 30, keep_quarantine_days: 1, keep_releases: 1, "
        "keep_release_days: 1}\n"
    )
    vars(settings_kept).pop("policy", None)
    outcome = apply_retention(settings_kept, datetime(2035, 1, 1, tzinfo=UTC))
    assert batch in outcome["raw_batch_ids"] and outcome["removed"] == [old]
    assert not any(f"batch={batch}/" in path for path in home_objects(kept))
    assert contents(kept) == local(settings_kept)
    assert f"published/retired/{old}.json" in contents(kept)
    compact(settings_kept)
    assert contents(kept) == local(settings_kept)
