"""May `customer_profile_versions` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "valid_from_at")


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; neither the policy nor the feeds say any of them."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("customer_id", "customer_status"),
        gxe.UnexpectedRowsExpectation(
            description="a customer's spans follow each other, and the last is open",
            unexpected_rows_query="""
                with followed as (
                    select
                        customer_id,
                        valid_from_at,
                        valid_to_at,
                        lead(valid_from_at) over (
                            partition by customer_id order by valid_from_at nulls first
                        ) as next_valid_from_at
                    from {batch}
                )
                select * from followed where valid_to_at is distinct from next_valid_from_at
            """,
            severity="critical",
            notes="A customer was two things at one time, or nothing, so what is asked for a day "
            "comes twice or not at all. Whoever changed the models that span its attributes last "
            "corrects them.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="the open span says what the profile says",
            unexpected_rows_query="""
                select profiles.customer_id
                from marts.customer_profiles as profiles
                left join (select * from {batch} where valid_to_at is null) as versions
                    on
                        profiles.customer_id = versions.customer_id
                        and profiles.region_code is not distinct from versions.region_code
                        and profiles.customer_type is not distinct from versions.customer_type
                        and profiles.satisfaction_band
                        is not distinct from versions.satisfaction_band
                        and profiles.customer_status = versions.customer_status
                where versions.customer_id is null
            """,
            severity="critical",
            notes="Two published tables say different things of a customer as it is now. Whoever "
            "changed customer_profiles, or the models that span its attributes, corrects the "
            "other.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every customer with a version has a profile",
            unexpected_rows_query="""
                select distinct customer_id
                from {batch}
                where customer_id not in (select customer_id from marts.customer_profiles)
            """,
            severity="critical",
            notes="A customer has a past and is not published. Whoever changed identity last "
            "corrects it.",
        ),
        one_of("customer_status", ("active", "lapsed", "never_subscribed")),
        one_of("satisfaction_band", ("dissatisfied", "neutral", "fan")),
    ]
