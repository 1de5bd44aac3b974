"""May `customer_profiles` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import (
    ROUNDED_AWAY,
    bands_agree,
    between,
    filled,
    one_of,
    reconciles,
    unique,
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id",)


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives the edges of the bands, `feeds` the reporting currency."""
    import great_expectations.expectations as gxe

    return [
        unique("customer_id"),
        *filled("customer_id", "as_of_date"),
        reconciles(
            "one profile per resolved customer",
            "select count(*) from {batch}",
            "select count(*) from intermediate.int_customers_resolved",
            "Customers were lost or doubled between identity and the profile. Whoever changed "
            "customer_profiles last corrects the join.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every customer holds an account in the registry",
            unexpected_rows_query="""
                select customer_id
                from {batch}
                where
                    customer_id not in (
                        select customer_id from intermediate.int_identity_registered
                        where released_at is null
                    )
            """,
            severity="critical",
            notes="A customer is published whose id the registry did not give or took back, so the "
            "next run would give it another. Whoever changed identity last corrects it.",
        ),
        reconciles(
            "recurring revenue of profiles is the closing one of the last month",
            "select coalesce(sum(monthly_recurring_revenue), 0) from {batch}",
            """
            select coalesce(sum(closing_mrr), 0) from marts.customer_months
            where month_start_date = (
                select date_trunc('month', max(as_of_date)) from marts.customer_profiles
            )
            """,
            "Two published tables tell different recurring revenue. Whoever changed either model "
            "last corrects it.",
        ),
        reconciles(
            "lifetime revenue of profiles is the revenue of all their months",
            "select coalesce(sum(lifetime_revenue), 0) from {batch}",
            "select coalesce(sum(revenue), 0) from marts.customer_months",
            "Two published tables tell different revenue. Whoever changed either model last "
            "corrects it.",
            tolerance=ROUNDED_AWAY,
        ),
        between("latest_satisfaction_score", 0, 10),
        between("experience_score_90d", 0, 100),
        bands_agree(policy, "latest_satisfaction_score", "satisfaction_band", ("customer_id",)),
        one_of("customer_status", ("active", "lapsed", "never_subscribed")),
        one_of("currency_code", (feeds.business.reporting_currency,)),
        gxe.ExpectColumnValuesToBeBetween(
            column="account_count",
            max_value=policy.identity.max_component_accounts,
            severity="critical",
            notes="One customer holds more accounts than a person can: a value that identifies "
            "nobody has glued people together. Whoever owns identifier_types lowers max_customers "
            "of that type.",
        ),
    ]
