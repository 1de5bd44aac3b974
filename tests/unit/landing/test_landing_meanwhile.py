"""An entry that another process changes meanwhile keeps what it became, and rows count once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from landing_home import Home, payment

from saydo.errors import ConfigError
from saydo.gate import check_sources
from saydo.gate.engine import Engine
from saydo.landing import (
    Batch,
    change_entry,
    prepare_raw,
    replay,
    replay_batch,
    write_entry,
)
from saydo.landing.ledger import read_entry
from saydo.landing.raw import feed_lock

REPLAY = """
import sys
from pathlib import Path
from saydo.landing import replay_batch
from saydo.settings import Settings
home = Path(sys.argv[1])
replay_batch(Settings(home=home, feeds_file=home / "feeds.yml"), sys.argv[2])
"""


@pytest.fixture
def batch(home: Home) -> Batch:
    """A landed batch with one good row and one that would pass by now."""
    home.deliver_lines(payment(1), payment(2, kind="gift"))
    home.land()
    (landed,) = home.ledger()
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    home.settings  # noqa: B018 - writes feeds.yml
    return landed


def test_rows_replayed_while_their_batch_is_checked_count_once(
    home: Home, batch: Batch, monkeypatch: pytest.MonkeyPatch, reconciles: Callable[[Batch], bool]
) -> None:
    validate = Engine.validate

    def interrupted(*values: object) -> object:
        outcome = validate(*values)
        call = [sys.executable, "-c", REPLAY, str(home.folder), batch.batch_id]
        subprocess.run(call, check=True, timeout=60)
        return outcome

    monkeypatch.setattr(Engine, "validate", interrupted)
    check_sources(home.settings)
    old, new = home.ledger()
    assert (old.status, old.delivered_count, old.quarantined_count) == ("accepted", 1, 0)
    assert (new.status, new.delivered_count) == ("landed", 1)  # the next run judges it
    assert "1 quarantined rows were replayed" in old.warnings[0]
    assert reconciles(old) and reconciles(new)
    assert home.rows("transaction_id") == [("t1",), ("t2",)]


EXPIRED = {"loaded_count": 0, "filtered_count": 1, "reason_counts": {"gift": 1, "expired": 1}}


@pytest.mark.parametrize(
    "became",
    [
        {"status": "accepted", "warnings": ["odd"]},
        {"status": "refused", "refused_reason": "bad"},
        {"status": "duplicate", **EXPIRED},
    ],
    ids=["accepted", "refused", "expired"],
)
def test_a_killed_replay_that_is_finished_later_leaves_what_its_batch_became(
    home: Home,
    batch: Batch,
    monkeypatch: pytest.MonkeyPatch,
    reconciles: Callable[[Batch], bool],
    became: dict[str, object],
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(replay, "finish_replay", killed)
        replay_batch(home.settings, batch.batch_id)
    write_entry(home.settings, batch.model_copy(update=became))
    prepare_raw(home.settings)
    old, new = home.ledger()
    assert old.status == became["status"] and old.refused_reason == became.get("refused_reason")
    assert (old.delivered_count, old.quarantined_count, new.delivered_count) == (1, 0, 1)
    assert old.reason_counts == ({"expired": 1} if old.status == "duplicate" else {})
    assert old.warnings[: len(became.get("warnings", []))] == became.get("warnings", [])
    assert "were replayed" in old.warnings[-1] and reconciles(old) and reconciles(new)


def test_a_batch_that_goes_while_a_replay_waits_for_its_feed_is_not_replayed(
    home: Home, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = batch.model_copy(update={"status": "duplicate", **EXPIRED})
    monkeypatch.setattr(replay, "recover", lambda *_: write_entry(home.settings, gone))
    with pytest.raises(ConfigError, match="is duplicate: nothing of it is in quarantine"):
        replay_batch(home.settings, batch.batch_id)
    assert home.ledger() == [gone]


def test_an_entry_is_changed_by_whoever_holds_its_feed_and_by_nobody_else(
    home: Home, batch: Batch
) -> None:
    change = threading.Thread(
        target=change_entry,
        args=(home.settings, batch, lambda now: {"status": "accepted"}, "checked"),
    )
    with feed_lock(home.settings, batch.feed):
        change.start()
        change.join(0.3)
        assert change.is_alive() and read_entry(home.settings, batch.batch_id) == batch
        refused = batch.model_copy(update={"status": "refused"})
        write_entry(home.settings, refused)
    change.join(10)
    assert not change.is_alive() and home.ledger() == [refused]


def test_what_follows_a_change_happens_before_the_feed_is_let_go(home: Home, batch: Batch) -> None:
    seen = []

    def then(changed: Batch) -> None:
        with feed_lock(home.settings, batch.feed, wait=False) as is_ours:
            seen.append((changed.status, is_ours))

    changes = {"status": "accepted"}
    assert change_entry(home.settings, batch, lambda _: changes, "checked", then).status == (
        "accepted"
    )
    assert change_entry(home.settings, batch, lambda _: changes, "checked", then) is None
    assert seen == [("accepted", False)]
