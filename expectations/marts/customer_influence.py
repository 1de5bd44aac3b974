"""May `customer_influence` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id",)

# Where no identifier is shared nobody is known to be near anybody.
MAY_BE_EMPTY = True

_WHO = "Whoever changed int_neighbour_changes_summarised_to_customers last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: customers there are, near as many as share something with them."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("reach_count", "change_count", "following_change", "placebo_change", "reasons"),
        between("influence_percentile", 0, 1),
        gxe.UnexpectedRowsExpectation(
            description="a customer reaches whom it shares an identifier with, and has a profile",
            unexpected_rows_query="""
                select *
                from {batch}
                left join (
                    select customer_id, count(*) as shared_count
                    from intermediate.int_neighbours_found
                    where shared_to_date > (select max(as_of_date) from marts.customer_profiles)
                    group by customer_id
                ) using (customer_id)
                left join (
                    select customer_id, true as is_known from marts.customer_profiles
                ) using (customer_id)
                where
                    is_known is null
                    or reach_count is distinct from shared_count
                    or (influence_percentile is null) <> (change_count = 0)
                    or change_count = 0 and following_change <> 0
            """,
            severity="critical",
            notes=f"Somebody would be courted who leads nobody. {_WHO}",
        ),
    ]
