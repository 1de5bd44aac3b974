"""Wide and nested deliveries: one delivered row that holds several canonical ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from landing_home import Home
from pydantic import ValidationError
from survey_shapes import (
    CASE,
    HEAD,
    WIDE,
    bad,
    deliver,
    landed,
    response,
)

from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import Batch, check_feeds, quarantine_summary, replay_batch

needs_the_case = pytest.mark.skipif(not CASE.is_dir(), reason="the cases are not here")


@needs_the_case
def test_a_survey_tools_export_lands_through_one_feed(home: Home) -> None:
    home.deliver((CASE / "export.csv").read_bytes(), "wide.csv")
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
