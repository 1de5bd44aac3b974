"""One quarter of a telephone company, without dates and without a network."""

from __future__ import annotations

import duckdb
import pytest
from whole_business import Business, cents, run_all

STATED = "1 + latest_satisfaction_score * 0.4"


@pytest.fixture(scope="module")
def telco(deliver) -> Business:
    settings = deliver("ibm_telco")
    # A subscription's end is in another file than its price: join before delivery, one row for one.
    duckdb.sql(
        f"""
        copy (
            select services.*, status."Customer Status", status."Churn Category"
            from read_csv('{settings.landing}/telco_services.csv', all_varchar = true) as services
            join read_csv('{settings.landing}/telco_status.csv', all_varchar = true) as status
                using ("Customer ID")
        ) to '{settings.landing}/telco_subscriptions.csv' (header)
        """
    )
    return Business(settings, run_all(settings))


def test_every_customer_has_one_profile(telco):
    assert telco.rows("select count(*), sum(account_count) from customer_profiles") == [
        (7_043, 7_043)
    ]


def test_total_revenue_is_its_four_lines_to_the_cent(telco):
    lines = dict(
        telco.rows(
            "select split_part(transaction_id, ':', 1), sum(amount) "
            "from warehouse.staging.stg_transactions__transactions group by 1"
        )
    )
    assert lines == {
        "charge": cents("16,060,725.24"),
        "refund": cents("13,819.65"),
        "extra_data": cents("48,320.00"),
        "long_distance": cents("5,275,906.10"),
    }
    total = cents("21,371,131.69")
    assert telco.value("select sum(lifetime_revenue) from customer_profiles") == total
    assert telco.value("select sum(revenue) from customer_months") == total


def test_recurring_revenue_opens_with_everyone_and_closes_with_those_who_stayed(telco):
    assert telco.rows(
        "select sum(opening_mrr), sum(closing_mrr), count(*) filter (is_churned) "
        "from customer_months where month_start_date = '2019-09-01'"
    ) == [(cents("456,116.60"), cents("316,985.75"), 1_869)]
    assert telco.value("select sum(monthly_recurring_revenue) from customer_profiles") == cents(
        "316,985.75"
    )


def test_stayed_joined_and_churned_are_counted(telco):
    assert telco.rows(
        "select customer_status, count(*) from customer_profiles group by 1 order by 1"
    ) == [("active", 4_720 + 454), ("lapsed", 1_869)]
    assert telco.value("select count(*) from customer_profiles where churned_at is not null") == (
        1_869
    )


def test_customers_and_churn_by_score_are_reported_as_found(telco):
    assert telco.rows(
        f"select cast(round({STATED}) as integer), count(*), count(churned_at) "
        "from customer_profiles group by 1 order by 1"
    ) == [(1, 922, 922), (2, 518, 518), (3, 2_665, 429), (4, 1_789, 0), (5, 1_149, 0)]


def test_mean_satisfaction(telco):
    assert telco.value(f"select avg({STATED}) from customer_profiles") == pytest.approx(
        3.244924, abs=5e-7
    )


def test_recurring_revenue_of_the_undecided(telco):
    assert telco.value(
        "select sum(monthly_recurring_revenue) from customer_profiles "
        f"where round({STATED}) = 3 and churned_at is null"
    ) == cents("145,333.10")


def test_reasons_for_leaving_are_kept_as_answers_without_a_score(telco):
    assert telco.rows(
        "select count(*), count(score), count(distinct answer_text) "
        "from warehouse.staging.stg_survey__responses where question_role = 'cancel_reason'"
    ) == [(1_869, 0, 20)]


def test_every_reason_for_leaving_is_listed_and_none_is_blamed_on_a_record_that_is_not_there(telco):
    assert telco.rows(
        "select count(*), count(*) filter (reason_code = 'unlisted'), "
        "count(*) filter (has_poor_service or has_complaint) from stated_cancel_reasons"
    ) == [(1_869, 0, 0)]


def test_whoever_answers_on_the_last_day_is_pending_and_counts_nowhere(telco):
    assert telco.rows(
        "select count(*), count(*) filter (is_pending), count(say_do_quadrant), "
        "count(stay_outcome) from stated_vs_actual"
    ) == [(7_043, 7_043, 0, 0)]
    assert telco.value("select count(say_do_quadrant) from customer_profiles") == 0


def test_service_is_not_known_and_nothing_stands_in_for_it(telco):
    assert telco.rows(
        "select count(*) filter (has_network), count(experience_score_30d), "
        "count(experience_score_90d), count(traffic_mb_30d) from customer_profiles"
    ) == [(0, 0, 0, 0)]
    assert telco.value("select count(experience_score) from customer_months") == 0


def test_readiness_says_that_there_is_no_network(telco):
    answers = telco.rows(
        "select grade, why from data_readiness where source = 'network_usage_daily'"
    )
    assert answers
    assert all(why for _, why in answers)


def test_a_score_that_gives_leaving_away_is_called_a_leak_and_nothing_is_fitted_to_it(telco):
    held = telco.rows(
        "select distinct not_publishable_reason from experience_effects "
        "where link like 'satisfaction_to_%' or link like '%_via_satisfaction' "
        "or link like '%churn%'"
    )
    assert held == [
        ("the score gives leaving away: at some scores nearly all leave, at others nearly none",)
    ]
    assert telco.rows(
        "select count(estimate), count(pooled_estimate), count(*) filter (is_publishable) "
        "from experience_effects"
    ) == [(0, 0, 0)]
    assert telco.rows(
        "select count(monthly_revenue_effect), sum(monthly_recurring_revenue) "
        "from revenue_at_stake where scenario_code = 'satisfaction_lift'"
    ) == [(0, cents("316,985.75"))]
