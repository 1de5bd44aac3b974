"""May `experience_effects` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("link", "band", "lag_months")

_WHO = "Whoever changed saydo.estimate or the sums of the chain last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: every effect in its interval, parts that add up, and a reason for what is none."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "unit", "method", "customer_count", "is_publishable"),
        one_of("band", ["all", "below_edge", "above_edge", "below_less_above"]),
        between("p_value", 0, 1),
        between("mediated_share", 0, 1),
        gxe.UnexpectedRowsExpectation(
            description="an effect lies in its interval, and one that may not be believed says why",
            unexpected_rows_query="""
                select link, band, lag_months, estimate, ci_low, ci_high, not_publishable_reason
                from {batch}
                where
                    estimate not between ci_low and ci_high
                    or adjusted_p_value < p_value - 0.000001
                    or (is_publishable and estimate is null)
                    or is_publishable = (not_publishable_reason is not null)
            """,
            severity="critical",
            notes=f"An effect is surer than it can be, or a number is given for nothing. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what service does directly and via satisfaction adds up to the whole",
            unexpected_rows_query="""
                with effects as (select link, band, estimate from {batch})
                select whole.link, whole.band, whole.estimate, direct.estimate, via.estimate
                from effects as whole
                inner join effects as direct
                    on direct.link = whole.link || '_direct' and direct.band = whole.band
                inner join effects as via
                    on via.link = whole.link || '_via_satisfaction' and via.band = whole.band
                where whole.estimate is distinct from direct.estimate + via.estimate
            """,
            severity="critical",
            notes=f"Which way service goes cannot be told from figures that differ. {_WHO}",
        ),
    ]
