"""Wide and nested deliveries: one delivered row that holds several canonical ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_home import Home
from pydantic import ValidationError

from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import Batch, check_feeds, examine_feeds, quarantine_summary, replay_batch

COLUMNS = {
    "response_id": "id",
    "survey_code": "'s'",
    "question_code": "question_code",
    "id_type": "'account_id'",
    "id_value": "who",
    "responded_at": "answered",
    "score": "score",
}
WIDE: dict[str, Any] = {
    "name": "wide",
    "source": "survey_responses",
    "path": "wide*",
    "format": "csv",
    "timezone": "UTC",
    "unpivot": {"columns": ["q1", "q2_*"], "name": "question_code", "value": "score"},
    "columns": COLUMNS,
    "expect": {"max_reject_ratio": 1},
}
NESTED: dict[str, Any] = WIDE | {
    "name": "nested",
    "path": "nested*",
    "format": "json",
    "unpivot": None,
    "unnest": {"column": "answers", "as": "answer"},
    "columns": COLUMNS | {"question_code": "answer.q", "score": "answer.v"},
}
HEAD = "id,who,answered,q1,q2_1,q2_2"
ROWS = "response_id, question_code, score::double, _line_number"


def response(number: int, *answers: object) -> str:
    return ",".join(map(str, (f"r{number}", f"a{number}", "2024-03-01 10:00:00", *answers)))


def record(number: int, answers: object, **more: object) -> str:
    row = {"id": f"r{number}", "who": f"a{number}", "answered": "2024-03-01T10:00:00Z"}
    return json.dumps(row | {"answers": answers} | more)


def deliver(home: Home, *lines: str, name: str = "wide.csv") -> Path:
    return home.deliver("\n".join(lines) + "\n", name)


def landed(home: Home) -> list[tuple[Any, ...]]:
    return sorted(home.rows(ROWS, "survey_responses"))


def bad(home: Home) -> list[tuple[Any, ...]]:
    return sorted(home.quarantined("line_number, column_name, reason_code"))


@pytest.fixture
def case(home: Home) -> Path:
    folder = Path(__file__).resolve().parents[4] / "shared" / "cases" / "wide_survey" / "landing"
    if not folder.is_dir():
        pytest.skip("the cases are not here")
    return folder


def test_a_survey_tools_export_lands_through_one_feed(home: Home, case: Path) -> None:
    home.deliver((case / "export.csv").read_bytes(), "wide.csv")
    columns = {"response_id": "ResponseId", "id_value": "account", "responded_at": "EndDate"}
    columns |= {"score": "nullif(score, -99)"}
    unpivot = {"columns": ["Q1", "Q2_*"], "name": "question_code", "value": "score"}
    home.policy = {"gate": {"max_future_days": 900}}
    home.feed(WIDE, header_rows=3, unpivot=unpivot, columns=columns)
    assert check_feeds(home.settings) == []
    home.land()
    assert landed(home) == [
        ("R_1", "Q1", 10, 4),
        ("R_1", "Q2_1", 4, 4),
        ("R_1", "Q2_2", 3, 4),
        ("R_2", "Q1", 2, 5),
        ("R_3", "Q1", 7, 6),
        ("R_3", "Q2_1", 5, 6),
    ]
    (batch,) = home.ledger()
    assert (batch.delivered_count, batch.canonical_count, batch.filtered_count) == (3, 7, 1)
    assert batch.question_texts == {
        "Q1": "How likely are you to recommend us?",
        "Q2_1": "Please rate - Network",
        "Q2_2": 'Please rate - "Price"',
    }


def test_a_nested_export_lands_through_one_feed(home: Home, case: Path) -> None:
    home.deliver((case / "answers.jsonl").read_bytes(), "nested.jsonl")
    home.policy = {"gate": {"max_future_days": 900}}
    home.feed(NESTED, columns={"responded_at": '"at"'})
    assert check_feeds(home.settings) == []
    home.land()
    assert landed(home) == [("r1", "nps", 9, 1), ("r1", "sat", 4, 1), ("r2", "nps", 6, 2)]
    (batch,) = home.ledger()
    assert (batch.delivered_count, batch.canonical_count, batch.empty_count) == (3, 3, 1)


def test_a_bad_answer_says_its_delivered_line_and_column_and_keeps_the_row(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    home.feed(WIDE)
    deliver(home, HEAD, response(1, 5, 4, ""), response(2, 3, "many", 11), response(3, "", "", " "))
    summary = home.land()
    assert {name: summary[f"{name}_count"] for name in ("delivered", "canonical", "empty")} == {
        "delivered": 3,
        "canonical": 5,
        "empty": 1,
    }
    assert landed(home) == [("r1", "q1", 5, 2), ("r1", "q2_1", 4, 2), ("r2", "q1", 3, 3)]
    assert bad(home) == [(3, "q2_1", "cannot_be_typed"), (3, "q2_2", "outside_scale")]
    (text,) = {text for (text,) in home.quarantined("raw_text")}
    assert list(json.loads(text).values()) == response(2, 3, "many", 11).split(",")
    assert reconciles(home.ledger()[0])
    assert {row.column for row in quarantine_summary(home.settings)} == {"q2_1", "q2_2"}


def test_what_is_wrong_with_the_whole_row_says_the_mapped_column(home: Home) -> None:
    home.feed(WIDE)
    deliver(home, HEAD, "r1,,2024-03-01,5,4,", response(2, 3, "", ""))
    home.land()
    assert bad(home) == [(2, "id_value", "missing_required")] * 2


def test_a_replay_lands_what_is_now_good_and_nothing_twice(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    home.feed(WIDE)
    deliver(home, HEAD, response(1, 5, "four", "x"), response(2, 3, "four", ""), HEAD)
    home.land()
    (batch,) = home.ledger()
    assert (batch.canonical_count, batch.quarantined_count) == (6, 4)
    home.feed(WIDE, columns={"score": "replace(score, 'four', '4')"})
    done = replay_batch(home.settings, batch.batch_id)
    assert (done["loaded_count"], done["still_quarantined_count"]) == (2, 2)
    assert landed(home) == [
        ("r1", "q1", 5, 2),
        ("r1", "q2_1", 4, 2),
        ("r2", "q1", 3, 3),
        ("r2", "q2_1", 4, 3),
    ]
    assert bad(home) == [(2, "q2_2", "cannot_be_typed"), (4, None, "repeated_header")]
    old, new = home.ledger()
    assert reconciles(old) and reconciles(new)
    assert (old.delivered_count, old.canonical_count) == (3, 4)
    assert (new.delivered_count, new.canonical_count) == (0, 2)
    home.feed(WIDE, columns={"score": "try_cast(score as double)"})
    assert replay_batch(home.settings, batch.batch_id)["filtered_count"] == 1
    assert bad(home) == [(4, None, "repeated_header")]


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


def test_a_line_that_can_be_split_after_all_is_replayed_as_all_its_rows(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    home.feed(WIDE)
    lines = [response(1, 5, "", ""), response(2, "'3'", "'4'", "''"), response(3, 1, 2, 3) + ",4"]
    deliver(home, HEAD, *lines, response(4, "'1", "2'", "'5'", "6"))
    home.land()
    (batch,) = home.ledger()
    home.feed(WIDE, options={"quote": "'"}, columns={"score": "left(score, 1)"})
    done = replay_batch(home.settings, batch.batch_id)
    old, new = home.ledger()
    assert reconciles(old) and reconciles(new)
    assert done["loaded_count"] == new.loaded_count
    assert [row for row in landed(home) if row[0] == "r4"] == [
        ("r4", "q1", 1, 5),
        ("r4", "q2_1", 5, 5),
        ("r4", "q2_2", 6, 5),
    ]
    assert {line for line, *_ in bad(home)} == {3, 4}


def test_a_replay_under_another_shape_is_refused(home: Home) -> None:
    home.feed(WIDE)
    deliver(home, HEAD, response(1, 5, "four", ""))
    home.land()
    (batch,) = home.ledger()
    for unpivot in (WIDE["unpivot"] | {"columns": ["q1"]}, None):
        score = "score" if unpivot else "q2_1"
        code = "question_code" if unpivot else "'q'"
        home.feed(WIDE, unpivot=unpivot, columns={"score": score, "question_code": code})
        with pytest.raises(ConfigError, match="another unpivot or unnest"):
            replay_batch(home.settings, batch.batch_id)
    assert len(bad(home)) == 1


def test_a_changed_shape_lands_the_file_again(home: Home) -> None:
    home.feed(WIDE)
    deliver(home, HEAD, response(1, 5, 4, 3))
    home.land()
    home.feed(WIDE, unpivot=WIDE["unpivot"] | {"columns": ["q1"]})
    home.land()
    assert [batch.loaded_count for batch in home.ledger()][-1] == 1


def test_the_manifest_and_the_least_rows_are_of_delivered_rows(home: Home) -> None:
    home.feed(WIDE, expect={"min_rows": 3})
    deliver(home, HEAD, response(1, 5, 4, 3), response(2, 5, 4, 3))
    deliver(home, '{"row_count": 2}', name="wide.csv.manifest.json")
    with pytest.raises(DeliveryRefused, match="holds 2 rows, fewer than the 3"):
        home.land()
    home.feed(WIDE)
    home.land()
    assert home.ledger()[-1].loaded_count == 6


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["q1", "q9"], "the column 'q9', which is unpivoted, is not there"),
        (["q1", "x*"], "no column of it matches 'x\\*'"),
    ],
)
def test_a_file_without_an_unpivoted_column_is_refused_by_its_name(
    home: Home, columns: list[str], words: str
) -> None:
    home.feed(WIDE, unpivot=WIDE["unpivot"] | {"columns": columns})
    deliver(home, HEAD, response(1, 5, 4, 3), name="wide_2.csv")
    with pytest.raises(DeliveryRefused, match=f"wide_2.csv.*{words}"):
        home.land()
    assert any("unpivoted" in problem.reason for problem in check_feeds(home.settings))


def test_only_the_file_that_lacks_a_column_is_refused(home: Home) -> None:
    home.feed(WIDE)
    deliver(home, HEAD, response(1, 5, 4, 3), name="wide_1.csv")
    deliver(home, HEAD.replace(",q1", ",p1"), response(2, 5, 4, 3), name="wide_2.csv")
    with pytest.raises(DeliveryRefused, match=r"wide_2.csv.*'q1'.*did you mean"):
        home.land()
    assert len(landed(home)) == 3


def test_a_new_name_that_the_file_has_already_is_refused(home: Home) -> None:
    home.feed(WIDE)
    deliver(home, HEAD + ",score", response(1, 5, 4, 3, 9))
    with pytest.raises(DeliveryRefused, match="has a column 'score' already"):
        home.land()


def test_an_unpivoted_column_that_is_read_on_its_own_says_how_to_read_it(home: Home) -> None:
    home.feed(WIDE, columns={"score": "q1"})
    deliver(home, HEAD, response(1, 5, 4, 3))
    with pytest.raises(DeliveryRefused, match="it is unpivoted, and read as score"):
        home.land()


def test_header_rows_may_go_over_lines_and_lines_are_still_those_of_an_editor(home: Home) -> None:
    home.feed(WIDE, header_rows=3)
    texts = '"a","b","c","How\n\nwas it?","Please rate, in all: ""Network""","{x}"'
    ids = ",".join(f'"{{""ImportId"":""{n}""}}"' for n in range(6))
    lines = [HEAD, texts, ids, "", response(1, 5, 4, 3), "r2,short", response(3, "bad", 1, 1)]
    deliver(home, *lines)
    home.land()
    assert {row[3] for row in landed(home)} == {7, 9}
    assert bad(home) == [(8, "answered", "unreadable_line"), (9, "q1", "cannot_be_typed")]
    assert home.ledger()[0].question_texts == {
        "q1": "How was it?",
        "q2_1": 'Please rate, in all: "Network"',
        "q2_2": "{x}",
    }


def test_header_rows_of_several_widths_are_refused(home: Home) -> None:
    home.feed(WIDE, header_rows=2)
    deliver(home, HEAD, "a,b,c,d", response(1, 5, 4, 3))
    with pytest.raises(DeliveryRefused, match="header row 2 has 4 columns and the first has 6"):
        home.land()
    assert "header row 2" in check_feeds(home.settings)[0].reason
    deliver(home, HEAD)
    with pytest.raises(DeliveryRefused, match="it has 1 of the 2 header rows"):
        home.land()


def test_a_heading_over_several_columns_goes_before_their_texts(home: Home) -> None:
    unpivot = {"columns": ["Would you?", "Rate us", "column6"], "name": "asked", "value": "score"}
    codes = "case asked when 'Would you?' then 'nps' when 'Rate us' then 'n' else 'p' end"
    home.feed(WIDE, header_rows=2, unpivot=unpivot, columns={"question_code": codes})
    deliver(
        home,
        "id,who,answered,Would you?,Rate us,",
        "Response,Response,Response,Response,Network,Price",
        response(1, 5, 4, 3),
    )
    home.land()
    assert home.ledger()[0].question_texts == {
        "nps": "Would you? - Response",
        "n": "Rate us - Network",
        "p": "Rate us - Price",
    }


def test_without_unpivot_the_scores_column_gives_the_text(home: Home) -> None:
    columns = {"question_code": "'nps'", "score": "try_cast(q1 as double)"}
    home.feed(WIDE, header_rows=2, unpivot=None, columns=columns)
    deliver(home, HEAD, "a,b,c,Would you?,,", response(1, 5, 4, 3))
    home.land()
    assert home.ledger()[0].question_texts == {"nps": "Would you?"}


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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "json", "header_rows": 2}, "header_rows is for csv and xlsx"),
        ({"unnest": {"column": "q1", "as": "x"}}, "unnest is for json and parquet"),
        ({"unpivot": {"columns": ["q"], "name": "a", "value": "a"}}, "give two names"),
        ({"unpivot": {"columns": ["q"], "name": "line_number", "value": "a"}}, "another name"),
        ({"unpivot": {"columns": []}}, "at least 1"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(home: Home, changes: dict[str, Any], words: str) -> None:
    home.feed(WIDE, **changes)
    with pytest.raises((ConfigError, ValidationError), match=words):
        _ = home.settings.feeds


def test_five_hundred_questions_are_one_feed(home: Home) -> None:
    names = [f"q{number}" for number in range(500)]
    home.feed(WIDE, unpivot=WIDE["unpivot"] | {"columns": ["q*"]})
    answers = [[number % 10 for number in range(500)] for _ in range(40)]
    answers[7][3] = 99
    rows = [response(number, *row) for number, row in enumerate(answers)]
    deliver(home, ",".join(["id,who,answered", *names]), *rows)
    home.land()
    assert home.ledger()[0].loaded_count == 40 * 500 - 1
    assert bad(home) == [(9, "q3", "outside_scale")]
