"""A bucket that deliveries are put into is landing/: the same paths, landed as from a disk."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import pytest
import yaml

sys.path.append(str(Path(__file__).parents[1] / "landing"))
sys.path.append(str(Path(__file__).parents[1] / "serve" / "store"))

import landing_home
from boto3 import client
from landing_home import HEADER, PAYMENTS, payment
from store_server import SECRET, refusal, server, store

from saydo.collect import Access, collect_pipeline
from saydo.errors import ConfigError
from saydo.settings import PROJECT

__all__ = ["server", "store"]
DELIVERED = {
    "shop/payments_1.csv": "\n".join((HEADER, payment(1), payment(2))) + "\n",
    "shop/payments_2.csv": "\n".join((HEADER, payment(3), payment(4, amount="much"))) + "\n",
    "shop/payments_2.csv.manifest.json": '{"row_count": 2}',
}


@pytest.fixture
def bucket(store):
    """An empty bucket of the test's own."""
    name = f"landing-{uuid.uuid4().hex}"
    found = client(
        "s3", endpoint_url=store.endpoint, region_name="us-east-1",
        aws_access_key_id="a-key", aws_secret_access_key=SECRET,
    )  # fmt: skip
    found.create_bucket(Bucket=name)
    found.put = lambda key, text: found.put_object(Bucket=name, Key=key, Body=text.encode())
    found.address = f"s3://{name}/landing"
    return found


@pytest.fixture
def collect(store, bucket, tmp_path):
    """A home whose collect.yml is that of docs/object-stores.md, with the test's address."""
    page = (PROJECT / "docs" / "object-stores.md").read_text()
    given = page.split("## Deliveries in a bucket")[1].split("```yaml\n")[1].split("```")[0]
    file = tmp_path / "collect.yml"
    file.write_text(given.replace("s3://acme-deliveries/landing", bucket.address))
    assert bucket.address in file.read_text()
    extra = {"endpoint_url": store.endpoint, "region_name": "us-east-1"}
    access = Access("landing_store", "aws", login="a-key", password=SECRET, extra=extra)
    home = landing_home.Home(tmp_path)
    home.feed(PAYMENTS | {"path": "shop/payments*.csv"})
    home.environment |= {"collect_file": file, "pseudonym_key": "the same of both homes"}
    (name,) = [one["name"] for one in yaml.safe_load(given)["pipelines"]]

    def run():
        return collect_pipeline(home.settings, name, {"landing_store": access}.__getitem__)

    run.home = home
    return run


def told(home):
    """What the ledger and raw say of what was landed; the time of delivery left out."""
    ledger = [
        batch.model_dump(exclude={"file_mtime_ns", "landed_at", "sequence"})
        for batch in sorted(home.ledger(), key=lambda batch: batch.file_name)
    ]
    return ledger, sorted(home.rows("* exclude (_batch_sequence)"))


def test_what_others_put_into_the_bucket_is_landed_as_from_a_disk(bucket, collect, tmp_path):
    beside = landing_home.Home(tmp_path / "disk")
    beside.feed(PAYMENTS | {"path": "shop/payments*.csv"})
    beside.environment["pseudonym_key"] = "the same of both homes"
    (tmp_path / "disk").mkdir()
    for path, text in DELIVERED.items():
        bucket.put(f"landing/{path}", text)
        beside.deliver(text, path)
    assert collect()["files"] == sorted(DELIVERED)
    collect.home.land()
    beside.land()
    assert told(collect.home) == told(beside)
    assert [batch.quarantined_count for batch in collect.home.ledger()] == [0, 1]
    assert collect()["file_count"] == 0


def test_an_object_never_takes_the_place_of_a_file_that_lies_in_landing(bucket, collect):
    mine = collect.home.deliver("mine", "shop/payments_1.csv")
    bucket.put("landing/shop/payments_1.csv", "theirs")
    (name,) = collect()["files"]
    assert mine.read_text() == "mine" and name.startswith("shop/payments_1~")


def test_an_upload_that_goes_on_is_not_seen_and_one_that_ended_is(bucket, collect):
    place = {"Bucket": bucket.address.split("/")[2], "Key": "landing/shop/payments_1.csv"}
    upload = place | {"UploadId": bucket.create_multipart_upload(**place)["UploadId"]}
    text = DELIVERED["shop/payments_1.csv"].encode()
    part = bucket.upload_part(PartNumber=1, Body=text, **upload)
    assert collect()["file_count"] == 0
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    bucket.complete_multipart_upload(MultipartUpload=parts, **upload)
    assert collect()["files"] == ["shop/payments_1.csv"]


def test_a_bucket_without_permission_is_told_by_name_and_without_a_secret(bucket, collect, store):
    store.fault = lambda _: refusal(403, "AccessDenied")
    with pytest.raises(ConfigError, match="s3:ListBucket, s3:GetObject") as found:
        collect()
    assert bucket.address in str(found.value) and SECRET not in str(found.value)
