"""Survey figures from answers to marts, and the questions that docs/satisfaction.md answers."""

from __future__ import annotations

import re
from datetime import date

import duckdb
import pytest
from small_home import PROJECT

from saydo.estimate import run_estimators
from saydo.settings import Settings

DAY = {"as_of_date": "2025-03-31", "as_of_end_at": "2025-04-01 00:00:00"}
ZONE = {"business_timezone": "UTC"}
UNTESTED = (
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure",
    "--exclude-resource-type", "test",
)  # fmt: skip
QUERIES = re.findall(
    r"^```sql\n(.*?)^```", (PROJECT.parent / "docs" / "satisfaction.md").read_text(), re.M | re.S
)
PEOPLE = range(1, 121)
MARCH = date(2025, 3, 1)


def whose(person: int) -> dict[str, str]:
    return {"id_type": "msisdn", "id_key": f"m{person}"}


def invitation(person: int, month: int, at: str = "20 10:00") -> dict:
    return whose(person) | {
        "invitation_id": f"i{month}-{person}", "survey_code": "tracker", "status": "sent",
        "invited_at": f"2025-0{month}-{at}", "wave_date": f"2025-0{month}-20", "design_weight": 2,
    }  # fmt: skip


def answer(person: int, month: int, score: int, at: str = "21 10:00", **known) -> dict:
    return whose(person) | {
        "response_id": f"r{month}-{person}-{at}", "invitation_id": f"i{month}-{person}",
        "survey_code": "tracker", "question_code": "recommend", "scale_min": 0, "scale_max": 10,
        "responded_at": f"2025-0{month}-{at}", "score": score,
    } | known  # fmt: skip


def drawn_in_december(person: int) -> dict:
    return invitation(person, 2) | {
        "invitation_id": f"i12-{person}", "status": "sent" if person % 4 else "not_sampled",
        "invited_at": "2024-12-20 10:00", "wave_date": "2024-12-20",
    }  # fmt: skip


def answered_in_december(person: int) -> dict:
    return answer(person, 2, person % 11) | {
        "response_id": f"r12-{person}", "invitation_id": f"i12-{person}",
        "responded_at": "2024-12-21 10:00",
    }  # fmt: skip


def plan(person: int) -> dict:
    return whose(person) | {
        "subscription_id": f"s{person}", "product_code": "basic", "product_type": "plan",
        "recurring_amount": 20, "currency": "EUR", "billing_interval": "month",
        "started_at": "2024-06-01", "ended_at": "2025-02-10" if person % 10 == 1 else None,
    }  # fmt: skip


@pytest.fixture(scope="module")
def home(dbt, make_home):
    home = make_home("surveys")
    home.deliver(
        "accounts",
        [{"account_key": f"a{n}", "opened_at": "2024-01-01", "customer_type": "consumer",
          "region_code": "north" if n % 3 else "south"} for n in PEOPLE],
    )  # fmt: skip
    home.deliver(
        "account_identifiers",
        [{"account_key": f"a{n}", "valid_from_at": "2024-01-01"} | whose(n) for n in PEOPLE],
    )
    home.deliver("subscriptions", [plan(n) for n in PEOPLE])
    home.deliver(
        "survey_invitations",
        [invitation(n, m) for n in PEOPLE for m in (2, 3)] + [drawn_in_december(n) for n in PEOPLE],
    )
    december = [answered_in_december(n) for n in range(11, 61) if n % 4]
    usual = [answer(n, m, (3 * n + m) % 11) for n in range(11, 101) for m in (2, 3)]
    odd = [
        answer(1, 3, 9, at="20 09:00"),  # an hour before the invitation
        answer(2, 3, 0), answer(2, 3, 10, at="22 10:00"),  # twice
        answer(3, 2, 10, at="20 10:00", responded_at="2025-03-02 10:00"),  # of February
        answer(4, 3, 10, invitation_id=None),
        answer(5, 3, 10, question_code="a question that nothing declares"),
        answer(6, 3, 10, invitation_id="i3-7"),  # somebody else's
    ]  # fmt: skip
    home.deliver("survey_responses", usual + odd + december)
    everything = ("path:seeds", "path:models")
    statuses = dbt(home, "build", *everything, *UNTESTED, **ZONE, **DAY)
    assert set(statuses.values()) <= {"success", "pass"}, dbt.failures
    list(run_estimators(Settings(home=home.root), date(2025, 3, 31), "k"))
    statuses = dbt(home, "build", "path:models/marts/satisfaction", *UNTESTED, **ZONE, **DAY)
    assert set(statuses.values()) <= {"success", "pass"}, dbt.failures
    dbt(home, "test", "path:tests/marts", **ZONE, **DAY)
    home.failures = dict(dbt.failures)
    return home


def selected(home, person: int) -> list[tuple]:
    rows = home.rows(
        "select month_start_date, score, is_invited, design_weight "
        "from intermediate.int_survey_answers_selected_to_customer_months as answers "
        "inner join intermediate.int_accounts_resolved as accounts "
        "on answers.customer_id = accounts.customer_id "
        f"where account_key = 'a{person}' order by 1"
    )
    return [tuple(row.values()) for row in rows]


def test_an_answer_before_its_invitation_is_told_and_counts_as_uninvited(home):
    assert selected(home, 1) == [(MARCH, 9, False, 1)]
    name = "int_survey_responses_resolved__an_answer_comes_after_its_invitation"
    assert home.failures[name].startswith("Got 1 result")


def test_of_duplicate_responses_the_latest_counts_and_they_are_told(home):
    assert selected(home, 2) == [(MARCH, 10, True, 2)]
    name = "int_survey_responses_resolved__an_invitation_is_answered_once"
    assert home.failures[name].startswith("Got 1 result")


def test_an_answer_counts_in_the_month_of_its_invitation(home):
    assert selected(home, 3) == [(date(2025, 2, 1), 10, True, 2)]


def test_answers_without_an_invitation_of_ones_own_are_told_apart(home):
    assert selected(home, 4) == selected(home, 6) == [(MARCH, 10, False, 1)]
    assert selected(home, 5) == []
    (march,) = home.rows(
        "select * from marts.satisfaction_monthly "
        "where segment_type = 'all' and month_start_date = date '2025-03-01'"
    )
    assert (march["invited_count"], march["response_count"]) == (120, 94)
    assert march["uninvited_response_count"] == 3
    assert float(march["response_ratio"]) == pytest.approx(91 / 120, abs=1e-4)
    assert march["bias_low"] < march["score_mean"] < march["bias_high"]
    assert march["change_p_value"] is not None and march["nps"] is not None


@pytest.mark.parametrize("query", QUERIES, ids=[str(n) for n in range(len(QUERIES))])
def test_the_documented_questions_have_answers(home, query):
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        found = connection.execute(query).fetchall()
    assert found or "change_p_value <" in query


def test_the_weighted_answers_look_like_the_customers(home):
    regions = home.rows(
        "select level_code, population_share, sample_share_after, is_collapsed, is_converged "
        "from marts.survey_weighting where margin = 'region_code' "
        "and month_start_date = date '2025-03-01' order by 1"
    )
    assert [row["level_code"] for row in regions] == ["north", "south"]
    for row in regions:
        assert row["is_converged"] and not row["is_collapsed"]
        assert abs(row["population_share"] - row["sample_share_after"]) < 2e-4


def test_who_was_asked_is_held_against_who_was_not(home):
    rows = home.rows(
        "select group_type, customer_count, paying_count, staying_count, "
        "stay_difference::double as stay_difference, "
        "stay_difference_p_value < 0.05 as is_sure, total_mrr_after from "
        "marts.survey_groups_monthly where month_start_date = date '2024-12-01' order by 1"
    )
    told = {row.pop("group_type"): tuple(row.values()) for row in rows}
    # Every tenth leaves, of those who were asked alone.
    assert told == {
        "answered": (37, 37, 32, pytest.approx(-5 / 37, abs=1e-4), True, 640),
        "silent": (53, 53, 46, pytest.approx(-7 / 53, abs=1e-4), True, 920),
        "invited": (90, 90, 78, pytest.approx(-12 / 90, abs=1e-4), True, 1560),
        "not_sampled": (30, 30, 30, None, None, 600),
    }


def test_of_months_without_a_control_or_an_end_nothing_is_compared(home):
    rows = home.rows(
        "select group_type, customer_count, staying_count, stay_ratio, stay_difference, is_pending "
        "from marts.survey_groups_monthly where month_start_date = date '2025-03-01' order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("answered", 91, None, None, None, True),
        ("invited", 120, None, None, None, True),
        ("silent", 29, None, None, None, True),
    ]
