"""A corrected mapping reaches what was landed before it, and nothing is lost on the way."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from landing_home import PAYMENTS, Home, payment

from saydo.config import Feeds
from saydo.errors import ConfigError, DeliveryRefused, SaydoError
from saydo.landing import (
    Batch,
    change_entry,
    outlook,
    read_ledger,
    replay_batch,
    withdraw_batch,
    withdraw_feed,
    write_entry,
)
from saydo.landing import relanding as relanding_module
from saydo.landing.mapping_hash import mapping_hash
from saydo.landing.raw import recover_all, retire_replaced
from saydo.notices import told

DOUBLED = {"amount": "cast(amount as decimal(18, 2)) * 2"}


def accept(home: Home) -> None:
    """What the gate does with batches that are in order."""
    settings = home.settings
    for batch in read_ledger(settings):
        if batch.status == "landed":
            then = partial(retire_replaced, settings)
            change_entry(settings, batch, lambda _: {"status": "accepted"}, "checked", then=then)


def counting(home: Home) -> list[Batch]:
    return [batch for batch in home.ledger() if batch.status == "accepted"]


def total(home: Home) -> Decimal:
    """Of the amounts that count now."""
    ids = ", ".join(f"'{batch.batch_id}'" for batch in counting(home))
    return sum(
        (amount for amount, is_in in home.rows(f"amount, _batch_id in ({ids})") if is_in),
        Decimal(0),
    )


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
        "payments: 1 file was landed again under the feed's mapping as it is now"
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
            "payments: 2 batches (11 rows) count as an earlier mapping landed them"
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
    assert (notice.where, notice.count) == ("payments", 1) and "stops to ask" in notice.advice
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


MAPPINGS: list[dict[str, Any]] = [
    {},
    {"columns": DOUBLED},
    {"where": "kind <> 'refund'"},
    {"columns": {"transaction_type": "replace(kind, 'gift', 'charge')"}},
    {"columns": {"amount": "null"}, "expect": {"max_reject_ratio": 0.1}},  # refuses every file
]
LINES = [
    payment(number, amount=amount, kind=kind)
    for number in range(4)
    for amount in ("1.00", "2.00", "x")
    for kind in ("charge", "refund", "gift")
]


class Killed(BaseException):
    """Not an error that anything handles."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch, what: Callable[[], Any]) -> None:
    """Do something and be killed at its n-th rename, if it has so many."""
    left = [step]
    rename = Path.rename

    def dying(self: Path, target: Path) -> Path:
        left[0] -= 1
        if not left[0]:
            raise Killed
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dying)
        with contextlib.suppress(Killed, SaydoError):
            what()


def what_counts(home: Home) -> object:
    """The rows and rejected rows that count, in load order, without the names of their batches."""
    batches = counting(home)
    rank = {batch.batch_id: number for number, batch in enumerate(batches)}
    columns = "transaction_id, id_key, occurred_at, transaction_type, amount, _line_number"
    rows = [row for row in home.rows(f"{columns}, _batch_id") if row[-1] in rank]
    rejected = home.quarantined("line_number, reason_code, raw_text, _batch_id")
    return (
        [(b.file_name, b.delivered_count, b.loaded_count, b.reason_counts) for b in batches],
        sorted((rank[row[-1]], *row[:-1]) for row in rows),
        sorted((rank[row[-1]], *row[:-1]) for row in rejected if row[-1] in rank),
    )


@pytest.mark.parametrize("seed", [int(s) for s in os.environ.get("SEEDS", "1 2 3").split()])
def test_a_home_built_under_changing_mappings_equals_one_built_at_once_under_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Deliveries, mappings, runs that are killed or not, replays, files away for a while."""
    chance = random.Random(seed)
    homes = []
    for name in ("by steps", "at once"):
        (tmp_path / name / "landing").mkdir(parents=True)
        homes.append(Home(tmp_path / name))
        homes[-1].environment = {"pseudonym_key": "k" * 8}
    home, at_once = homes
    delivered: list[tuple[str, list[str]]] = []
    base = {"expect": {"max_reject_ratio": 1}}
    away = tmp_path / "away"
    away.mkdir()
    steps = ["deliver", "deliver", "map", "map", "run", "run", "kill", "kill", "replay", "move"]
    for _ in range(14):
        step = chance.choice(steps)
        if step == "deliver":
            name = f"payments_{len(delivered):02}.csv"
            old = chance.choice(delivered)[1] if delivered and chance.random() < 0.2 else None
            delivered.append((name, old or chance.choices(LINES, k=chance.randint(1, 5))))
            home.deliver_lines(*delivered[-1][1], name=name)
        elif step == "map":
            home.feed(**(base | chance.choice(MAPPINGS)))
        elif step == "move":
            for file in list(away.iterdir()):
                file.rename(home.folder / "landing" / file.name)
            loaded = {batch.file_name for batch in home.ledger() if batch.is_in_use}
            for file in sorted((home.folder / "landing").glob("*.csv")):
                if file.name in loaded and chance.random() < 0.4:
                    file.rename(away / file.name)
        elif step == "replay":
            rejected = [b for b in home.ledger() if b.is_in_use and b.quarantined_count]
            if rejected:
                one = chance.choice(rejected)
                killed_at(
                    chance.randint(1, 12), monkeypatch,
                    lambda: replay_batch(home.settings, one.batch_id),  # noqa: B023
                )  # fmt: skip
        else:
            killed_at(chance.randint(1, 12) if step == "kill" else 0, monkeypatch, home.land)
            if chance.random() < 0.6:
                killed_at(chance.randint(1, 5), monkeypatch, partial(accept, home))
    for file in list(away.iterdir()):
        file.rename(home.folder / "landing" / file.name)
    last = base | chance.choice(MAPPINGS[:-1])
    for one in homes:
        one.feed(**last)
    for name, lines in delivered:
        at_once.deliver_lines(*lines, name=name)
    for one in homes:
        one.land()
        accept(one)
        recover_all(one.settings)
    assert what_counts(home) == what_counts(at_once)
    assert len(home.leftovers()) == len(at_once.leftovers())


CONTENTS = {
    "A": {1: "10.00", 2: "1.00"},
    "B": {1: "99.00", 3: "3.00"},
    "C": {2: "55.00", 3: "4.00"},
    "D": {1: "0.50"},
}


def as_it_counts(
    deliveries: list[tuple[str, str]], is_snapshot: bool
) -> tuple[dict[int, str], int]:
    """What counts after deliveries of (name, content), and how many were skipped."""
    names: dict[str, list[str]] = {}
    loaded: list[str] = []
    skipped = 0
    for name, content in deliveries:
        before = names.setdefault(name, [])
        is_taken_back = content in before and before[-1] != content
        if content in loaded and not is_taken_back:
            skipped += 1
        else:
            loaded.append(content)
        before.append(content)
    if is_snapshot:
        return (CONTENTS[loaded[-1]] if loaded else {}), skipped
    return {key: value for c in loaded for key, value in CONTENTS[c].items()}, skipped


@pytest.mark.parametrize("delivery", ["incremental", "snapshot"])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_counts_after_any_deliveries_is_as_an_oracle_says(
    home: Home, delivery: str, seed: int
) -> None:
    """Corrections, corrections taken back, the same again under the same name or another one."""
    chance = random.Random(seed)
    home.feed(delivery=delivery)
    deliveries: list[tuple[str, str]] = []
    for number in range(9):
        name, content = chance.choice("xy"), chance.choice(list(CONTENTS))
        if not number:
            name, content = "x", "A"
        lines = (payment(key, amount=value) for key, value in CONTENTS[content].items())
        file = home.deliver_lines(*lines, name=f"payments_{name}.csv")
        # A copy may keep the time of the file, or have that of the copying.
        when = ord(content) if chance.random() < 0.5 else 1000 + number
        os.utime(file, ns=(when, when))
        home.land()
        accept(home)
        deliveries.append((name, content))
        expected, skipped = as_it_counts(deliveries, delivery == "snapshot")
        batches = counting(home)[-1 if delivery == "snapshot" else 0 :]
        rank = {batch.batch_id: place for place, batch in enumerate(batches)}
        rows = home.rows("_batch_id, transaction_id, amount::varchar")
        in_order = sorted(
            (rank[batch], key, amount) for batch, key, amount in rows if batch in rank
        )
        newest = {int(key[1:]): amount for _, key, amount in in_order}
        assert newest == expected, deliveries
        assert len([b for b in home.ledger() if b.status == "duplicate"]) <= skipped


def test_a_correction_that_is_taken_back_brings_the_first_content_back(home: Home) -> None:
    for amount in ("10.00", "99.00", "10.00"):
        home.deliver_lines(payment(1, amount=amount))
        home.land()
    first, _, third = home.ledger()
    assert third.batch_id == f"{first.batch_id}-2" and third.sequence > first.sequence
    assert home.rows("amount::varchar")[-1] == ("10.00",)
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
    assert home.rows("amount::varchar") == [("1.00",), ("2.00",)]


def test_a_feed_that_left_is_told_and_can_be_withdrawn(landed: Home) -> None:
    landed.feed(name="others", path="others*")
    landed.config["feeds"].append(PAYMENTS | {"name": "more", "path": "more*"})
    relanding_module.look_back(landed.settings)
    (text,) = notices(landed)
    assert text == (
        "payments: 1 batches (10 rows) still count, though the feed is no longer in feeds.yml; "
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
