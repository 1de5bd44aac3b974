"""From answers and months to points, and from points to predicted scores of everybody."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from small_business import usage, whose
from small_home import PROJECT

from saydo.config import Policy
from saydo.estimate import run_estimators
from saydo.settings import Settings

ZONE = {"business_timezone": "UTC"}
UNTESTED = (
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure",
    "--exclude-resource-type", "test",
)  # fmt: skip
PAGE = (PROJECT.parent / "docs" / "satisfaction.md").read_text()
QUERIES = re.findall(r"^```sql\n(.*?)^```", PAGE, re.M | re.S)
PEOPLE = range(1, 241)
ASKED = range(1, 161)  # the others never are
FEATURES = list(Policy().scorecard.features)
BANDS = "intermediate.int_drivers_banded_to_customer_months"


def is_badly_served(person: int, month: int) -> bool:
    return (person + month) % 3 == 0


def served(person: int, month: int) -> list[dict]:
    failed = 3 if is_badly_served(person, month) else 0
    day = date(2025, month, 5)
    known = {"session_count": 40, "failed_session_count": failed, "dropped_session_count": 0}
    return [usage(person, day, **known)]


def answered(person: int, month: int) -> dict:
    score = 8 - 3 * is_badly_served(person, month) + (person * 7 + month) % 3 - 1
    return whose(person) | {
        "response_id": f"r{month}-{person}", "survey_code": "tracker", "question_code": "overall",
        "scale_min": 0, "scale_max": 10, "responded_at": f"2025-0{month}-21 10:00", "score": score,
    }  # fmt: skip


def delivered(home, month: int) -> None:
    served_people = [person for person in PEOPLE if person % 10 or month < 3]
    home.deliver("network_usage_daily", [u for n in served_people for u in served(n, month)])
    home.deliver("survey_responses", [answered(n, month) for n in ASKED])
    home.deliver(
        "interactions",
        [whose(n) | {"interaction_id": f"c{month}-{n}", "occurred_at": f"2025-0{month}-11 09:00",
                     "channel_code": "phone", "interaction_type": "complaint"}
         for n in PEOPLE if (n * month) % 17 == 1],
    )  # fmt: skip


def built(dbt, home, day: str, end_at: str) -> None:
    known = {"as_of_date": day, "as_of_end_at": end_at} | ZONE
    for layer in (("path:seeds", "path:models"), ("path:models/marts",)):
        statuses = dbt(home, "build", *layer, *UNTESTED, **known)
        assert set(statuses.values()) <= {"success", "pass"}, dbt.failures
        list(run_estimators(Settings(home=home.root), date.fromisoformat(day), "k"))


@pytest.fixture(scope="module")
def home(dbt, make_home):
    home = make_home("drivers")
    home.deliver(
        "accounts",
        [{"account_key": f"a{n}", "opened_at": f"2024-{n % 12 + 1:02}-01"} for n in PEOPLE]
        + [{"account_key": "a999", "opened_at": "2024-01-01"}],  # of whom nothing is heard
    )
    home.deliver(
        "account_identifiers",
        [{"account_key": f"a{n}", "valid_from_at": "2024-01-01"} | whose(n) for n in PEOPLE],
    )
    for month in (1, 2):
        delivered(home, month)
    built(dbt, home, "2025-02-28", "2025-03-01 00:00:00")
    home.early = home.rows(f"select * from {BANDS} order by customer_id, month_start_date")
    home.early_version = home.rows("select model_version from marts.satisfaction_drivers")[0]
    delivered(home, 3)
    built(dbt, home, "2025-03-31", "2025-04-01 00:00:00")
    return home


def points_of(home) -> dict[tuple[str, str], Decimal]:
    rows = home.rows("select * from marts.satisfaction_drivers")
    return {(row["feature"], row["band"]): row["points"] for row in rows}


def test_a_later_fact_changes_no_earlier_band(home):
    later = home.rows(
        f"select * from {BANDS} where month_start_date < date '2025-03-01' "
        "order by customer_id, month_start_date"
    )
    assert home.early and later == home.early


def test_a_published_prediction_is_the_sum_of_the_published_points(home):
    points = points_of(home)
    bands = {
        row["customer_id"]: row
        for row in home.rows(f"select * from {BANDS} where month_start_date = date '2025-03-01'")
    }
    profiles = home.rows("select * from marts.customer_profiles")
    predicted = {row["customer_id"]: row["predicted_satisfaction_score"] for row in profiles}
    assert len(bands) == len(PEOPLE) and len(predicted) == len(PEOPLE) + 1
    for customer, row in bands.items():
        total = points["intercept", "all"] + sum(points[name, row[name]] for name in FEATURES)
        assert predicted.pop(customer) == min(max(total, Decimal(0)), Decimal(10))
    assert list(predicted.values()) == [None]  # nothing is known of a customer by month


def test_those_who_were_never_asked_are_predicted_by_how_they_are_served(home):
    rows = home.rows(
        "select account_key, predicted_satisfaction_score as score, latest_satisfaction_score "
        "from marts.customer_profiles inner join intermediate.int_accounts_resolved "
        "using (customer_id) where account_key <> 'a999'"
    )
    of_person = {int(row["account_key"][1:]): row for row in rows}
    never_asked = {n: row for n, row in of_person.items() if n not in ASKED}
    assert all(row["latest_satisfaction_score"] is None for row in never_asked.values())
    served = {n: float(row["score"]) for n, row in never_asked.items() if n % 10}
    bad = [score for n, score in served.items() if is_badly_served(n, 3)]
    good = [score for n, score in served.items() if not is_badly_served(n, 3)]
    assert len(bad) > 20 and max(bad) < 6.7 < 7.3 < min(good)


def test_what_is_not_known_is_a_band_of_its_own(home):
    rows = home.rows(
        "select * from marts.satisfaction_drivers where feature = 'experience_score' "
        "and band = 'unknown'"
    )
    (unknown,) = rows
    assert (unknown["customer_count"], unknown["answer_count"]) == (len(PEOPLE) // 10, 16)
    assert unknown["lower_bound"] is unknown["upper_bound"] is None


def test_every_build_has_a_version_of_its_own_up_to_its_day(home):
    (version,) = home.rows("select distinct model_version from marts.satisfaction_drivers")
    assert version["model_version"].startswith("2025-03-31-")
    assert home.early_version["model_version"].startswith("2025-02-28-")


def test_the_documented_explanation_adds_up_to_the_prediction(home):
    (query,) = (query for query in QUERIES if "as measured" in query)
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        explained = connection.execute(f"select feature, points from ({query})").fetchall()
        lowest = connection.execute(
            "select min(predicted_satisfaction_score) from customer_profiles"
        ).fetchone()
    assert [feature for feature, _ in explained].count("experience_score") == 1
    assert len(explained) == len(FEATURES) + 1
    assert sum(points for _, points in explained) == lowest[0]


def test_of_too_few_answers_nobody_has_a_prediction_and_the_run_says_so(home, dbt, tmp_path):
    policy = tmp_path / "policy.yml"
    policy.write_text("scorecard: {min_answers: 10000}")
    settings = Settings(home=home.root, policy_file=policy)
    list(run_estimators(settings, date(2025, 3, 31), "k"))
    selected = ("customer_profiles", "satisfaction_drivers")
    known = {"as_of_date": "2025-03-31", "as_of_end_at": "2025-04-01 00:00:00"} | ZONE
    assert set(dbt(home, "build", *selected, *UNTESTED, **known).values()) == {"success"}
    name = "satisfaction_drivers__answers_suffice_for_a_scorecard"
    assert dbt(home, "test", name, **known)[name] == "warn"
    assert set(points_of(home).values()) == {None}
    scores = home.rows(
        "select count(predicted_satisfaction_score) as n from marts.customer_profiles"
    )
    assert scores == [{"n": 0}]
