"""Lists and objects within a delivered row: JSON and Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest
from landing_home import Home
from survey_shapes import (
    CASE,
    NESTED,
    WIDE,
    bad,
    deliver,
    landed,
    record,
)

from saydo.errors import DeliveryRefused
from saydo.landing import Batch, check_feeds, examine_feeds, quarantine_summary, replay_batch

needs_the_case = pytest.mark.skipif(not CASE.is_dir(), reason="the cases are not here")


@needs_the_case
def test_a_nested_export_lands_through_one_feed(home: Home) -> None:
    home.deliver((CASE / "answers.jsonl").read_bytes(), "nested.jsonl")
    home.policy = {"gate": {"max_future_days": 900}}
    home.feed(NESTED, columns={"responded_at": '"at"'})
    assert check_feeds(home.settings) == []
    home.land()
    assert landed(home) == [("r1", "nps", 9, 1), ("r1", "sat", 4, 1), ("r2", "nps", 6, 2)]
    (batch,) = home.ledger()
    assert (batch.delivered_count, batch.canonical_count, batch.empty_count) == (3, 3, 1)


def test_a_replay_of_elements_lands_those_elements_only(home: Home) -> None:
    home.feed(NESTED)
    deliver(
        home,
        record(1, [{"q": "a", "v": 1}, {"q": "b", "v": "two"}]),
        record(2, [{"q": "a", "v": "two"}, {"q": "b", "v": "x"}]),
        name="nested.jsonl",
    )
    home.land()
    (batch,) = home.ledger()
    assert bad(home) == [
        (1, "answers[2]", "cannot_be_typed"),
        (2, "answers[1]", "cannot_be_typed"),
        (2, "answers[2]", "cannot_be_typed"),
    ]
    home.feed(NESTED, columns={"score": "replace(answer.v, 'two', '2')"})
    assert replay_batch(home.settings, batch.batch_id)["loaded_count"] == 2
    assert landed(home) == [("r1", "a", 1, 1), ("r1", "b", 2, 1), ("r2", "a", 2, 2)]
    assert bad(home) == [(2, "answers[2]", "cannot_be_typed")]


def test_lists_that_are_none_and_elements_that_say_nothing_are_told_by_line_and_element(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    home.feed(NESTED)
    lines = [
        record(1, [{"q": "a", "v": 1}, None, {"q": "b", "v": 2}]),
        record(2, {"q": "a", "v": 1}),
        record(3, [[{"q": "a", "v": 1}]]),
        record(4, None),
        record(5, "none"),
        json.dumps({"id": "r6", "who": "a6", "answered": "2024-03-01T10:00:00Z"}),
        "{broken",
        "{}",
    ]
    deliver(home, *lines, name="nested.jsonl")
    home.land()
    assert landed(home) == [("r1", "a", 1, 1), ("r1", "b", 2, 1)]
    assert bad(home) == [
        (1, "answers[2]", "null_element"),
        (2, "answers", "not_a_list"),
        (3, "answers[1]", "list_in_list"),
        (5, "answers", "not_a_list"),
        (7, None, "unreadable_line"),
        (8, None, "empty_record"),
    ]
    (batch,) = home.ledger()
    assert reconciles(batch)
    assert (batch.delivered_count, batch.canonical_count, batch.empty_count) == (8, 8, 2)
    told = [problem.reason for problem in examine_feeds(home.settings)]
    assert {row.column for row in quarantine_summary(home.settings)} == {
        *("answers", "answers[]"),
        None,
    }
    assert any("not null (line 1, column answers[2])" in reason for reason in told)
    home.feed(NESTED, where="answer is not null")
    home.land()
    assert home.ledger()[-1].filtered_count == 1


def test_lists_in_lists_are_opened_step_by_step(home: Home) -> None:
    steps = [{"column": "pages.all", "as": "page"}, {"column": "page.answers", "as": "answer"}]
    columns = {"question_code": "page.name || '_' || answer.q", "id_value": 'person."account no"'}
    home.feed(NESTED, unnest=steps, columns=columns)
    pages = [
        {"name": "x", "answers": [{"q": "a", "v": 1}, {"q": "b", "v": "?"}]},
        {"name": "y"},
        {"name": "z", "answers": [{"q": "a", "v": 3}]},
    ]
    one = record(1, 0, pages={"all": pages}, person={"account no": "a1"})
    deliver(home, one, record(2, 0, pages=[1]), name="nested.jsonl")
    home.land()
    assert landed(home) == [("r1", "x_a", 1, 1), ("r1", "z_a", 3, 1)]
    assert bad(home) == [
        (1, "pages.all[1].answers[2]", "cannot_be_typed"),
        (2, "pages.all", "not_a_list"),
    ]


def test_lists_of_lists_open_with_a_step_that_takes_the_element_itself(home: Home) -> None:
    steps = [{"column": "answers", "as": "page"}, {"column": "page", "as": "answer"}]
    columns = {
        "score": "answer",
        "question_code": "'q' || line_number",
        "response_id": "id || answer",
    }
    home.feed(NESTED, unnest=steps, columns=columns)
    deliver(home, record(1, [[1, 2], [3]]), name="nested.json")
    home.land()
    assert [row[2] for row in landed(home)] == [1, 2, 3]


def test_objects_of_json_are_addressed_by_dots_without_a_shape(home: Home) -> None:
    columns = {"question_code": "'q'", "score": "a.v", "response_id": "a.b.id || a.b.id"}
    home.feed(NESTED, unnest=None, columns=columns | {"where": None}, where="a.v > 9")
    lines = [record(1, 0, a={"v": 10, "b": {"id": "x"}}), record(2, 0, a={"v": 9.0}), record(3, 0)]
    deliver(home, *lines, name="nested.jsonl")
    home.land()
    assert landed(home) == [("xx", "q", 10, 1)]
    assert home.ledger()[0].file_columns == ["id", "who", "answered", "answers", "a"]


def test_a_file_of_which_no_row_makes_one_is_refused(home: Home) -> None:
    home.feed(NESTED, unnest={"column": "form.answers", "as": "answer"})
    deliver(home, record(1, 0, form={"answer": []}), name="nested.jsonl")
    with pytest.raises(DeliveryRefused, match="none of its 1 delivered rows"):
        home.land()
    home.feed(NESTED, unnest={"column": "answrs", "as": "answer"})
    with pytest.raises(DeliveryRefused, match=r"'answrs', which is unnested.*did you mean 'ans"):
        home.land()


def test_parquet_keeps_its_types_through_either_shape(home: Home) -> None:
    file = home.folder / "landing" / "nested.parquet"
    duckdb.execute(
        "copy (select 'r' || i as id, 'a' || i as who, timestamp '2024-03-01' as answered, "
        "{'answers': [{'q': 'a', 'v': i + 0.5}, null, {'q': 'b', 'v': 20.0}]} as form, i as q1, "
        f"i + 0.5 as q2_1 from range(2) t(i)) to '{file}'"
    )
    step = {"column": "form.answers", "as": "answer"}
    home.feed(NESTED, format="parquet", unnest=step)
    home.land()
    assert landed(home) == [("r0", "a", 0.5, 1), ("r1", "a", 1.5, 2)]
    assert bad(home)[:2] == [
        (1, "form.answers[2]", "null_element"),
        (1, "form.answers[3]", "outside_scale"),
    ]
    home.feed(NESTED, format="parquet", unnest=step, columns={"score": "answer.v / 10"})
    assert replay_batch(home.settings, home.ledger()[0].batch_id)["loaded_count"] == 2
    home.feed(WIDE, path="nested*", format="parquet")
    home.land()
    assert {row[2] for row in landed(home) if row[1].startswith("q")} == {0, 0.5, 1, 1.5}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("lists", "are lists thems"),
        ("plain", "is no list but BIGINT"),
        ("form.x", "not there"),
    ],
)
def test_parquet_that_is_no_list_is_refused(home: Home, column: str, words: str) -> None:
    file = home.folder / "landing" / "nested.parquet"
    duckdb.execute(
        "copy (select 'r' as id, 'a' as who, timestamp '2024-03-01' as answered, [[1]] as lists, "
        f"1::bigint as plain, {{'y': 1}} as form) to '{file}'"
    )
    home.feed(NESTED, format="parquet", unnest={"column": column, "as": "answer"})
    with pytest.raises(DeliveryRefused, match=words):
        home.land()
