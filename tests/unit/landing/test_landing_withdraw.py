"""An accepted batch taken out again stays out until its file is replaced."""

from __future__ import annotations

import os
from collections.abc import Callable

import duckdb
import pytest
from landing_home import Home, payment
from typer.testing import CliRunner

from saydo.cli import app
from saydo.errors import ConfigError, SaydoError
from saydo.landing import Batch, replay_batch, withdraw_batch, write_entry


@pytest.fixture
def batch(home: Home) -> Batch:
    """An accepted batch with one good and one quarantined row."""
    home.deliver_lines(payment(1), payment(2, kind="gift"))
    home.land()
    (landed,) = home.ledger()
    accepted = landed.model_copy(update={"status": "accepted"})
    write_entry(home.settings, accepted)
    return accepted


def test_all_of_it_goes_and_its_entry_says_so(
    home: Home, batch: Batch, reconciles: Callable[[Batch], bool]
) -> None:
    done = withdraw_batch(home.settings, batch.batch_id)
    assert done == {"batch_ids": [batch.batch_id], "file_name": "payments.csv", "row_count": 1}
    assert home.leftovers() == []
    (entry,) = home.ledger()
    assert entry.status == "withdrawn" and reconciles(entry)
    assert entry.refused_reason == "withdrawn by the operator"
    assert withdraw_batch(home.settings, batch.batch_id)["batch_ids"] == []


def test_the_unchanged_file_is_not_landed_again(home: Home, batch: Batch) -> None:
    withdraw_batch(home.settings, batch.batch_id)
    assert home.land()["landed"] == []
    assert home.leftovers() == []


def test_a_touched_file_is_landed_again_and_a_replaced_one_is(home: Home, batch: Batch) -> None:
    withdraw_batch(home.settings, batch.batch_id)
    file = home.folder / "landing" / "payments.csv"
    os.utime(file, ns=(1, 1))
    assert home.land()["landed"] == [batch.batch_id]
    withdraw_batch(home.settings, batch.batch_id)
    home.deliver_lines(payment(3))
    (corrected,) = home.land()["landed"]
    assert corrected != batch.batch_id
    assert home.rows("transaction_id") == [("t3",)]


def test_what_was_replayed_of_it_goes_too(home: Home, batch: Batch) -> None:
    home.feed(columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    replay = replay_batch(home.settings, batch.batch_id)["batch_id"]
    done = withdraw_batch(home.settings, batch.batch_id)
    assert (done["batch_ids"], done["row_count"]) == ([batch.batch_id, replay], 2)
    assert home.leftovers() == []


def test_data_left_by_a_kill_goes_when_asked_again(home: Home, batch: Batch) -> None:
    write_entry(home.settings, batch.model_copy(update={"status": "withdrawn"}))
    assert home.leftovers() != []
    withdraw_batch(home.settings, batch.batch_id)
    assert home.leftovers() == []


def test_what_is_not_in_use_cannot_be_withdrawn(home: Home, batch: Batch) -> None:
    with pytest.raises(ConfigError, match="there is no batch 'payments-0'"):
        withdraw_batch(home.settings, "payments-0")
    write_entry(home.settings, batch.model_copy(update={"status": "refused"}))
    with pytest.raises(ConfigError, match="is refused: nothing of it is in use"):
        withdraw_batch(home.settings, batch.batch_id)


def test_nothing_is_withdrawn_beneath_a_build(
    home: Home, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise duckdb.IOException("Could not set lock on file")

    home.settings.warehouse.touch()
    monkeypatch.setattr("saydo.landing.withdrawal.duckdb.connect", busy)
    with pytest.raises(SaydoError, match="is being built; withdraw when the build has ended"):
        withdraw_batch(home.settings, batch.batch_id)
    assert home.leftovers() != []


def test_the_command_says_what_went_and_when_the_file_comes_back(home: Home, batch: Batch) -> None:
    where = ["--home", str(home.folder), "--feeds", str(home.settings.feeds_file)]
    words = ["feeds", "withdraw", batch.batch_id, *where]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert f"withdrawn: {batch.batch_id}, 1 rows of payments.csv." in done.output
    assert "until it is replaced" in done.output
    assert home.leftovers() == []
    assert "was withdrawn before" in CliRunner().invoke(app, words).output
    unknown = CliRunner().invoke(app, ["feeds", "withdraw", "payments-0", *where])
    assert unknown.exit_code == 2 and "there is no batch 'payments-0'" in unknown.output
