"""A marketplace's real orders: the figures counted from the files must come out of the release."""

from __future__ import annotations

import pytest
from whole_business import Business, cents, run_all

STATED = "warehouse.staging.stg_survey__responses"
TRANSACTIONS = "warehouse.staging.stg_transactions__transactions"
DELIVERIES = "warehouse.staging.stg_network__usage_daily"


@pytest.fixture(scope="module")
def olist(deliver) -> Business:
    settings = deliver("olist")
    return Business(settings, run_all(settings))


def test_4000_orders_belong_to_3998_persons(olist):
    assert olist.value("select count(*) from customer_profiles") == 3_998
    assert olist.value("select sum(account_count) from customer_profiles") == 4_000
    assert olist.value("select count(*) from customer_profiles where account_count > 1") == 2


def test_the_two_returning_persons_are_those_that_the_shop_knows(olist):
    wrong = olist.rows(
        """
        select persons.id_key, count(distinct identifiers.customer_id)
        from warehouse.staging.stg_identity__account_identifiers as persons
        join warehouse.staging.stg_identity__account_identifiers as orders
            on persons.account_key = orders.account_key and orders.id_type = 'order_id'
        join customer_identifiers as identifiers
            on identifiers.id_type = 'order_id' and identifiers.id_key = orders.id_key
        where persons.id_type = 'customer_unique_id'
        group by 1
        having count(distinct identifiers.customer_id) <> 1
        """
    )
    assert wrong == []


def test_an_order_has_one_owner(olist):
    assert olist.rows(
        "select count(*), count(distinct id_key), count(distinct customer_id) "
        "from customer_identifiers where id_type = 'order_id' and not is_shared"
    ) == [(4_000, 4_000, 3_998)]


@pytest.mark.parametrize(
    ("kind", "count", "total"),
    [
        ("item", 4_519, "549,545.09"),
        ("freight", 4_519, "89,709.68"),
        ("payment", 4_161, "645,494.05"),
    ],
)
def test_every_line_is_there_once_and_to_the_cent(olist, kind, count, total):
    assert olist.rows(
        f"select count(*), sum(amount) from {TRANSACTIONS} where transaction_id like ? || ':%'",
        kind,
    ) == [(count, cents(total))]


def test_no_line_is_multiplied_or_lost_on_its_way_to_a_person(olist):
    assert olist.rows(
        f"""
        select count(*), sum(amount) filter (transaction_type = 'payment')
        from {TRANSACTIONS} as transactions
        join customer_identifiers as owners
            on
                transactions.id_type = owners.id_type
                and transactions.id_key = owners.id_key
                and transactions.occurred_at >= coalesce(owners.valid_from_at, '-infinity')
                and transactions.occurred_at < coalesce(owners.valid_to_at, 'infinity')
        where not owners.is_shared
        """
    ) == [(2 * 4_519 + 4_161, cents("645,494.05"))]


def test_revenue_is_price_and_freight_and_counts_no_payment(olist):
    total = cents("549,545.09") + cents("89,709.68")
    assert olist.value("select sum(revenue) from customer_months") == total
    assert olist.value("select sum(lifetime_revenue) from customer_profiles") == total


def test_reviews_keep_their_key_of_two_columns_their_counts_and_their_mean(olist):
    assert olist.rows(
        f"select count(*), count(distinct response_id), round(avg(stated_score), 6) from {STATED}"
    ) == [(3_986, 3_986, pytest.approx(4.080281, abs=5e-7))]
    assert olist.rows(f"select stated_score, count(*) from {STATED} group by 1 order by 1") == [
        (1, 454),
        (2, 137),
        (3, 337),
        (4, 765),
        (5, 2_293),
    ]


def test_the_release_tells_every_answer_once(olist):
    assert olist.value("select sum(survey_response_count) from customer_profiles") == 3_986
    assert olist.value(
        f"select bool_and(abs(score - (stated_score - 1) * 2.5) < 0.000001) from {STATED}"
    )


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (f"select id_key from {TRANSACTIONS} where transaction_type = 'one_off'", 23),
        (f"select id_key from {STATED}", 28),
        (f"select id_key from {TRANSACTIONS} where transaction_type = 'payment'", 0),
    ],
    ids=["without items", "without a review", "without a payment"],
)
def test_orders_that_lack_something(olist, facts, missing):
    assert (
        olist.value(
            "select count(*) from customer_identifiers "
            f"where id_type = 'order_id' and id_key not in ({facts})"
        )
        == missing
    )


def test_deliveries_and_those_that_came_late(olist):
    assert olist.rows(
        f"select count(*), count(*) filter (delivery_delay_days > 0) from {DELIVERIES}"
    ) == [(3_898, 279)]


def test_a_late_delivery_lowers_the_experience_and_an_early_one_is_perfect(olist):
    assert olist.rows(
        "select count(*) filter (experience_score < 100), max(experience_score) "
        "from customer_months where experience_score is not null"
    ) == [(279, 100)]


def test_later_deliveries_are_rated_lower(olist):
    [early, late, very_late] = [
        rating
        for _, rating in olist.rows(
            f"""
            select
                case when delivery_delay_days <= 0 then 0 when delivery_delay_days < 8 then 1
                else 2 end as how_late,
                avg(stated_score)
            from {DELIVERIES} join {STATED} using (id_type, id_key)
            group by 1
            order by 1
            """
        )
    ]
    assert early > 4 > late > very_late


def test_what_the_business_does_not_have_is_not_made_up(olist):
    assert olist.value("select sum(monthly_recurring_revenue) from customer_profiles") in (None, 0)
    assert not olist.value("select bool_or(has_analytics_consent) from customer_profiles")


def test_satisfaction_falls_with_delay_from_customer_to_customer_and_is_not_published(olist):
    """Hardly anybody orders twice: nothing is known of changes within customers."""
    [(estimate, pooled, is_publishable, reason, method)] = olist.rows(
        "select estimate, pooled_estimate, is_publishable, not_publishable_reason, method "
        "from experience_effects where link = 'service_to_satisfaction' and lag_months = 0"
    )
    assert estimate is None and pooled > 0.3 and not is_publishable
    assert reason == (
        "fewer customers than policy chain.min_customers answered in two months or more"
    )
    assert method == "pooled, cross-sectional"
    [(by_delay,)] = olist.rows(
        "select pooled_estimate from experience_effects "
        "where link = 'kpi_delivery_delay_to_satisfaction' and not is_publishable"
    )
    assert by_delay < -0.05  # points, for a day late


def test_without_subscriptions_there_is_nothing_at_stake_and_the_reason_is_given(olist):
    assert olist.rows(
        "select count(estimate), "
        "count(*) filter (is_publishable or not_publishable_reason is null) from experience_effects"
    ) == [(0, 0)]
    assert olist.rows(
        "select sum(monthly_recurring_revenue), count(monthly_revenue_effect) from revenue_at_stake"
    ) == [(0, 0)]
