"""What a sender says of a file in FILE.manifest.json beside it."""

from __future__ import annotations

import hashlib
import json

import pytest
from landing_home import PAYMENTS, Home, payment

from saydo.errors import DeliveryRefused

LINES = [payment(number) for number in range(40)]


def test_a_part_of_a_file_is_refused_until_it_is_whole(home: Home) -> None:
    home.feed(path="*")  # which the manifest matches too
    home.deliver(json.dumps({"row_count": 40, "sender": "billing"}), "payments.csv.manifest.json")
    home.deliver_lines(*LINES[:20])
    with pytest.raises(DeliveryRefused, match="its manifest says row_count 40 and it has 20"):
        home.land()
    assert [batch.status for batch in home.ledger()] == ["refused"] and home.leftovers() == []
    home.deliver_lines(*LINES)
    home.land()
    (batch,) = [batch for batch in home.ledger() if batch.status == "landed"]
    assert batch.loaded_count == 40 and batch.warnings == []


@pytest.mark.parametrize("wrong", ["row_count", "size", "sha256"])
def test_each_thing_a_manifest_says_is_held_against_the_file(home: Home, wrong: str) -> None:
    file = home.deliver_lines(*LINES, payment(40, amount="none"))  # quarantined, and delivered
    content = file.read_bytes()
    said = {
        "row_count": 41,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest().upper(),
    }
    other = {"row_count": 42, "size": 1, "sha256": "0" * 64}
    home.deliver(json.dumps(said | {wrong: other[wrong]}), "payments.csv.manifest.json")
    with pytest.raises(DeliveryRefused, match=f"its manifest says {wrong}"):
        home.land()
    home.deliver(json.dumps(said), "payments.csv.manifest.json")
    home.land()
    assert home.ledger()[0].status == "landed"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\x00", b"[]", b'{"rows": 40}', b'{"row_count": "40"}', b"[" * 100_000],
    ids=["empty", "bytes", "list", "other names", "text", "deep"],
)
def test_a_manifest_that_tells_nothing_is_told(home: Home, content: bytes) -> None:
    home.feed(PAYMENTS)
    home.deliver(content, "payments.csv.manifest.json")
    home.deliver_lines(*LINES)
    home.land()
    (batch,) = home.ledger()
    assert batch.loaded_count == 40
    assert batch.warnings[0].startswith("1 manifest tells nothing: 'payments.csv.manifest.json'")
