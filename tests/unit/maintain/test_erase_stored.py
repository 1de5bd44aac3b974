"""Who is erased from the releases is erased from what an object store keeps of them."""

import sys
import uuid
from pathlib import Path

import duckdb
import obstore
import pytest
from fake_home import account, customer

sys.path.append(str(Path(__file__).parents[1] / "serve" / "store"))

from store_server import BUCKET, Kept, kept_in, refusal, server, store

from saydo.errors import SaydoError
from saydo.maintain import erase
from saydo.release import rollback
from saydo.release.store import release_ids
from saydo.serve.store import serve

__all__ = ["server", "store"]


@pytest.fixture
def kept(store) -> Kept:
    return Kept(f"s3://{BUCKET}/{uuid.uuid4().hex}")


def holding(kept: Kept, folder: Path) -> list[str]:
    """Objects that still name customer 1."""
    found = []
    for path in kept.objects():
        content = bytes(obstore.get(kept.store, path).bytes())
        if path.endswith(".parquet"):
            (folder / "read.parquet").write_bytes(content)
            rows = duckdb.connect().read_parquet(str(folder / "read.parquet")).fetchall()
            content = repr(rows).encode()
        if customer(1).encode() in content or account(1).encode() in content:
            found.append(path)
    return sorted(found)


def test_a_person_is_erased_from_every_release_in_the_store_or_the_erasure_is_red(
    home, kept, store, tmp_path
):
    older, newer = release_ids(home.settings)
    settings = kept_in(home.settings, kept.address)
    serve(settings)
    rollback(settings, older)
    serve(settings)
    assert {path.split("/")[1] for path in holding(kept, tmp_path)} == {older, newer}
    home.ask("r1", "account_id", account(1))
    store.fault = lambda request: refusal(403, "AccessDenied") if request.method != "GET" else None
    with pytest.raises(SaydoError, match="erased from everything in the home, but the object sto"):
        erase(settings)
    assert account(1) not in home.left("accounts", "account_key")
    assert holding(kept, tmp_path)
    store.fault = lambda _: None
    erase(settings)
    assert holding(kept, tmp_path) == []
    assert kept.releases() == [f"{older}-e1"]
    assert kept.pointer()["path"] == f"releases/{older}-e1"
