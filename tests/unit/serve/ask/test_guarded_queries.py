"""A query of the current release reads its tables, within limits, and can do nothing else."""

from __future__ import annotations

import hashlib
import time
from datetime import date
from decimal import Decimal

import pytest
from fake_candidate import make_settings
from hostile_queries import ENDLESS, GREEDY, WRONG, refused

from saydo.errors import ConfigError, QueryRefused
from saydo.release import current_release_id, release_dir
from saydo.serve.ask.plain import plain
from saydo.serve.ask.reading import Limits, asked


def ask(settings, sql, *parameters, **limits):
    with asked(settings, sql, parameters, Limits(**limits)) as answer:
        return answer.records(), answer.is_cut


@pytest.fixture(scope="module")
def unharmed(released, tmp_path_factory):
    """What stands before and has to stand after: the release's bytes, and nothing beside."""
    folder = tmp_path_factory.mktemp("outside")
    file = release_dir(released, current_release_id(released)) / "marts.duckdb"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    yield folder
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    assert list(folder.iterdir()) == []


def test_a_query_reads_the_tables_of_the_release_with_their_types(released):
    sql = (
        "select count(*) as n, sum(closing_mrr) as mrr, max(month_start_date) as month "
        "from customer_months where customer_id <> ?"
    )
    [row], is_cut = ask(released, sql, "c_0000000000000001")
    assert row == {"n": 78, "mrr": Decimal("2047.50"), "month": date(2025, 3, 1)}
    assert not is_cut


def test_what_a_release_can_be_asked_is_more_than_select_from(released):
    for sql in ("show tables", "describe customer_months", "summarize customer_months",
                "from customer_months", "values (1)", "with a as (select 1) from a"):  # fmt: skip
        assert ask(released, sql)[0], sql


@pytest.mark.parametrize("number", range(43))
def test_a_query_that_does_more_than_read_is_refused(released, unharmed, number):
    queries = list(refused(unharmed).items())
    assert len(queries) == 43
    sql, why = queries[number]
    with pytest.raises(QueryRefused, match=why):
        ask(released, sql)


@pytest.mark.parametrize("sql", WRONG)
def test_a_query_of_what_is_not_there_is_wrong(released, unharmed, sql):
    with pytest.raises(ConfigError, match="the query is wrong"):
        ask(released, sql)


@pytest.mark.parametrize("sql", ENDLESS)
def test_a_query_that_would_run_for_hours_is_stopped_in_time(released, sql):
    begun = time.monotonic()
    with pytest.raises(QueryRefused, match="took more than 1 s and was stopped"):
        ask(released, sql, seconds=1)
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("sql", GREEDY)
def test_a_query_that_takes_all_memory_is_stopped_and_the_next_one_is_answered(released, sql):
    with pytest.raises(QueryRefused, match="memory"):
        ask(released, sql, seconds=60)
    assert ask(released, "select 1 as one") == ([{"one": 1}], False)


def test_rows_past_the_limit_are_cut_and_told(released):
    sql = "select range as n from range(1000000000)"
    rows, is_cut = ask(released, sql, row_count=2500)
    assert [row["n"] for row in rows] == list(range(2500)) and is_cut
    assert ask(released, "from range(2500)", row_count=2500)[1] is False


def test_an_answer_too_large_to_hand_over_is_refused(released):
    with pytest.raises(QueryRefused, match="too large"):
        ask(released, "select repeat('a', 5000000)", byte_count=1_000_000)


def test_a_reader_that_is_slow_takes_nothing_of_the_querys_time(released):
    with asked(released, "from range(3000)", limits=Limits(seconds=3)) as answer:
        count = 0
        for batch in answer.batches:
            count += len(batch)
            time.sleep(1.2)
    assert count == 3000


def test_a_query_that_nobody_reads_on_ends(released):
    with asked(released, "from range(1000000000)") as answer:
        assert next(answer.rows()) == (0,)


def test_a_home_without_releases_says_how_to_publish(tmp_path):
    with pytest.raises(ConfigError, match="run `saydo run`"):
        ask(make_settings(tmp_path), "select 1")


def test_the_process_that_answers_is_told_no_secret(released, monkeypatch):
    from saydo.serve.ask import reading

    monkeypatch.setenv("SAYDO_PSEUDONYM_KEY", "k")
    given = {}
    monkeypatch.setattr(
        reading.subprocess, "Popen", lambda *_, env, **__: given.update(env) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        ask(released, "select 1")
    assert "PATH" in given and not [name for name in given if name.startswith("SAYDO_")]


def test_values_are_as_json_has_them_and_no_digit_is_lost():
    found = [Decimal("12.50"), Decimal("1E+3"), Decimal("12345678901234567.89"), float("nan"),
             date(2025, 1, 2), b"\x01", {"a": (1, None)}, True, Decimal("NaN")]  # fmt: skip
    told = [12.5, 1000, "12345678901234567.89", None, "2025-01-02", "01", {"a": [1, None]}, True]
    assert plain(found) == [*told, None]
