"""May `revenue_at_stake` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, reconciles, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("band", "scenario_code")
BANDS = [
    *("dissatisfied", "neutral", "fan"),
    *("never_asked_dissatisfied", "never_asked_neutral", "never_asked_fan", "never_asked_unknown"),
]

_WHO = "Whoever changed saydo.estimate or the bands last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: all that is paid is in one band, no more is at stake, and the first is first."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "customer_count", "monthly_recurring_revenue", "is_publishable"),
        one_of("band", BANDS),
        between("share_of_total", 0, 1),
        reconciles(
            "the bands of a scenario hold what active customers pay",
            "select sum(monthly_recurring_revenue) from {batch} "
            "where scenario_code = 'service_dip'",
            "select coalesce(sum(monthly_recurring_revenue), 0) from marts.customer_profiles "
            "where customer_status = 'active'",
            f"Customers are in no band, or in two. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="no more is at stake than is paid, in its interval, or it says why",
            unexpected_rows_query="""
                select band, scenario_code, monthly_revenue_effect, not_publishable_reason
                from {batch}
                where
                    greatest(abs(monthly_revenue_effect), abs(ci_low), abs(ci_high))
                    > monthly_recurring_revenue
                    or monthly_revenue_effect not between ci_low and ci_high
                    or is_publishable = (monthly_revenue_effect is null)
                    or is_publishable = (not_publishable_reason is not null)
            """,
            severity="critical",
            notes=f"Money is told that nobody pays, or that nothing was estimated of. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="the ranks of a scenario follow what is at stake",
            unexpected_rows_query="""
                select scenario_code, band, rank, monthly_revenue_effect
                from (
                    select
                        *,
                        lead(abs(monthly_revenue_effect)) over (
                            partition by scenario_code order by rank, band
                        ) as next_effect
                    from {batch}
                    where rank is not null
                ) as ordered
                where next_effect > abs(monthly_revenue_effect)
            """,
            severity="critical",
            notes=f"The band that is named first is not the one with the most at stake. {_WHO}",
        ),
    ]
