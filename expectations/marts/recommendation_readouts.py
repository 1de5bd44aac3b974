"""May `recommendation_readouts` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("period_start_date", "method")

# Nothing to judge before two horizons have gone by.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate.recommendation_readouts or its patterns last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: shares that are some, of one and the same customers, in the period."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("customer_count", "hit_count", "new_service_count"),
        between("popularity_hit_rate_at_3", 0, 1),
        between("recommended_share_of_new", 0, 1),
        between("off_policy_value", 0, 1),
        gxe.UnexpectedRowsExpectation(
            description="a hit rate is of the customers counted, within its interval and period",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    hit_count > customer_count
                    or customer_count > new_service_count
                    or hit_rate_at_3 not between ci_low - 0.0001 and ci_high + 0.0001
                    or abs(hit_rate_at_3 * customer_count - hit_count) > 0.00001 * customer_count
                    or period_end_date <= period_start_date
            """,
            severity="critical",
            notes=f"Offers would be thought better, or worse, than they were. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="the difference is that of the two hit rates, within its interval",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    abs(hit_rate_at_3 - popularity_hit_rate_at_3 - hit_difference) > 0.00001
                    or hit_difference not between difference_ci_low - 0.0001
                    and difference_ci_high + 0.0001
            """,
            severity="critical",
            notes=f"Offers would be logged as a help, or a harm, that they were not. {_WHO}",
        ),
    ]
