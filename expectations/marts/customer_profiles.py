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

# Of a customer that this release joins: a person may bring one account or two.
_LEAST_ACCOUNTS = 6
_TIMES_THE_LARGEST = 2


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
        between("predicted_satisfaction_score", 0, 10),
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
        gxe.UnexpectedRowsExpectation(
            description="no customer is far larger than any of the last release",
            unexpected_rows_query=f"""
                with this_release as (
                    select max(changed_at) as changed_at
                    from marts.identity_changes
                    where release_id is null
                ),
                held_before as (
                    select count(*) as held_account_count
                    from intermediate.int_identity_registered as registered, this_release
                    where
                        registered.assigned_at < this_release.changed_at
                        and (
                            registered.released_at is null
                            or registered.released_at >= this_release.changed_at
                        )
                    group by registered.customer_id
                ),
                largest as (
                    select max(held_account_count) as largest_account_count from held_before
                )
                select customer_id, account_count, largest_account_count
                from {{batch}}
                cross join largest
                where
                    account_count >= {_LEAST_ACCOUNTS}
                    and account_count > {_TIMES_THE_LARGEST} * largest_account_count
                order by account_count desc, customer_id
            """,
            severity="warning",
            notes="This release joins more accounts to one customer than any had: a household's "
            "or a shop's identifier may glue people together. Whoever owns identifier_types looks "
            "at it with `saydo identity explain`, and lowers max_customers of the type that joins "
            "them.",
        ),
    ]
