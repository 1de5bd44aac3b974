"""What a predicate may say, what is made of it, and how a wrong one is told; and bets.yml."""

from __future__ import annotations

import re

import duckdb
import pytest
import yaml

from saydo.config import load_bets
from saydo.config.bets import OUTCOMES, Bet
from saydo.config.predicates import published_columns, read_predicate
from saydo.errors import ConfigError
from saydo.settings import PROJECT

COLUMNS = {
    "is_active": "boolean", "complaint_count": "number", "revenue": "number", "region_code": "text",
    "joined_date": "day", "left_at": "instant",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("is_active", "is_active"),
        ("not is_active -- a comment", "(not is_active)"),
        ("revenue >= 2 and revenue < 9.50", "((revenue >= 2) and (revenue < 9.50))"),
        ("region_code in ('N', 'S') or left_at is null",
         "((region_code in ('N', 'S')) or (left_at is null))"),
        ("revenue between -1 and 1e3", "(revenue between -1 and 1000.0)"),
        ("joined_date < '2024-02-29'", "(joined_date < cast('2024-02-29' as date))"),
        ("region_code not in ('N')", "(region_code not in ('N'))"),
        ("complaint_count <> revenue", "(complaint_count <> revenue)"),
        ("is_active = false", "(is_active = false)"),
    ],
)  # fmt: skip
def test_a_predicate_is_told_as_portable_sql_in_its_own_brackets(text, sql):
    assert read_predicate(text, COLUMNS).sql == sql


def test_what_is_made_means_what_was_written():
    text = "not is_active or complaint_count > 1 and not (revenue between 2 and 3 or is_active)"
    rows = "(from (values (true), (false), (null)) as a(is_active), range(3) as c(complaint_count),"
    rows += " (values (1), (2.5), (null)) as r(revenue))"
    with duckdb.connect() as connection:
        both = connection.execute(
            f"select {text}, {read_predicate(text, COLUMNS).sql} from {rows}"
        ).fetchall()
    assert len(both) == 27 and all(one == other for one, other in both)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "complaint_cuont > 1",
            "unknown column 'complaint_cuont'; did you mean 'complaint_count'?",
        ),
        ("profile.revenue > 1", "unknown column 'profile.revenue'"),
        ("revenue > (select 1)", "a subquery cannot stand here"),
        ("region_code in (select x from read_csv('f'))", "a subquery cannot stand here"),
        ("lower(region_code) = 'n'", "the function or sign 'lower' cannot stand here"),
        ("read_text('/etc/hosts') = 'n'", "the function or sign 'read_text' cannot stand here"),
        ("revenue + 1 > 2", "the function or sign '+' cannot stand here"),
        ("region_code like 'N%'", "the function or sign '~~' cannot stand here"),
        ("row_number() over () > 1", "a window cannot stand here"),
        ("case when is_active then true end", "`case` cannot stand here"),
        ("region_code = 3", "region_code is a text, and 3 a number"),
        ("revenue = '3'", "revenue is a number, and '3' a text"),
        ("revenue", "revenue is a number: compare it with something"),
        ("1 = 1", "(1 = 1) reads no column"),
        ("revenue = null", "write `is null`"),
        ("joined_date > '2024-02-30'", "no day: write YYYY-MM-DD"),
        ("region_code = 'a''b'", "may hold no quote"),
        ("region_code = '{{ env_var() }}'", "may hold no quote, backslash, brace"),
        ("is_active union select 1", "more than one condition"),
        ("is_active order by 1", "more than one condition"),
        ("is_active; select 1", "more than one condition"),
        ("is_active; drop table x", "cannot read"),
        ("", "cannot read ''"),
    ],
)
def test_a_wrong_predicate_is_told_with_its_part_and_the_nearest_right_one(text, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        read_predicate(text, COLUMNS)


def test_published_columns_have_kinds():
    columns = published_columns("customer_profiles")
    assert (columns["customer_status"], columns["has_survey"]) == ("text", "boolean")
    assert (columns["as_of_date"], columns["churned_at"]) == ("day", "instant")
    with pytest.raises(ValueError, match="did you mean 'customer_profiles'"):
        published_columns("customer_profile")


def bets(tmp_path, **changed):
    file = tmp_path / "bets.yml"
    bet = {
        "code": "b", "owner": "us", "why": "so", "outcome": "is_churned_after",
        "sets": {"poor": "experience_band = 'poor'", "angry": "complaint_count > 0"},
    } | changed  # fmt: skip
    file.write_text(yaml.safe_dump({"bets": [bet]}, sort_keys=False))
    return load_bets(file)


def test_a_bet_is_told_to_the_models_in_checked_sql(tmp_path):
    (bet,) = bets(tmp_path).bets
    assert bet.for_models() == {
        "code": "b", "horizon_months": 3, "among": "is_active", "outcome": "is_churned_after",
        "sets": [{"code": "poor", "predicate": "(experience_band = 'poor')"},
                 {"code": "angry", "predicate": "(complaint_count > 0)"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"outcome": "is_churned"}, "bets.0.outcome: is_churned may not be read here: it is known "
         "at the cut-off, and an outcome is what came after it"),
        ({"outcome": "revenue_previous_90d > 3"}, "revenue_previous_90d may not be read here"),
        ({"outcome": "churned_after"}, "did you mean 'is_churned_after'?"),
        ({"sets": {"a": "is_active", "b": "complaint_count_after > 0"}},
         "b: complaint_count_after may not be read here: it is known only after the cut-off"),
        ({"sets": {"a": "is_active", "b": "plan_cod = 'x'"}}, "b: unknown column 'plan_cod'; did "
         "you mean 'plan_code'?"),
        ({"sets": {"a": "is_active"}}, "bets.0.sets"),
        ({"sets": {f"s{n}": "is_active" for n in range(7)}}, "bets.0.sets"),
        ({"among": "customer_id = 'c'"}, "bets.0.among: unknown column 'customer_id'"),
        ({"horizon_months": 0}, "bets.0.horizon_months"),
        ({"outcom": "x"}, "did you mean 'outcome'?"),
    ],
)  # fmt: skip
def test_a_wrong_bet_is_told_with_its_place(tmp_path, changed, told):
    with pytest.raises(ConfigError) as fault:
        bets(tmp_path, **changed)
    assert told in str(fault.value)


def test_two_bets_have_two_codes(tmp_path):
    bet = {"code": "b", "owner": "us", "why": "so", "outcome": "is_churned_after",
           "sets": {"a": "is_active", "c": "is_churned"}}  # fmt: skip
    (tmp_path / "bets.yml").write_text(yaml.safe_dump({"bets": [bet, bet]}))
    with pytest.raises(ConfigError, match="two bets are called b"):
        load_bets(tmp_path / "bets.yml")


def test_the_bets_of_the_project_can_be_read():
    assert all(isinstance(bet, Bet) for bet in load_bets(PROJECT / "config" / "bets.yml").bets)


def test_every_outcome_is_measured_and_the_file_lists_it():
    macro = (PROJECT / "dbt_project" / "macros" / "actions" / "bets.sql").read_text()
    listed = (PROJECT / "config" / "bets.yml").read_text()
    for name in OUTCOMES:
        assert name in macro or f"'{name.removesuffix('_after')}'" in macro
        assert name in listed
