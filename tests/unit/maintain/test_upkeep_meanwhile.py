"""Upkeep and the operator at once: what was withdrawn meanwhile stays withdrawn."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from fake_home import account

from saydo.landing.ledger import read_entry, read_ledger
from saydo.maintain import apply_retention, erase, retention, rewriting

LATER = datetime(2035, 1, 1, tzinfo=UTC)
WITHDRAW = """
import sys
from pathlib import Path
# As if the lock on the home had been removed by hand.
from saydo.landing.withdrawal import _withdraw_batch as withdraw_batch
from saydo.settings import Settings
home, feeds = map(Path, sys.argv[1:3])
withdraw_batch(Settings(home=home, feeds_file=feeds), sys.argv[3])
"""


def withdraw(settings, batch_id):
    """As somebody at another terminal does."""
    paths = [str(settings.home), str(settings.feeds_file)]
    subprocess.run([sys.executable, "-c", WITHDRAW, *paths, batch_id], check=True, timeout=60)


@pytest.fixture
def expire(home, monkeypatch):
    """Apply retention; the given batch is withdrawn once the ledger has been read."""

    def run(batch_id):
        left = [batch_id]

        def then_withdrawn(*values):
            entries = read_ledger(*values)
            if left:
                withdraw(home.settings, left.pop())
            return entries

        monkeypatch.setattr(retention, "read_ledger", then_withdrawn)
        home.settings.policy_file.write_text("retention:\n  keep_raw_days: 30\n")
        return apply_retention(home.settings, LATER)["raw_batch_ids"]

    return run


def batch_of(home, source):
    return max(b.batch_id for b in read_ledger(home.settings) if b.source == source)


def test_a_batch_withdrawn_while_raw_expires_stays_withdrawn(home, expire):
    batch = batch_of(home, "transactions")
    assert batch not in expire(batch)
    entry = read_entry(home.settings, batch)
    assert entry.status == "withdrawn" and "expired" not in entry.reason_counts


def test_the_snapshot_that_is_the_newest_by_now_does_not_expire(home, expire):
    first, last = (home.land("transactions", [], feed="b", delivery="snapshot") for _ in "12")
    assert first not in expire(last)
    assert read_entry(home.settings, first).status == "accepted"
    assert (home.settings.raw / "transactions" / f"batch={first}").exists()


def test_a_batch_withdrawn_while_a_person_is_erased_from_it_stays_withdrawn(home, monkeypatch):
    home.ask("r1", "account_id", account(1))
    batch = batch_of(home, "transactions")
    rewrite = rewriting._rewrite_batch

    def then_withdrawn(settings, connection, folder, *found):
        if batch in str(folder):
            withdraw(home.settings, batch)
        return rewrite(settings, connection, folder, *found)

    monkeypatch.setattr(rewriting, "_rewrite_batch", then_withdrawn)
    erase(home.settings)
    entry = read_entry(home.settings, batch)
    assert entry.status == "withdrawn" and "erased" not in entry.reason_counts
    assert not (home.settings.raw / "transactions" / f"batch={batch}").exists()
    assert account(1) not in home.left("accounts", "account_key")
    home.assert_reconciled()
