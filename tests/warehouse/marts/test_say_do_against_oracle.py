"""What random customers said and did against the same rows computed in plain Python."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from conftest import LEFT_OUT, build
from profile_oracle import _same
from random_answers import QUESTIONS, RandomAnswers
from say_do_oracle import SayDoOracle
from small_home import PROJECT

from saydo.build.prepare import QUESTIONS as QUESTIONS_SCHEMA
from saydo.estimate import run_estimators
from saydo.settings import Settings

WORLDS = (
    ("America/Los_Angeles", date(2024, 2, 29), 1),
    ("Asia/Kolkata", date(2025, 5, 1), 2),  # 90 days after the 31st of January
)
QUERIES = re.findall(
    r"^```sql\n(.*?)^```", (PROJECT.parent / "docs" / "say-do.md").read_text(), re.M | re.S
)


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: f"{world[0]}-{world[1]}")
def world(request, dbt, make_home):
    """(oracle, home) of one business."""
    zone, as_of, seed = request.param
    home = make_home("random_answers")
    roles = [{"question_code": code, "role": role} for code, role in QUESTIONS.items()]
    home.write_state("dictionaries/questions", roles, QUESTIONS_SCHEMA)
    RandomAnswers(seed, zone, as_of, customers=60).deliver(home)
    end = datetime.combine(as_of + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    variables = {
        "as_of_date": as_of.isoformat(),
        "as_of_end_at": f"{end:%Y-%m-%d %H:%M:%S}",
        "business_timezone": zone,
    }
    build(dbt, home, variables, *LEFT_OUT[1])
    list(run_estimators(Settings(home=home.root), as_of, "k"))
    dbt.build_models(home, "stated_vs_actual_monthly", **variables)
    dbt(home, "test", "path:tests/marts", "stated_vs_actual", "stated_cancel_reasons", **variables)
    home.failures = dict(dbt.failures)
    return SayDoOracle(home.rows, zone, as_of), home


def differences(published, expected):
    """Keys that only one has, and figures that are not the same."""
    assert published.keys() == expected.keys()
    return [
        (key, name, published[key][name], value)
        for key, row in expected.items()
        for name, value in row.items()
        if not _same(published[key][name], value)
    ]


def rows_by(home, table, *key):
    rows = home.rows(f"select * from marts.{table}")
    found = {tuple(row[name] for name in key): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_answer_is_followed_as_the_oracle_says(world):
    oracle, home = world
    published = rows_by(home, "stated_vs_actual", "customer_id", "question_role", "answered_at")
    assert differences(published, oracle.ledger()) == []


def test_the_histories_show_every_outcome(world):
    _, home = world
    rows = home.rows("select * from marts.stated_vs_actual")
    assert {row["stay_outcome"] for row in rows} == {"stayed", "left", None}
    assert {row["spend_outcome"] for row in rows} == {"kept", "fell", None}
    assert len({row["say_do_quadrant"] for row in rows}) == 5
    pending = Counter(row["is_pending"] for row in rows)
    assert min(pending[True], pending[False]) > 20
    edges = {(row["followed_until_date"] - row["answered_date"]).days for row in rows}
    assert edges == {90}


def test_an_answer_of_the_as_of_day_is_pending_and_one_of_90_days_ago_is_decided(world):
    oracle, home = world
    rows = home.rows("select answered_date, is_pending from marts.stated_vs_actual")
    ago = {(oracle.as_of - row["answered_date"]).days: row["is_pending"] for row in rows}
    assert ago[0] and ago[89] and not ago[90] and not ago[91]


def test_every_profile_is_in_the_quadrant_of_its_latest_decided_answer(world):
    oracle, home = world
    profiles = home.rows(
        "select customer_id, say_do_quadrant, experience_score_30d from marts.customer_profiles"
    )
    scores = {row["customer_id"]: row["experience_score_30d"] for row in profiles}
    told = {row["customer_id"]: row["say_do_quadrant"] for row in profiles}
    assert {c: q for c, q in told.items() if q} == oracle.quadrants(oracle.ledger(), scores)


def test_every_reason_stands_beside_the_record_that_the_oracle_finds(world):
    oracle, home = world
    published = rows_by(home, "stated_cancel_reasons", "customer_id", "answered_at")
    assert differences(published, oracle.reasons()) == []
    agreements = {row["record_agreement"] for row in published.values()}
    assert agreements == {"agrees", "disagrees", "not_on_record", "unlisted"}


def test_a_reason_that_is_not_in_the_seed_is_told_once_for_each_answer(world):
    _, home = world
    name = "int_cancel_answers_selected__every_answer_is_in_the_seed"
    assert home.failures[name].startswith("Got 1 result")


def test_no_text_of_an_answer_is_published(world):
    _, home = world
    columns = home.rows(
        "select table_name from duckdb_columns() "
        "where schema_name = 'marts' and column_name like '%text%' "
        "and column_name <> 'question_text'"  # what was asked, not what was answered
    )
    assert columns == []


def test_the_months_count_each_customer_once_and_no_pending_answer(world):
    oracle, home = world
    latest = {}
    for (customer, role, at), row in oracle.ledger().items():
        key = (customer, role, oracle.local(at).date().replace(day=1))
        if key not in latest or latest[key][0] < at:
            latest[key] = (at, row)
    expected: dict = {}
    for (_, role, month), (_, row) in latest.items():
        cell = expected.setdefault((month, role), Counter())
        cell["response_count"] += 1
        cell["pending_count"] += row["is_pending"]
        cell["paying_count"] += row["stay_outcome"] is not None
        cell["staying_count"] += row["stay_outcome"] == "stayed"
        cell["spending_count"] += row["spend_outcome"] is not None
    published = home.rows(
        "select month_start_date, question_role, sum(response_count) as response_count, "
        "sum(pending_count) as pending_count, sum(paying_count) as paying_count, "
        "round(sum(stay_ratio * paying_count)) as staying_count, "
        "sum(spending_count) as spending_count from marts.stated_vs_actual_monthly "
        "where segment_type = 'all' group by all"
    )
    found = {
        (row.pop("month_start_date"), row.pop("question_role")): {
            name: int(value or 0) for name, value in row.items()
        }
        for row in published
    }
    assert found == {
        key: {name: cell[name] for name in found[key]} for key, cell in expected.items()
    }


@pytest.mark.parametrize("query", QUERIES, ids=[str(n) for n in range(len(QUERIES))])
def test_the_documented_questions_have_answers(world, query):
    _, home = world
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        assert connection.execute(query).fetchall()


def test_answers_have_the_role_that_their_question_has_now(dbt, make_home):
    home = make_home("changed_role")
    whose = {"id_type": "msisdn", "id_key": "m1"}
    home.deliver("accounts", [{"account_key": "a1", "opened_at": "2024-01-01"}])
    home.deliver(
        "account_identifiers", [{"account_key": "a1", "valid_from_at": "2024-01-01"} | whose]
    )
    home.deliver(
        "survey_responses",
        [whose | {"response_id": "r1", "survey_code": "s", "question_code": "q7", "score": 9,
                  "responded_at": "2024-05-01"}],
    )  # fmt: skip
    found = []
    for role in ("overall_satisfaction", "stated_stay_intent", "network_satisfaction"):
        roles = [{"question_code": "q7", "role": role}]
        home.write_state("dictionaries/questions", roles, QUESTIONS_SCHEMA)
        day = {"as_of_date": "2024-06-01", "as_of_end_at": "2024-06-02 00:00:00"}
        dbt(home, "build", "+int_stated_answers_selected", *LEFT_OUT[1], **day)
        found.append(
            home.rows("select question_role from intermediate.int_stated_answers_selected")
        )
    assert found == [
        [{"question_role": "overall_satisfaction"}], [{"question_role": "stated_stay_intent"}], []
    ]  # fmt: skip
