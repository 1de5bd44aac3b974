"""A run killed at any step leaves nothing of a batch or all of it, and the next run converges."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from landing_home import Home, payment

from saydo.landing import Batch, prepare_raw, replay_batch
from saydo.landing.raw import feed_lock

# Kills itself without a word just before its n-th durable step.
KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path

feeds, home, step, action = sys.argv[1:5]
left = int(step)

def dying(original):
    def call(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)
    return call

from saydo.landing import land_feed, replay_batch
from saydo.settings import Settings

settings = Settings(home=Path(home), feeds_file=Path(feeds), threads=1)
Path.rename = dying(Path.rename)
Path.replace = dying(Path.replace)
Path.unlink = dying(Path.unlink)
if action == "land":
    land_feed(settings, "payments", now=datetime(2024, 6, 30, tzinfo=UTC))
else:
    replay_batch(settings, action)
"""


def run_and_kill(home: Home, step: int, action: str = "land") -> bool:
    """Whether the child was killed; False: it had fewer steps and came to its end."""
    home.settings  # noqa: B018 - writes feeds.yml
    arguments = [str(home.folder / "feeds.yml"), str(home.folder), str(step), action]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode != 0


def state(home: Home) -> tuple[object, ...]:
    """All that a finished landing leaves, apart from its load order and clock."""
    return (
        sorted(home.rows("transaction_id, id_key, amount, _line_number, _batch_id")),
        home.quarantined("line_number, raw_text, _batch_id"),
        sorted(
            (b.batch_id, b.status, b.delivered_count, b.loaded_count, b.quarantined_count)
            for b in home.ledger()
        ),
        sorted(path.name for path in home.leftovers()),
    )


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_landing_killed_at_any_step_converges(home: Home, tmp_path: Path, step: int) -> None:
    (tmp_path / "reference" / "landing").mkdir(parents=True)
    reference = Home(tmp_path / "reference")
    for one in (home, reference):
        one.environment = {"pseudonym_key": "k" * 8}
        one.deliver_lines(payment(1), payment(2, amount="x"), payment(3))
    reference.land()
    prepare_raw(home.settings)
    os.environ["SAYDO_PSEUDONYM_KEY"] = "k" * 8
    try:
        run_and_kill(home, step)
    finally:
        del os.environ["SAYDO_PSEUDONYM_KEY"]
    if home.ledger():
        assert state(home) == state(reference)
    home.land()
    assert state(home) == state(reference)
    assert not list((home.folder / "raw" / "_incoming").iterdir())


@pytest.mark.parametrize(("step", "is_killed"), [(8, True), (9, False)])
def test_the_kill_reaches_every_step_of_a_landing(home: Home, step: int, is_killed: bool) -> None:
    home.deliver_lines(payment(1), payment(2, amount="x"))
    prepare_raw(home.settings)
    (home.folder / "state" / "pseudonym.key").write_text("k")
    assert run_and_kill(home, step) is is_killed


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_replay_killed_at_any_step_counts_every_row_once(
    home: Home, reconciles: Callable[[Batch], bool], step: int
) -> None:
    home.deliver_lines(payment(1), payment(2, kind="gift"), payment(3, amount="x"))
    home.land()
    (batch,) = home.ledger()
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    run_and_kill(home, step, batch.batch_id)
    prepare_raw(home.settings)
    if len(home.ledger()) == 1:
        replay_batch(home.settings, batch.batch_id)
    assert sorted(home.rows("transaction_id")) == [("t1",), ("t2",)]
    assert home.quarantined("line_number") == [(4,)]
    assert [b.batch_id for b in home.ledger()] == [batch.batch_id, f"{batch.batch_id}-r1"]
    assert all(reconciles(b) for b in home.ledger())
    assert sum(b.delivered_count for b in home.ledger()) == 3
    assert not list((home.folder / "quarantine").glob("*/.*"))


def test_leftovers_of_a_feed_that_is_being_landed_are_left_alone(home: Home) -> None:
    prepare_raw(home.settings)
    working = home.folder / "raw" / "_incoming" / "payments"
    working.mkdir(parents=True)
    with feed_lock(home.settings, "payments"):
        prepare_raw(home.settings)
        assert working.exists()
    prepare_raw(home.settings)
    assert not working.exists()


def test_a_batch_without_an_entry_is_removed_at_the_start(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, amount="x"))
    home.land()
    (entry,) = (home.folder / "raw" / "_batches").glob("*.json")
    entry.unlink()
    prepare_raw(home.settings)
    assert home.leftovers() == []
