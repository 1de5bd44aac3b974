"""May `segment_effects` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("link", "band", "segment_type", "segment_code")

# Without answers that are followed there are no segments.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate or the sums of the chain last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: effects between the segment's own and the common one, or a reason for none."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "unit", "method", "customer_count", "is_publishable"),
        one_of("band", ["below_edge", "above_edge"]),
        between("shrinkage_ratio", 0, 1),
        gxe.UnexpectedRowsExpectation(
            description="a segment's effect is between its own and the common one, or it says why",
            unexpected_rows_query="""
                select link, band, segment_type, segment_code, estimate, not_publishable_reason
                from {batch}
                where
                    estimate
                    not between least(segment_estimate, common_estimate) - abs(estimate) / 10000
                    and greatest(segment_estimate, common_estimate) + abs(estimate) / 10000
                    or estimate not between ci_low and ci_high
                    or (is_publishable and estimate is null)
                    or is_publishable = (not_publishable_reason is not null)
            """,
            severity="critical",
            notes=f"A segment is told apart by more than its customers say. {_WHO}",
        ),
    ]
