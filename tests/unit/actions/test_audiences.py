"""Audiences through releases: who came and went is handed over once, and consent is a reason."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta

import duckdb
import pytest
from made_releases import keep_clear_ids, make_settings, point, release, release_id

from saydo import durable
from saydo.actions import (
    AUDIENCES,
    HAND_OVERS,
    decide_audiences,
    forget_customers,
    hand_over_audiences,
    outbox,
    propose_audiences,
    record_hand_overs,
    segment_sizes,
)
from saydo.actions.handing_over import undelivered
from saydo.actions.store import read

NOW = datetime(2025, 3, 20)
SEGMENTS = """
segments:
  - {code: fans, name: Fans, owner: us, predicate: is_in_flux}
  - {code: all_of_them, name: Everybody, owner: us, predicate: is_in_flux, hand_over: full}
  - {code: seen, name: Seen, owner: us, predicate: is_in_flux, hand_over: none}
"""


@pytest.fixture
def home(tmp_path):
    settings = make_settings(tmp_path)
    keep_clear_ids(settings)
    (tmp_path / "segments.yml").write_text(SEGMENTS)
    return settings.model_copy(update={"segments_file": tmp_path / "segments.yml"})


def publish(settings, number: int, members: str, **options) -> str:
    """A release with (segment, customer, reason) that are current, as SQL values."""
    made = release(settings, number, [(9, 0)], **options)
    duckdb.sql(
        "select segment, 'c_' || who as customer_id, segment as segment_code, reason, "
        "true as is_current, timestamp '2025-03-01' as entered_at, null::timestamp as left_at "
        f"from (values {members}) m(segment, who, reason)"
    ).write_parquet(str(settings.published / "releases" / made / "segment_memberships.parquet"))
    return made


def run(settings, day: int = 0) -> None:
    now = NOW + timedelta(days=day)
    decide_audiences(settings, now)
    hand_over_audiences(settings, now)
    record_hand_overs(settings, now)


def files(settings, code: str) -> list[dict]:
    """Manifests of a segment's hand-overs, oldest first."""
    found = [
        json.loads(file.read_text()) for file in outbox(settings).glob(f"audience-{code}-*.json")
    ]
    return sorted(found, key=lambda manifest: manifest["made_at"])


def handed(settings, code: str) -> list[dict[str, str]]:
    """What each of them says: clear account id to change."""
    told = []
    for manifest in files(settings, code):
        with (outbox(settings) / manifest["file"]).open() as text:
            told.append({row["account_id"]: row["change"] for row in csv.DictReader(text)})
    return told


def test_a_difference_tells_who_came_and_who_went_and_a_full_file_everybody(home):
    publish(home, 1, "('fans', 1, 'member'), ('fans', 2, 'member'), ('all_of_them', 1, 'member')")
    run(home)
    publish(home, 2, "('fans', 2, 'member'), ('fans', 3, 'member'), ('all_of_them', 1, 'member'), "
                     "('all_of_them', 4, 'member')")  # fmt: skip
    run(home, 1)
    assert handed(home, "fans") == [
        {"AC-1": "added", "AC-2": "added"},
        {"AC-1": "removed", "AC-3": "added"},
    ]
    assert handed(home, "all_of_them") == [{"AC-1": "member"}, {"AC-1": "member", "AC-4": "member"}]
    assert [manifest["is_full"] for manifest in files(home, "all_of_them")] == [True, True]


def test_a_full_file_of_who_was_there_before_is_handed_over_again(home):
    for number, members in enumerate(("1", "1, 2", "1"), start=1):
        values = ", ".join(f"('all_of_them', {who}, 'member')" for who in members.split(", "))
        publish(home, number, values)
        run(home, number)
    assert [sorted(told) for told in handed(home, "all_of_them")] == [
        ["AC-1"], ["AC-1", "AC-2"], ["AC-1"],
    ]  # fmt: skip


def test_a_second_run_and_a_rollback_decide_nothing_and_hand_nothing_over(home):
    publish(home, 1, "('fans', 1, 'member')")
    run(home)
    publish(home, 2, "('fans', 2, 'member')")
    run(home, 1)
    before = {path: path.read_bytes() for path in home.home.rglob("*.*") if path.is_file()}
    run(home, 2)
    point(home, 1)
    run(home, 3)
    after = {path: path.read_bytes() for path in home.home.rglob("*.*") if path.is_file()}
    assert before == after


def test_without_consent_nobody_is_handed_over_and_the_decision_says_why(home):
    publish(home, 1, "('fans', 1, 'no_consent'), ('fans', 2, 'member')")
    run(home)
    publish(home, 2, "('fans', 1, 'member'), ('fans', 2, 'no_consent')")
    run(home, 1)
    assert handed(home, "fans") == [{"AC-2": "added"}, {"AC-1": "added", "AC-2": "removed"}]
    told = [
        (row["decided_for"], row["decision"], row["reason"])
        for row in read(home, AUDIENCES).to_pylist()
    ]
    assert sorted(told) == [
        ("c_1", "add", "in the segment"),
        ("c_1", "no_consent", "no marketing consent"),
        ("c_2", "add", "in the segment"),
        ("c_2", "remove", "no marketing consent"),
    ]


def test_a_segment_that_is_not_handed_over_decides_nothing_and_is_counted(home):
    made = publish(home, 1, "('seen', 1, 'member'), ('seen', 2, 'member')")
    run(home)
    assert read(home, AUDIENCES).num_rows == 0 and not outbox(home).exists()
    assert segment_sizes(home, made) == {"all_of_them": 0, "fans": 0, "seen": 2}


def test_a_segment_that_is_taken_out_removes_everybody(home):
    publish(home, 1, "('fans', 1, 'member')")
    run(home)
    home.segments_file.write_text("segments: []\n")
    later = home.model_copy()
    later.__dict__.pop("segments", None)
    publish(later, 2, "('seen', 1, 'member')")
    run(later, 1)
    assert handed(later, "fans") == [{"AC-1": "added"}, {"AC-1": "removed"}]


def test_a_merged_customer_is_added_once_and_is_not_removed(home):
    publish(home, 1, "('fans', 1, 'member'), ('fans', 2, 'member')")
    run(home)
    publish(home, 2, "('fans', 1, 'member')", owners={2: 1})
    run(home, 1)
    assert handed(home, "fans")[1:] == [{"AC-2": "removed"}]  # one account stands for one customer


def test_an_account_without_a_clear_id_waits(home, tmp_path):
    store = home.restricted / "accounts" / "crm-1.parquet"
    store.unlink()
    publish(home, 1, "('fans', 1, 'member')")
    decide_audiences(home, NOW)
    assert hand_over_audiences(home, NOW)["waiting_count"] == 1
    keep_clear_ids(home)
    assert hand_over_audiences(home, NOW)["row_counts"] == {"fans": 1}


def test_credits_are_not_sent_where_audiences_go(home):
    publish(home, 1, "('fans', 1, 'member')")
    run(home)
    assert undelivered(home, "billing") == []
    assert len(undelivered(home, "crm", "audience-fans")) == 1


def test_an_erased_customer_leaves_every_file_and_is_listed_for_recall(home):
    publish(home, 1, "('all_of_them', 1, 'member')")
    run(home)
    publish(home, 2, "('all_of_them', 1, 'member'), ('all_of_them', 2, 'member')")
    run(home, 1)
    (gone,) = [
        row["decision_id"]
        for row in read(home, AUDIENCES).to_pylist()
        if row["account_key"] == "a1"
    ]
    assert forget_customers(home, {"c_1"}, {"a1"}) == 1
    assert [sorted(told) for told in handed(home, "all_of_them")] == [[], ["AC-2"]]
    for manifest in files(home, "all_of_them"):
        assert manifest["recalled_decision_ids"] == [gone]
        assert gone not in manifest["decision_ids"]
    assert gone not in read(home, HAND_OVERS).column("decision_id").to_pylist()


def test_a_kill_at_any_write_hands_each_change_over_once(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    replace = durable.replace_with
    for place in range(12):
        folder = tmp_path / str(place)
        settings = make_settings(folder)
        keep_clear_ids(settings)
        (folder / "segments.yml").write_text(SEGMENTS)
        settings = settings.model_copy(update={"segments_file": folder / "segments.yml"})
        publish(settings, 1, "('fans', 1, 'member'), ('all_of_them', 2, 'member')")
        writes = iter(range(100))

        def killed(*words, writes=writes, place=place):
            if next(writes) == place:
                raise Killed
            return replace(*words)

        monkeypatch.setattr(durable, "replace_with", killed)
        try:
            run(settings)
        except Killed:
            monkeypatch.setattr(durable, "replace_with", replace)
            run(settings)
        monkeypatch.setattr(durable, "replace_with", replace)
        assert handed(settings, "fans") == [{"AC-1": "added"}]
        assert handed(settings, "all_of_them") == [{"AC-2": "member"}]
        ids = read(settings, HAND_OVERS).column("decision_id").to_pylist()
        assert len(ids) == len(set(ids)) == 2


def test_nothing_is_proposed_before_a_release_or_of_one_without_segments(home):
    assert propose_audiences(home, NOW).release_id is None
    release(home, 1, [(1, 0)])
    assert propose_audiences(home, NOW).rows == []
    assert release_id(1)
