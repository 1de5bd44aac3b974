"""Decisions through releases: each day once, whatever is killed, rolled back or restored."""

from __future__ import annotations

import json
import stat
from datetime import datetime

import pytest
from made_releases import handed, keep_clear_ids, make_settings, point, release, release_id

from saydo import durable
from saydo.actions import (
    CREDITS,
    HAND_OVERS,
    decide_credits,
    forget_customers,
    hand_over,
    outbox,
    propose_credits,
    record_hand_overs,
)
from saydo.actions.store import decided_hash, read
from saydo.build.carried import carry_over
from saydo.errors import ConfigError

EVERYBODY = "recovery: {holdout_share: 0}\n"
NOW = datetime(2025, 3, 20)


@pytest.fixture
def home(tmp_path):
    settings = make_settings(tmp_path, EVERYBODY)
    keep_clear_ids(settings)
    return settings


def decided(settings) -> list[tuple]:
    return sorted(
        (row["decided_for"], row["incident_date"].day, row["decision"])
        for row in read(settings, CREDITS).to_pylist()
    )


def run(settings) -> None:
    decide_credits(settings, NOW)
    hand_over(settings, NOW)
    record_hand_overs(settings, NOW)


def test_a_second_run_decides_nothing_and_hands_nothing_over(home):
    release(home, 1, [(1, 0), (2, 0)])
    run(home)
    before = {path: path.read_bytes() for path in home.home.rglob("*.*") if path.is_file()}
    run(home)
    after = {path: path.read_bytes() for path in home.home.rglob("*.*") if path.is_file()}
    assert before == after
    assert decided(home) == [("c_1", 9, "credit"), ("c_2", 9, "credit")]
    assert [row["account_id"] for row in sorted(handed(home), key=lambda r: r["account_id"])] == [
        "AC-1", "AC-2",
    ]  # fmt: skip


def test_every_release_since_the_last_decision_is_worked_off_and_no_other(home):
    release(home, 1, [(1, 0)])
    run(home)
    release(home, 2, [(2, 3)])
    release(home, 3, [(3, 0)], is_current=False)  # a backfill of an earlier day
    release(home, 4, [(4, 0)])
    run(home)
    assert [who for who, _, _ in decided(home)] == ["c_1", "c_2", "c_4"]


def test_a_release_that_was_rolled_back_is_not_decided_on_and_its_decisions_stand(home):
    release(home, 1, [(1, 0)])
    release(home, 2, [(1, 0), (2, 0)])
    point(home, 1)
    run(home)
    assert [who for who, _, _ in decided(home)] == ["c_1"]
    point(home, 2)
    run(home)
    point(home, 1)
    run(home)
    release(home, 3, [(1, 0), (2, 0), (3, 0)])
    run(home)
    assert [who for who, _, _ in decided(home)] == ["c_1", "c_2", "c_3"]
    assert len(handed(home)) == 3


def test_a_merged_customer_and_one_minted_anew_are_not_credited_again(home):
    release(home, 1, [(1, 0), (2, 0)])
    run(home)
    # Account 1 is of customer 5 now, account 2 of one with another id.
    release(home, 2, [(5, 0), (7, 0)], owners={1: 5, 5: 5, 2: 7})
    run(home)
    assert [who for who, _, _ in decided(home)] == ["c_1", "c_2"]


def test_a_changed_policy_needs_its_next_version_and_waits_for_the_next_release(home, tmp_path):
    release(home, 1, [(1, 0)])
    run(home)
    release(home, 2, [(1, 0), (2, 0)])
    changed = make_settings(tmp_path, "recovery: {holdout_share: 0, factor: 3}\n")
    with pytest.raises(ConfigError, match="give it version 2"):
        decide_credits(changed, NOW)
    second = make_settings(tmp_path, "recovery: {holdout_share: 0, factor: 3, version: 2}\n")
    assert propose_credits(second, NOW).other_version_count == 2
    run(second)
    release(home, 3, [(1, 0), (2, 0)], version=2)
    run(second)
    versions = {
        row["decided_for"]: row["policy_version"] for row in read(home, CREDITS).to_pylist()
    }
    assert versions == {"c_1": 1, "c_2": 2}


def test_a_dry_run_writes_nothing(home):
    release(home, 1, [(1, 0), (2, 0)])
    before = sorted(path for path in home.home.rglob("*") if path.is_file())
    proposal = propose_credits(home, NOW)
    assert proposal.counts == {"credit": 2} and str(proposal.total_amount) == "5.00"
    assert before == sorted(path for path in home.home.rglob("*") if path.is_file())


def test_the_hand_over_is_the_owners_alone_and_its_manifest_names_nobody(home):
    release(home, 1, [(1, 0)])
    run(home)
    files = list(outbox(home).iterdir())
    assert {file.suffix for file in files} == {".csv", ".json"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(outbox(home).stat().st_mode) == 0o700
    (manifest,) = outbox(home).glob("*.json")
    assert "AC-" not in manifest.read_text() and json.loads(manifest.read_text())["row_count"] == 1


def test_a_credit_without_a_clear_id_waits_and_is_handed_over_when_it_is_there(home):
    keep_clear_ids(home, range(1, 2))
    release(home, 1, [(1, 0), (2, 0)])
    decide_credits(home, NOW)
    assert hand_over(home, NOW)["waiting_count"] == 1
    keep_clear_ids(home)
    run(home)
    assert [row["account_id"] for row in handed(home)].count("AC-2") == 1 and len(handed(home)) == 2


def test_an_account_id_that_a_spreadsheet_would_reckon_is_plain_text(home, monkeypatch):
    monkeypatch.setattr(
        "saydo.actions.handing_over.account_ids", lambda settings: {"a1": "=HYPERLINK(1)"}
    )
    release(home, 1, [(1, 0)])
    run(home)
    assert [row["account_id"] for row in handed(home)] == ["'=HYPERLINK(1)"]


def test_an_erased_customer_leaves_state_and_outbox_and_is_listed_for_recall(home):
    release(home, 1, [(1, 0), (2, 0)])
    run(home)
    (gone,) = [r["decision_id"] for r in handed(home) if r["account_id"] == "AC-1"]
    for _ in range(2):  # a retry finds nothing more
        forget_customers(home, ["c_1"], [])
        assert [row["account_id"] for row in handed(home)] == ["AC-2"]
        assert decided(home) == [("c_2", 9, "credit")]
        assert gone not in read(home, HAND_OVERS).column("decision_id").to_pylist()
        (manifest,) = outbox(home).glob("*.json")
        assert json.loads(manifest.read_text())["recalled_decision_ids"] == [gone]
    assert forget_customers(home, [], ["a2"]) == 1 and handed(home) == []


def test_a_restored_release_brings_its_decisions_back(home):
    release(home, 1, [(1, 0)], decided="'2025-03-10'::timestamp")
    carry_over(home, [])
    (row,) = read(home, CREDITS).to_pylist()
    assert (row["decided_for"], row["account_key"], row["decision"]) == ("c_1", "a1", "credit")
    known = decided_hash(home)
    carry_over(home, [])
    assert decided_hash(home) == known != ""
    release(home, 2, [(1, 0)])
    run(home)
    assert len(decided(home)) == 1 and handed(home) == []


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


def test_a_kill_at_any_write_hands_each_decision_over_once(tmp_path, monkeypatch):
    original = durable.replace_with
    for step in range(40):
        settings = make_settings(tmp_path / str(step), EVERYBODY)
        keep_clear_ids(settings)
        release(settings, 1, [(1, 0), (2, 0)])
        writes = 0

        def die(beside, path, step=step):
            nonlocal writes
            writes += 1
            is_due = writes == step // 2 + 1
            if is_due and step % 2 == 0:
                raise Killed
            original(beside, path)
            if is_due:
                raise Killed

        monkeypatch.setattr(durable, "replace_with", die)
        was_killed = False
        try:
            run(settings)
        except Killed:
            was_killed = True
        monkeypatch.setattr(durable, "replace_with", original)
        release(settings, 2, [(1, 0), (2, 0), (3, 0)])  # a later day comes before the retry
        run(settings)
        run(settings)
        assert [who for who, _, _ in decided(settings)] == ["c_1", "c_2", "c_3"], step
        assert sorted(row["account_id"] for row in handed(settings)) == ["AC-1", "AC-2", "AC-3"]
        assert read(settings, HAND_OVERS).num_rows == 3
        assert not [
            f for f in outbox(settings).glob("*.csv") if not f.with_suffix(".json").exists()
        ]
        if not was_killed:
            assert step == 8  # before and after each of four: decisions, file, manifest, record
            return
    raise AssertionError("a run that is never done")


def test_releases_are_named_in_the_order_they_were_published():
    assert [release_id(n) for n in (1, 2)] == sorted(release_id(n) for n in (2, 1))
