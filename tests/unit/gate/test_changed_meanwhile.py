"""A verdict is written to the batch that was looked at, as it is now, or not at all."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest
from gate_home import good_rows, land, status

from saydo.gate import check_sources, sources
from saydo.gate.engine import Engine, Finding
from saydo.landing import withdraw_batch
from saydo.landing.ledger import read_entry, read_ledger, write_entry

WITHDRAW = """
import sys
from pathlib import Path
from saydo.landing import withdraw_batch
from saydo.settings import Settings
home = Path(sys.argv[1])
withdraw_batch(Settings(home=home, feeds_file=home / "feeds.yml"), sys.argv[2])
"""


def withdraw(settings, batch):
    """As somebody at another terminal does."""
    call = [sys.executable, "-c", WITHDRAW, str(settings.home), batch.batch_id]
    subprocess.run(call, check=True, timeout=60)


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(action): call `action` once, after the last suite, or before the first one."""
    validate = Engine.validate

    def arrange(action, when="after"):
        left = [action]

        def interrupted(engine, suite, schema):
            if when == "before" and left:
                left.pop()()
            outcome = validate(engine, suite, schema)
            if suite.table in ("transactions", "subscriptions") and left:
                left.pop()()
            return outcome

        monkeypatch.setattr(Engine, "validate", interrupted)

    return arrange


BAD = {"currency": None}


def data(settings, batch):
    return settings.raw / batch.source / f"batch={batch.batch_id}"


@pytest.mark.parametrize("changes", [{}, BAD], ids=["to be accepted", "to be refused"])
def test_a_batch_withdrawn_while_it_is_checked_stays_withdrawn(
    settings, meanwhile, caplog, changes
):
    batch = land(settings, "transactions", good_rows("transactions", **changes))
    other = land(settings, "accounts", good_rows("accounts"))
    meanwhile(lambda: withdraw(settings, batch))
    check_sources(settings)
    entry = read_entry(settings, batch.batch_id)
    assert (entry.status, entry.loaded_count, entry.filtered_count) == ("withdrawn", 0, 40)
    assert entry.refused_reason == "withdrawn by the operator"
    assert not data(settings, batch).exists() and status(settings, other) == "accepted"
    assert f"{batch.batch_id}: withdrawn while it was checked: left as it is" in caplog.messages
    assert f"{batch.batch_id}: 40 rows accepted" not in caplog.messages


@pytest.mark.parametrize("when", ["before", "between"])
def test_the_others_are_checked_again_without_a_batch_whose_files_went(
    settings, meanwhile, monkeypatch, when
):
    """Before a suite of its source is begun, or amid its expectations."""
    going = land(settings, "transactions", good_rows("transactions"), name="going")
    good = land(settings, "transactions", good_rows("transactions"), name="good", sequence=2)
    other = land(settings, "interactions", good_rows("interactions"))
    if when == "before":
        meanwhile(lambda: withdraw(settings, going), "before")
    else:
        import great_expectations as gx

        left, suite = [going], gx.ExpectationSuite

        def begun(name, expectations):
            if name == "sources.transactions" and left:
                withdraw(settings, left.pop())
            return suite(name=name, expectations=expectations)

        monkeypatch.setattr(gx, "ExpectationSuite", begun)
    assert check_sources(settings)["success"] is True
    assert [status(settings, batch) for batch in (going, good, other)] == [
        "withdrawn",
        "accepted",
        "accepted",
    ]
    assert data(settings, good).exists()


def test_what_refuses_all_of_a_source_is_looked_at_again_without_a_batch_that_went(
    settings, monkeypatch
):
    going = land(settings, "transactions", good_rows("transactions"), name="going")
    good = land(settings, "transactions", good_rows("transactions"), name="good", sequence=2)
    validate, left = Engine.validate, [going]
    raised = Finding("a rule", True, "its note", "the expectation itself failed")

    def once(engine, suite, schema):
        outcome = validate(engine, suite, schema)
        if not left:
            return outcome
        withdraw(settings, left.pop())
        return replace(outcome, findings=(raised,))

    monkeypatch.setattr(Engine, "validate", once)
    check_sources(settings)
    assert (status(settings, going), status(settings, good)) == ("withdrawn", "accepted")


def test_an_evaluation_that_fails_with_every_batch_as_it_was_is_told(settings, monkeypatch):
    land(settings, "transactions", good_rows("transactions"))

    def broken(*_):
        raise OSError(5, "disk fails")

    monkeypatch.setattr(sources, "build_database", broken)
    with pytest.raises(OSError, match="disk fails"):
        check_sources(settings)


def test_rows_erased_while_they_are_checked_are_judged_by_the_next_run(settings, meanwhile, caplog):
    batch = land(settings, "transactions", good_rows("transactions"))
    erased = {"loaded_count": 39, "filtered_count": 1, "reason_counts": {"erased": 1}}
    meanwhile(lambda: write_entry(settings, batch.model_copy(update=erased)))
    check_sources(settings)
    entry = read_entry(settings, batch.batch_id)
    assert entry == batch.model_copy(update=erased)
    assert f"{batch.batch_id}: its rows were changed while it was checked: left as it is" in (
        caplog.messages
    )
    check_sources(settings)
    assert read_entry(settings, batch.batch_id) == entry.model_copy(update={"status": "accepted"})


def test_a_refusal_does_not_take_the_data_of_a_file_landed_again_meanwhile(settings, meanwhile):
    bad = land(settings, "transactions", good_rows("transactions", **BAD))

    def again():
        withdraw(settings, bad)
        land(settings, "transactions", good_rows("transactions"), sequence=7)

    meanwhile(again)
    check_sources(settings)
    entry = read_entry(settings, bad.batch_id)
    assert (entry.status, entry.sequence, entry.refused_reason) == ("landed", 7, None)
    assert data(settings, bad).exists()


def read_before(monkeypatch, settings, action):
    """The ledger is read, and then `action` changes it."""
    stale = read_ledger(settings)
    action()
    monkeypatch.setattr(sources, "read_ledger", lambda _: stale)


def test_a_batch_withdrawn_before_its_data_is_looked_for_is_not_refused(settings, monkeypatch):
    batch = land(settings, "transactions", good_rows("transactions"))
    read_before(monkeypatch, settings, lambda: withdraw_batch(settings, batch.batch_id))
    check_sources(settings)
    assert status(settings, batch) == "withdrawn"


def test_data_of_a_refused_file_that_is_landed_again_is_not_swept_away(settings, monkeypatch):
    batch = land(settings, "transactions", good_rows("transactions"), status="refused")
    landed = batch.model_copy(update={"status": "landed", "sequence": 7})
    read_before(monkeypatch, settings, lambda: write_entry(settings, landed))
    check_sources(settings)
    assert data(settings, batch).exists() and read_entry(settings, batch.batch_id) == landed


def test_a_warning_is_added_to_what_the_entry_says_by_now(settings, meanwhile):
    old = {"ended_at": datetime(2020, 1, 1)}
    batch = land(settings, "subscriptions", good_rows("subscriptions", **old))
    noted = batch.model_copy(update={"warnings": ["noted meanwhile"]})
    meanwhile(lambda: write_entry(settings, noted))
    check_sources(settings)
    entry = read_entry(settings, batch.batch_id)
    assert entry.status == "accepted" and entry.warnings[0] == "noted meanwhile"
    assert len(entry.warnings) == 2
