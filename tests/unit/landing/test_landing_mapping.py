"""Expressions are proved harmless before they run, and `feeds check` finds what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_home import HEADER, PAYMENTS, Home, payment

from saydo.errors import ConfigError
from saydo.landing import check_feeds, examine_feeds, validate_expression
from saydo.landing.engine import connect


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("a", ("a",)),
        ("'GBP'", ()),
        ("a || ':' || B", ("a", "B")),
        ("case when a in ('x', 'y') then b else null end", ("a", "b")),
        ("try_cast(a as double) / nullif(try_cast(b as double), 0)", ("a", "b")),
        ("strptime(a, '%d/%m/%Y')", ("a",)),
        ("a ->> '$.b.c'", ("a",)),
        ("list_transform(string_split(a, ','), lambda x: x || b)[1]", ("a", "b")),
        ("a -- a comment", ("a",)),
        ("(a, b)", ("a", "b")),
    ],
)
def test_a_scalar_expression_over_the_columns_is_valid(
    expression: str, columns: tuple[str, ...]
) -> None:
    assert validate_expression(expression, ["a", "b"]).columns == columns


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("a; drop table b", "is not one SQL expression"),
        ("a\0b", "is not one SQL expression"),
        ("getvariable('hmac_inner')", r"calls getvariable\(\)"),
        ("a) from read_text('/etc/passwd') --", "is not one SQL expression"),
        ("a), (b", "more than one SQL expression"),
        ("(select 1)", "a subquery"),
        ("a in (select b from range(1))", "a subquery"),
        ("exists (from read_text('/etc/passwd'))", "a subquery"),
        ("sum(a)", r"calls sum\(\)"),
        ("row_number() over ()", "a window function"),
        ("*", "a star"),
        ("columns('a')", "a star"),
        ("$1", "a parameter"),
        ("getenv('HOME')", r"calls getenv\(\)"),
        ("read_text('/etc/passwd')", r"calls read_text\(\)"),
        ("current_setting('temp_directory')", r"calls current_setting\(\)"),
        ("now()", r"calls now\(\)"),
        ("random()", r"calls random\(\)"),
        ("unnest([1])", r"calls unnest\(\)"),
        ("{{ env_var('HOME') }}", "not one SQL expression|calls env_var"),
        ("at", 'is written "at"'),
        ("c", "names the column 'c', which is not there"),
        ("amonut", "did you mean 'amount'"),
    ],
)
def test_anything_else_is_refused(expression: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        validate_expression(expression, ["a", "b", "amount"])


def test_the_engine_itself_can_open_nothing_else(home: Home, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a\n1\n")
    allowed = tmp_path / "landing" / "a.csv"
    allowed.write_text("a\n1\n")
    with connect(home.settings, [], [allowed]) as connection:
        connection.execute(f"select * from read_csv('{allowed}')")
        for query in (
            f"select * from read_csv('{tmp_path}/other.csv')",
            "select * from read_text('/etc/passwd')",
            f"copy (select 1) to '{tmp_path}/out.csv'",
            "set enable_external_access = true",
            "install httpfs",
            "load httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(query)


def test_a_bad_expression_stops_the_feed_before_anything_is_read(home: Home) -> None:
    home.feed(columns={"amount": "(select 1)"})
    home.deliver_lines(payment(1))
    with pytest.raises(ConfigError, match=r"feeds\.payments\.columns\.amount: .*a subquery"):
        home.land()
    assert home.ledger() == []


def test_an_expression_of_the_wrong_types_is_a_configuration_error(home: Home) -> None:
    home.feed(columns={"amount": "amount * 1.2"})
    home.deliver_lines(payment(1))
    with pytest.raises(ConfigError, match=r"columns\.amount.*does not fit.*csv columns are text"):
        home.land()
    assert home.leftovers() == []


def test_feeds_in_order_have_no_problem(home: Home) -> None:
    home.deliver_lines(payment(1))
    assert check_feeds(home.settings) == []


@pytest.mark.parametrize(
    ("changes", "content", "column", "reason"),
    [
        ({}, None, None, "no file below landing/ matches 'payments*'"),
        ({"columns": {"amount": "(select 1)"}}, payment(1), "amount", "a subquery"),
        ({"columns": {"amount": "prize"}}, payment(1), "amount", "the column 'prize'"),
        ({"columns": {"amount": "amount * 2"}}, payment(1), "amount", "does not fit"),
        ({"where": "knd = 'x'"}, payment(1), "where", "did it become 'kind'?"),
        ({"options": {"delimm": ";"}}, payment(1), None, "did you mean 'delim'"),
        ({"path": "s3://bucket/x.csv"}, payment(1), None, "object-store address"),
        (
            {"expect": {"max_reject_ratio": 0.01}},
            payment(1, amount="x"),
            "amount",
            "1 of the first 1 rows of 'payments.csv': amount cannot be read as an amount",
        ),
        ({}, "", None, "holds no rows"),
    ],
)
def test_each_problem_is_reported_by_feed_column_and_reason(
    home: Home, changes: dict[str, Any], content: str | None, column: str | None, reason: str
) -> None:
    home.feed(**changes)
    if content is not None:
        home.deliver(f"{HEADER}\n{content}\n" if content else f"{HEADER}\n")
    (problem,) = check_feeds(home.settings)
    assert (problem.feed, problem.column) == ("payments", column)
    assert reason in problem.reason


def test_kpis_are_checked_against_the_measures(home: Home) -> None:
    home.deliver_lines(payment(1))
    home.config["kpis"] = [
        {"name": "drops", "expression": "drop_count / session_count", "good": 0, "poor": 1},
        {"name": "fine", "expression": "outage_minutes / day_count", "good": 0, "poor": 1},
        {"name": "words", "expression": "upper(latency_ms) / 2", "good": 0, "poor": 1},
    ]
    problems = check_feeds(home.settings)
    assert [problem.column for problem in problems] == ["kpis.drops", "kpis.words"]
    assert "'drop_count', which is not there" in problems[0].reason


def test_checking_changes_nothing(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, amount="x"))
    settings = home.settings
    check_feeds(settings)
    assert {path.name for path in home.folder.iterdir()} <= {"landing", "feeds.yml", "tmp"}
    assert home.ledger() == []


def test_a_question_that_nothing_declares_is_named_with_the_nearest(home: Home) -> None:
    home.feed(
        {
            **PAYMENTS,
            "source": "survey_responses",
            "columns": {
                "response_id": "id",
                "survey_code": "'tracker'",
                "id_type": "'email'",
                "id_value": "mail",
                "responded_at": "paid",
                "question_code": "kind",
            },
        }
    )
    home.deliver_lines(*(payment(n, kind="nps" if n < 3 else "Overal") for n in range(10)))
    assert check_feeds(home.settings) == []  # a role of its own may be meant: a note, no problem
    (problem,) = (item for item in examine_feeds(home.settings) if item.column == "question_code")
    assert problem.reason.startswith("7 answers to question 'Overal' have no role")
    assert "questions: {Overal: overall_satisfaction}" in problem.reason
