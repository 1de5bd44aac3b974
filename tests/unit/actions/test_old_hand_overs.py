"""Files with clear ids leave the outbox at their age; what they told can be recalled for longer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from made_releases import keep_clear_ids, make_settings, release

from saydo.actions import decide_credits, forget_customers, hand_over, outbox, record_hand_overs
from saydo.actions.forgetting import expire_hand_overs
from saydo.actions.handing_over import record_delivery, undelivered

NOW = datetime(2025, 3, 20)
LATER = NOW + timedelta(days=91)
TO_BILLING = "recovery: {holdout_share: 0, destinations: [{kind: webhook, connection_id: billing}]}"


def handed_over(folder, policy):
    """A home that handed two credits over, and the manifest of it."""
    settings = make_settings(folder, policy)
    keep_clear_ids(settings)
    release(settings, 1, [(1, 0), (2, 0)])
    decide_credits(settings, NOW)
    hand_over(settings, NOW)
    record_hand_overs(settings, NOW)
    return settings, only_manifest(settings)


def only_manifest(settings):
    (file,) = outbox(settings).glob("*.json")
    return json.loads(file.read_text())


def expire(settings, before=NOW + timedelta(days=1)):
    return expire_hand_overs(settings, before, LATER)


@pytest.fixture
def home(tmp_path):
    return handed_over(tmp_path, "recovery: {holdout_share: 0}")[0]


def test_an_old_file_goes_once_and_nothing_is_handed_over_again(home):
    assert expire(home, before=NOW) == 0
    assert expire(home) == 1 and expire(home) == 0
    assert not list(outbox(home).glob("*.csv"))
    hand_over(home, LATER)
    record_hand_overs(home, LATER)
    assert not list(outbox(home).glob("*.csv"))
    assert undelivered(home, "a destination of tomorrow") == []


def test_an_erased_person_is_recalled_from_a_file_that_has_gone(home):
    expire(home)
    before = only_manifest(home)
    assert forget_customers(home, ["c_1"], []) == 1
    after = only_manifest(home)
    assert len(after["recalled_decision_ids"]) == 1
    assert {*after["recalled_decision_ids"], *after["decision_ids"]} == {*before["decision_ids"]}
    assert not list(outbox(home).glob("*.csv"))


def test_what_a_destination_has_not_taken_stays_and_is_told(tmp_path, caplog):
    home, manifest = handed_over(tmp_path, TO_BILLING)
    assert expire(home) == 0 and "billing has not taken it" in caplog.text
    assert list(outbox(home).glob("*.csv"))
    record_delivery(home, manifest, "billing", NOW)
    assert expire(home) == 1


def test_a_kill_between_the_manifest_and_the_file_leaves_no_file_for_good(home):
    (file,) = outbox(home).glob("*.csv")
    text = file.read_text()
    expire(home)
    file.write_text(text)
    assert expire(home) == 0 and not file.exists()
