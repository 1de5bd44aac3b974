"""A machine is lost: its home comes back from the bucket, and publishes what it had published."""

from __future__ import annotations

import shutil
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "unit" / "serve" / "store"))

from boto3 import client
from kept_homes import ALL, contents, local
from store_server import BUCKET, SECRET, Kept, kept_in, server
from whole_business import run_all

from saydo.collect import Access, collect_pipeline
from saydo.landing import read_ledger
from saydo.release import current_release_id, read_manifest
from saydo.serve import following
from saydo.serve.store import restore
from saydo.settings import Settings
from saydo.simulate import simulate

__all__ = ["server"]
LATER = "2025-12"
# Of one disk alone: locks, the key that the owner brings, what is remembered of the store; and what
# the last check of deliveries said, where there was one.
OWN = {"locks", "pseudonym.key", "kept.json", "gate/sources"}


@dataclass
class Machine:
    """A home that collects from the bucket and is kept in another."""

    settings: Settings
    access: Access

    def run(self) -> dict[str, Any]:
        """What a run does, and what it published."""
        collect_pipeline(self.settings, "deliveries", {"landing_store": self.access}.__getitem__)
        release = run_all(self.settings)
        following.serve(self.settings)
        return release


@pytest.fixture
def machines(server, tmp_path, monkeypatch):
    """Deliveries in a bucket, but for the last month's; and two machines, the first at work."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    s3 = client(
        "s3", endpoint_url=server.endpoint, region_name="us-east-1",
        aws_access_key_id="a-key", aws_secret_access_key=SECRET,
    )  # fmt: skip
    prefix = uuid.uuid4().hex
    simulate(tmp_path / "delivered", customers=60, months=2, seed=1)

    def deliver(is_later: bool) -> None:
        for file in sorted((tmp_path / "delivered").rglob("*")):
            name = file.relative_to(tmp_path / "delivered").as_posix()
            if file.is_file() and (LATER in name) == is_later:
                s3.upload_file(str(file), BUCKET, f"{prefix}/landing/{name}")

    folder = {"url": f"s3://{BUCKET}/{prefix}/landing"}
    (tmp_path / "collect.yml").write_text(
        "pipelines: [{name: deliveries, connection: landing_store, landing: ., "
        f"folder: {{url: '{folder['url']}'}}}}]"
    )
    extra = {"endpoint_url": server.endpoint, "region_name": "us-east-1"}
    access = Access("landing_store", "aws", login="a-key", password=SECRET, extra=extra)

    def machine(name: str) -> Machine:
        (tmp_path / name).mkdir()
        settings = Settings(
            home=tmp_path / name / "home", memory_limit="2GB", pseudonym_key="k" * 40,
            collect_file=tmp_path / "collect.yml",
        )  # fmt: skip
        return Machine(kept_in(settings, f"s3://{BUCKET}/{prefix}/kept", ALL), access)

    deliver(is_later=False)
    return machine("first"), machine("second"), deliver, Kept(f"s3://{BUCKET}/{prefix}/kept")


def entries(settings: Settings) -> set[str]:
    """What state/ consists of."""
    places = (settings.state, settings.state / "gate", settings.state / "lineage")
    found = {
        path.relative_to(settings.state).as_posix() for one in places for path in one.iterdir()
    }
    return {name for name in found if name not in OWN and "/." not in f"/{name}"}


def test_a_home_that_is_lost_comes_back_and_publishes_the_same_before_and_after_the_next_delivery(
    machines,
):
    first, second, deliver, kept = machines
    published = first.run()
    state = entries(first.settings)
    raw = {path: text for path, text in local(first.settings).items() if path.startswith("raw/")}
    batches = [batch.batch_id for batch in read_ledger(first.settings)]
    assert contents(kept) == local(first.settings)
    shutil.copytree(first.settings.home, first.settings.home.parent / "goes on", symlinks=True)
    shutil.rmtree(first.settings.home)

    restore(second.settings)
    assert current_release_id(second.settings) == published["release_id"]
    again = second.run()
    assert again["content_hash"] == published["content_hash"] and not again["is_new"]
    assert again["landed"] == [] and again["release_id"] == published["release_id"]
    assert [batch.batch_id for batch in read_ledger(second.settings)] == batches
    after = local(second.settings)
    assert {path: text for path, text in after.items() if path.startswith("raw/")} == raw
    # Whatever else a run leaves in state/ is made again by the next.
    assert entries(second.settings) == state

    deliver(is_later=True)
    later = second.run()
    assert later["is_new"] and later["landed"]
    assert contents(kept) == local(second.settings)
    # The same deliveries to the home that was never lost.
    kept_home = first.settings.home.parent / "goes on"
    other = first.settings.model_copy(update={"home": kept_home})
    file = first.settings.home.parent / "nowhere.yml"
    file.write_text("{}")
    other = other.model_copy(update={"publish_file": file})
    vars(other).pop("publish", None)
    assert Machine(other, first.access).run()["content_hash"] == later["content_hash"]
    names = ("customer_profiles", "customer_identifiers", "release_history")
    counts = [read_manifest(one)["row_counts"] for one in (other, second.settings)]
    assert [counts[0][name] for name in names] == [counts[1][name] for name in names]
