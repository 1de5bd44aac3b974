"""2,000 simulated customers: the chain as published, against what the simulator plants.

The planted figures are written here, not read from the simulator: a trait taken away, a sign turned
or a future that leaks there has to be seen here.
"""

from __future__ import annotations

import pytest

# link, band, months between, effect per ten points of service or a point of satisfaction
PLANTED = [
    ("service_to_satisfaction", "all", 0, 0.60),
    ("service_to_satisfaction", "all", 1, 0.20),
    ("satisfaction_to_revenue", "below_edge", 1, 2.0),
    ("satisfaction_to_revenue", "above_edge", 1, 0.5),
    ("satisfaction_to_revenue", "below_less_above", 1, 1.5),
    ("service_to_revenue_direct", "below_edge", 1, 0.50),
    ("service_to_revenue_via_satisfaction", "below_edge", 1, 1.2),
    ("service_to_revenue_via_satisfaction", "above_edge", 1, 0.3),
    ("satisfaction_to_churn", "below_edge", 1, -0.010),
    ("satisfaction_to_new_service", "below_edge", 1, 0.006),
]  # fmt: skip
# Far from nothing even of 2,000 customers in six months.
CLEAR = [plan for plan in PLANTED if plan[:2] in {
    ("service_to_satisfaction", "all"), ("satisfaction_to_revenue", "below_edge"),
    ("service_to_revenue_via_satisfaction", "below_edge"),
}]  # fmt: skip


def effect(telco, link: str, band: str, lag: int) -> dict:
    columns = ("estimate", "standard_error", "ci_low", "ci_high", "pooled_estimate",
               "lead_p_value", "sensitivity_low", "sensitivity_high", "is_publishable",
               "not_publishable_reason")  # fmt: skip
    [row] = telco.rows(
        f"select {', '.join(columns)} from experience_effects "
        "where link = ? and band = ? and lag_months = ?", link, band, lag,
    )  # fmt: skip
    return dict(zip(columns, row, strict=True))


@pytest.mark.parametrize(("link", "band", "lag", "planted"), PLANTED)
def test_effects_are_what_was_planted(telco, link, band, lag, planted):
    found = effect(telco, link, band, lag)
    assert found["is_publishable"], found["not_publishable_reason"]
    assert abs(float(found["estimate"]) - planted) < 2.6 * float(found["standard_error"])


@pytest.mark.parametrize(("link", "band", "lag", "planted"), CLEAR)
def test_clear_effects_are_told_from_nothing(telco, link, band, lag, planted):
    found = effect(telco, link, band, lag)
    assert 0 < float(found["ci_low"]) < planted * 1.2


def test_who_is_happy_by_nature_misleads_a_comparison_of_customers(telco):
    """A stable trait moves service, scores and spend: pooled effects are too large within it."""
    for band in ("below_edge", "above_edge"):
        found = effect(telco, "satisfaction_to_revenue", band, 1)
        assert float(found["pooled_estimate"]) > float(found["estimate"]) + 0.8
    direct = effect(telco, "service_to_revenue_direct", "all", 1)
    assert float(direct["pooled_estimate"]) < 0 < float(direct["estimate"])


def test_service_of_later_months_does_not_move_an_answer(telco):
    for lag in (0, 1):
        assert effect(telco, "service_to_satisfaction", "all", lag)["lead_p_value"] > 0.01
    assert effect(telco, "satisfaction_to_revenue", "below_edge", 1)["lead_p_value"] > 0.01


def test_direct_and_by_way_of_satisfaction_add_up_to_the_last_digit(telco):
    [(off, count)] = telco.rows(
        """
        select
            max(abs(total.estimate - direct.estimate - via.estimate)), count(*)
        from experience_effects as total
        join experience_effects as direct
            on direct.link = total.link || '_direct'
            and direct.band = total.band and direct.lag_months = total.lag_months
        join experience_effects as via
            on via.link = total.link || '_via_satisfaction'
            and via.band = total.band and via.lag_months = total.lag_months
        where total.estimate is not null
        """
    )
    assert (off, count) == (0, 9)


def test_what_is_at_stake_is_not_more_than_what_is_there(telco):
    [(over, shares, bands, unranked)] = telco.rows(
        """
        select
            count(*) filter (abs(monthly_revenue_effect) > monthly_recurring_revenue),
            max(abs(1 - shares)), max(bands), count(*) filter (is_publishable and rank is null)
        from revenue_at_stake join (
            select scenario_code, sum(share_of_total) as shares, count(*) as bands
            from revenue_at_stake where is_publishable group by all
        ) using (scenario_code)
        """
    )
    assert over == unranked == 0 and shares < 0.0001 and bands >= 5
    assert telco.value(
        "select sum(monthly_recurring_revenue) from revenue_at_stake "
        "where scenario_code = 'service_dip'"
    ) == telco.value("select sum(monthly_recurring_revenue) from customer_profiles "
                     "where customer_status = 'active'")  # fmt: skip


def test_a_dip_costs_and_a_lift_brings_most_where_customers_are_not_content(telco):
    effects = {
        (scenario, band): float(each)
        for scenario, band, each in telco.rows(
            "select scenario_code, band, effect_per_customer from revenue_at_stake "
            "where scenario_code in ('service_dip', 'satisfaction_lift') and is_publishable"
        )
    }
    assert effects["service_dip", "dissatisfied"] < effects["service_dip", "fan"]
    assert effects["satisfaction_lift", "dissatisfied"] > effects["satisfaction_lift", "fan"]
    assert effects["service_dip", "dissatisfied"] < 0 < effects["satisfaction_lift", "dissatisfied"]
