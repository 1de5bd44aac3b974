"""What a run has to say: kept by step, one line per thing to know of, and in the report."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saydo.landing.ledger import Batch
from saydo.landing.telling import batch_notices
from saydo.notices import Notice, forget, from_sentence, tell, told
from saydo.settings import Settings

WORDS = st.text(st.characters(codec="ascii", exclude_characters=";\n\r"), min_size=1).filter(
    lambda text: not text[0].isdigit()
)


def batch(number: int, **more) -> Batch:
    fields = {
        "batch_id": f"ledger-{number:012x}", "feed": "ledger", "source": "transactions",
        "delivery": "incremental", "file_name": f"day_{number}.csv", "content_hash": str(number),
        "file_size": 1, "file_mtime_ns": 1, "status": "accepted", "sequence": number,
        "landed_at": "2025-01-01T00:00:00+00:00",
    }  # fmt: skip
    return Batch(**fields | more)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path)


@given(count=st.none() | st.integers(0, 10**9), what=WORDS, advice=st.just("") | WORDS)
def test_a_sentence_says_how_many_what_and_what_to_do(count, what, advice):
    counted = what if count is None else f"{count:,} {what}"
    for mark in ("; ", "\n"):
        sentence = counted + (mark + advice if advice else "")
        assert from_sentence("feed a", sentence) == Notice(what, "feed a", count, advice)


def test_advice_on_a_line_of_its_own_may_hold_any_mark():
    assert from_sentence("x", "half is gone; really\nask; then wait").advice == "ask; then wait"


def test_a_step_done_again_says_what_it_says_now_and_a_new_run_nothing(settings, caplog):
    caplog.set_level(logging.WARNING)
    tell(settings, "land a", [Notice("rows are odd", "feed a", 2, "look")])
    tell(settings, "land b", [Notice("rows are late", "feed b")])
    tell(settings, "land a", [Notice("row is odd", "feed a", 1, "look")])
    assert sorted(notice.text for notice in told(settings)) == [
        "feed a: 1 row is odd; look", "feed b: rows are late",
    ]  # fmt: skip
    assert "feed a: 2 rows are odd; look" in caplog.messages
    forget(settings)
    assert told(settings) == []


def test_files_of_a_feed_are_told_as_one_with_all_their_rows():
    files = [
        batch(n, warnings=[f"{n} rows repeat a key; say which"], reason_counts={"in_the_future": 2})
        for n in (1, 2, 3)
    ]
    other = batch(4, feed="usage", reason_counts={"in_the_future": 5, "erased": 7})
    told_of = [(n.where, n.count, n.what) for n in batch_notices([*files, other])]
    assert told_of == [
        ("feed ledger, 3 files", 6, "rows repeat a key"),
        ("feed ledger, 3 files", 6, "rows in quarantine (in_the_future)"),
        ("feed usage, file 'day_4.csv'", 5, "rows in quarantine (in_the_future)"),
    ]
