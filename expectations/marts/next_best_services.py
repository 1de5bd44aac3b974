"""May `next_best_services` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "rank")

# Of a business of less than two horizons nobody knows what follows on what.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate.next_best_services or its patterns last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: nothing that the customer has or did not want, best first, with a reason."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("product_code", "expected_monthly_revenue", "reason", "evidence_count"),
        between("probability", 0, 1),
        between("rank", 1, 3),
        gxe.UnexpectedRowsExpectation(
            description="nothing is offered that the customer has or cancelled for a reason",
            unexpected_rows_query="""
                select *
                from {batch}
                inner join (
                    select customer_id, coalesce(held_code, cancelled_code) as product_code
                    from intermediate.int_services_found_to_origins
                    where origin_number = 3
                ) using (customer_id, product_code)
            """,
            severity="critical",
            notes=f"Customers would be offered what they have, or said no to. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="ranks follow each other, the most expected revenue first",
            unexpected_rows_query="""
                select *
                from (
                    select
                        *,
                        lag(rank, 1, 0) over (
                            partition by customer_id order by rank
                        ) as previous_rank,
                        lag(expected_monthly_revenue) over (
                            partition by customer_id order by rank
                        ) as previous_revenue
                    from {batch}
                )
                where
                    rank <> previous_rank + 1
                    or expected_monthly_revenue > previous_revenue
                    or abs(expected_monthly_revenue - probability * monthly_price) > 0.01
                    + 0.000001 * monthly_price
            """,
            severity="critical",
            notes=f"The second best would be offered first. {_WHO}",
        ),
    ]
