"""A corrected mapping reaches what was landed before it, and nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from landing_accepted import accept, counting, total
from landing_home import PAYMENTS, Home, payment

from saydo.config import Feeds
from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import (
    change_entry,
    outlook,
    replay_batch,
    withdraw_batch,
    withdraw_feed,
    write_entry,
)
from saydo.landing import relanding as relanding_module
from saydo.landing.mapping_hash import mapping_hash
from saydo.landing.raw import recover_all
from saydo.notices import told

DOUBLED = {"amount": "cast(amount as decimal(18, 2)) * 2"}


def notices(home: Home) -> list[str]:
    return [notice.text for notice in told(home.settings)]


@pytest.fixture
def landed(home: Home) -> Home:
    """Ten payments of 500.00, accepted."""
    home.deliver_lines(*(payment(number, amount="500.00") for number in range(10)))
    home.land()
    accept(home)
    return home


def test_a_corrected_mapping_reaches_files_landed_before(landed: Home) -> None:
    (old,) = counting(landed)
    landed.feed(columns=DOUBLED)
    (new_id,) = landed.land()["landed"]
    assert total(landed) == 5000  # until the new rows are accepted
    accept(landed)
    assert total(landed) == 10_000
    (new,) = counting(landed)
    assert (new.batch_id, new.replaces, new.sequence) == (new_id, old.batch_id, old.sequence)
    assert new.landed_at == old.landed_at  # a snapshot's day is that of its delivery
    assert {path.parts[-3] for path in landed.leftovers()} == {f"batch={new_id}"}
    assert notices(landed) == [
        "feed payments: 1 file was landed again under the feed's mapping as it is now"
    ]
    assert landed.land()["landed"] == [] and notices(landed) == []


def test_what_shapes_no_row_lands_nothing_again(landed: Home) -> None:
    feed = landed.config["feeds"][0]
    feed |= {"expect": {"min_rows": 0}, "columns": dict(reversed(feed["columns"].items()))}
    landed.config["identifier_types"] = {
        "card": {},
        "email": {"normaliser": "email", "max_customers": 3},
    }
    assert landed.land()["landed"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"where": "true"}, {"timezone": "Asia/Tokyo"}, {"delivery": "snapshot"},
        {"options": {"delim": ","}}, {"columns": PAYMENTS["columns"] | {"amount": "-amount"}},
        {"source": "transactions", "format": "parquet"},
        {"identifier_types": {"email": {"normaliser": "none"}}},
    ],
    ids=str,
)  # fmt: skip
def test_all_that_shapes_rows_is_in_the_hash(home: Home, change: dict[str, Any]) -> None:
    before = mapping_hash(home.settings, home.settings.feeds.feeds[0])
    types = change.pop("identifier_types", {})
    after = Feeds(feeds=[PAYMENTS | change], identifier_types=types)
    settings = home.settings
    settings.__dict__["feeds"] = after
    assert mapping_hash(settings, after.feeds[0]) != before


def test_another_version_of_landing_lands_again(
    landed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saydo.landing.mapping_hash.RULES", 10_000)
    assert len(landed.land()["landed"]) == 1


def test_a_batch_of_a_version_that_kept_no_hash_is_landed_again(landed: Home) -> None:
    (old,) = counting(landed)
    write_entry(landed.settings, old.model_copy(update={"mapping_hash": None}))
    assert landed.land()["landed"] == [f"{old.batch_id}-2"]


def test_a_batch_whose_file_is_gone_or_changed_is_named_in_each_run(landed: Home) -> None:
    landed.deliver_lines(payment(99, amount="1.00"))
    landed.land()
    accept(landed)
    landed.deliver_lines(payment(99, amount="7.00"))  # as long, and another content
    landed.feed(columns=DOUBLED)
    told_before = [notice.text for notice in outlook(landed.settings)]
    for _ in range(2):
        landed.land()
        accept(landed)
        (text,) = notices(landed)
        assert text == told_before[0]
        assert text.startswith(
            "feed payments: 2 batches (11 rows) count as an earlier mapping landed them"
        )
        assert "deliver the files again" in text
    assert total(landed) == 5001 + 14


def test_a_content_found_under_another_name_is_landed_again_from_there(landed: Home) -> None:
    file = landed.folder / "landing" / "payments.csv"
    (landed.folder / "landing" / "payments_copy.csv").write_bytes(file.read_bytes())
    landed.land()
    file.unlink()
    landed.feed(columns=DOUBLED)
    landed.land()
    accept(landed)
    assert total(landed) == 10_000
    assert counting(landed)[0].file_name == "payments.csv"
    assert landed.land()["landed"] == []


def test_a_mapping_that_refuses_the_file_leaves_the_old_rows_in_service(landed: Home) -> None:
    landed.feed(columns={"amount": "price"})
    for _ in range(2):
        with pytest.raises(
            DeliveryRefused, match=r"'price'.*what was loaded of it before counts on"
        ):
            landed.land()
        accept(landed)
        assert total(landed) == 5000
    assert [batch.status for batch in landed.ledger()] == ["accepted", "refused"]
    landed.feed()  # taken back: nothing is to be done, and nothing is refused any more
    assert landed.land()["landed"] == []
    assert [batch.status for batch in landed.ledger()] == ["accepted"]


def test_a_refused_landing_in_place_is_tried_again_under_the_next_mapping(landed: Home) -> None:
    (old,) = counting(landed)
    landed.feed(columns=DOUBLED)
    (waiting,) = landed.land()["landed"]
    refused = next(batch for batch in landed.ledger() if batch.batch_id == waiting)
    write_entry(landed.settings, refused.model_copy(update={"status": "refused"}))
    landed.feed(columns={"amount": "cast(amount as decimal(18, 2)) * 3"})
    landed.land()
    accept(landed)
    assert total(landed) == 15_000 and counting(landed)[0].replaces == old.batch_id


def test_policy_may_ask_before_anything_is_landed(landed: Home, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("landing: {reland: ask}")
    landed.environment["policy_file"] = policy
    landed.deliver_lines(payment(77), name="payments_2.csv")
    landed.feed(columns=DOUBLED)
    for stop in (landed.land, lambda: relanding_module.look_back(landed.settings)):
        with pytest.raises(ConfigError, match=r"1 of payments; nothing was landed. Set `landing"):
            stop()
    assert len(landed.ledger()) == 1
    (notice,) = outlook(landed.settings)
    assert (notice.where, notice.count) == ("feed payments", 1) and "stops to ask" in notice.advice
    landed.feed()
    assert len(landed.land()["landed"]) == 1


def test_an_older_snapshot_landed_again_does_not_become_the_newest(home: Home) -> None:
    away = home.folder / "away.csv"
    for day, columns in ((1, {}), (2, DOUBLED)):
        home.feed(delivery="snapshot", columns=columns)
        file = home.deliver_lines(payment(day), name=f"payments_{day}.csv")
        home.land()
        accept(home)
        if day == 1:
            file.rename(away)
    away.rename(home.folder / "landing" / "payments_1.csv")
    assert len(home.land()["landed"]) == 1  # the second was landed under this mapping
    accept(home)
    assert [batch.file_name for batch in counting(home)] == ["payments_1.csv", "payments_2.csv"]


def test_a_feed_whose_table_changed_lands_its_files_as_the_new_one(landed: Home) -> None:
    columns = {
        "interaction_id": "id", "id_type": "'email'", "id_value": "mail", "occurred_at": "paid",
        "channel_code": "'shop'", "interaction_type": "kind",
    }  # fmt: skip
    base = PAYMENTS | {"source": "interactions", "columns": columns}
    landed.feed(base)
    landed.land()
    accept(landed)
    assert [batch.source for batch in counting(landed)] == ["interactions"]
    assert not list((landed.folder / "raw" / "transactions").glob("batch=payments*"))


def test_a_landing_in_place_that_is_accepted_counts_alone_at_once(
    landed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the acceptance and the removal of the old rows."""
    landed.feed(columns=DOUBLED)
    landed.land()
    (new,) = (batch for batch in landed.ledger() if batch.status == "landed")
    change_entry(landed.settings, new, lambda _: {"status": "accepted"}, "checked")
    assert [batch.batch_id for batch in counting(landed)] == [new.batch_id]
    recover_all(landed.settings)
    assert {path.parts[-3] for path in landed.leftovers()} == {f"batch={new.batch_id}"}
    old = next(batch for batch in landed.ledger() if batch.status == "replaced")
    for refused in (replay_batch, withdraw_batch):
        with pytest.raises(ConfigError, match=f"was landed again as {new.batch_id}"):
            refused(landed.settings, old.batch_id)


def test_what_was_replayed_under_another_mapping_goes_with_it(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, kind="gift"))
    home.land()
    accept(home)
    (old,) = counting(home)
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    replay_batch(home.settings, old.batch_id)
    accept(home)
    assert len(counting(home)) == 2
    home.feed()
    (again,) = home.land()["landed"]
    accept(home)
    assert [batch.batch_id for batch in counting(home)] == [again]
    assert home.rows("transaction_id") == [("t1",)]
    assert home.quarantined("line_number, _batch_id") == [(3, again)]
    assert len(home.leftovers()) == 2


def test_a_correction_that_is_taken_back_brings_the_first_content_back(home: Home) -> None:
    for amount in ("10.00", "99.00", "10.00"):
        home.deliver_lines(payment(1, amount=amount))
        home.land()
    first, _, third = home.ledger()
    assert third.batch_id == f"{first.batch_id}-2" and third.sequence > first.sequence
    assert home.rows("amount::decimal(18,2)::varchar")[-1] == ("10.00",)
    home.deliver_lines(payment(1, amount="10.00"), name="payments_2.csv")
    assert home.land()["duplicate_count"] == 1


def test_a_refused_file_that_is_tried_again_is_no_newer_than_it_was(home: Home) -> None:
    home.feed(expect={"max_reject_ratio": 0.1})
    home.deliver_lines(payment(1, kind="gift", amount="1.00"), name="payments_1.csv")
    home.deliver_lines(payment(1, amount="2.00"), name="payments_2.csv")
    with pytest.raises(DeliveryRefused):
        home.land()
    home.feed(columns={"transaction_type": "'charge'"})
    home.land()
    assert home.rows("amount::decimal(18,2)::varchar") == [("1.00",), ("2.00",)]


def test_a_feed_that_left_is_told_and_can_be_withdrawn(landed: Home) -> None:
    landed.feed(name="others", path="others*")
    landed.config["feeds"].append(PAYMENTS | {"name": "more", "path": "more*"})
    relanding_module.look_back(landed.settings)
    (text,) = notices(landed)
    assert text == (
        "feed payments: 1 batches (10 rows) still count, though the feed is no longer in "
        "feeds.yml; "
        "saydo feeds withdraw --feed payments takes them out"
    )
    assert [notice.text for notice in outlook(landed.settings)] == [text]
    for feed, source in (("payment", None), ("payments", "accounts"), ("../payments", None)):
        with pytest.raises(ConfigError, match="was ever landed of a feed"):
            withdraw_feed(landed.settings, feed, source)
    done = withdraw_feed(landed.settings, "payments", "transactions")
    assert done["row_count"] == 10 and landed.leftovers() == []
    relanding_module.look_back(landed.settings)
    assert notices(landed) == [] and withdraw_feed(landed.settings, "payments")["batch_ids"] == []


def test_with_go_on_without_a_refused_file_is_told_and_stops_nothing(home: Home) -> None:
    policy = home.folder / "policy.yml"
    policy.write_text(yaml.safe_dump({"landing": {"on_refusal": "go_on_without"}}))
    home.environment["policy_file"] = policy
    home.deliver("", name="payments_1.csv")
    home.deliver_lines(payment(1), name="payments_2.csv")
    assert home.land()["loaded_count"] == 1
    (text,) = notices(home)
    assert text.startswith("payments: the release is without a refused file: ")
    assert "payments_1.csv" in text
