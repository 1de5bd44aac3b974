"""Any history of deliveries, mappings and killed runs comes to what a plain one does."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from landing_accepted import accept, counting
from landing_home import Home, payment

from saydo.errors import SaydoError
from saydo.landing import replay_batch
from saydo.landing.raw import recover_all

DOUBLED = {"amount": "cast(amount as decimal(18, 2)) * 2"}
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


@pytest.mark.parametrize("seed", [5, 14, 15])
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
        homes[-1].policy = {"landing": {"max_key_conflict_ratio": 1}}
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
        rows = home.rows("_batch_id, transaction_id, amount::decimal(18,2)::varchar")
        in_order = sorted(
            (rank[batch], key, amount) for batch, key, amount in rows if batch in rank
        )
        newest = {int(key[1:]): amount for _, key, amount in in_order}
        assert newest == expected, deliveries
        assert len([b for b in home.ledger() if b.status == "duplicate"]) <= skipped
