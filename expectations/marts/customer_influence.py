"""May `customer_influence` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id",)

# Where no identifier is shared and no relation is delivered nobody is known to be near anybody.
MAY_BE_EMPTY = True

_WHO = "Whoever changed int_neighbour_changes_summarised_to_customers last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: customers there are, near as many as are related to them."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("reach_count", "change_count", "following_change", "placebo_change", "reasons"),
        *filled("referral_count", "referred_revenue", "satisfaction_following_change"),
        between("influence_percentile", 0, 1),
        _ranked(),
        gxe.UnexpectedRowsExpectation(
            description="a customer reaches whom it is near, and has a profile",
            unexpected_rows_query="""
                select *
                from {batch}
                left join (
                    select customer_id, count(distinct neighbour_customer_id) as near_count
                    from intermediate.int_neighbours_found
                    where near_to_date > (select max(as_of_date) from marts.customer_profiles)
                    group by customer_id
                ) using (customer_id)
                left join (
                    select customer_id, true as is_known from marts.customer_profiles
                ) using (customer_id)
                where
                    is_known is null
                    or reach_count is distinct from near_count
                    or (influence_percentile is null) <> (change_count = 0)
                    or change_count = 0 and following_change <> 0
                    or satisfaction_change_count = 0 and satisfaction_following_change <> 0
                    or referral_count = 0 and referred_revenue <> 0
            """,
            severity="critical",
            notes=f"Somebody would be courted who leads nobody. {_WHO}",
        ),
    ]


def _ranked() -> Expectation:
    """Ranked are the people of a business, each among as many as are near it."""
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="the people of a business are ranked among each other",
        unexpected_rows_query="""
            select *
            from {batch}
            left join (
                select customer_id, count(*) as colleague_count
                from intermediate.int_neighbours_found
                where
                    relation_type = 'same_business'
                    and near_to_date > (select max(as_of_date) from marts.customer_profiles)
                group by customer_id
            ) using (customer_id)
            where
                (business_rank is null) <> (colleague_count is null or change_count = 0)
                or business_rank not between 1 and colleague_count + 1
        """,
        severity="critical",
        notes=f"Whoever leads a business would be looked for among others. {_WHO}",
    )
