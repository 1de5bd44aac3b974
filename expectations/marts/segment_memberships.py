"""May `segment_memberships` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "segment_code", "entered_at")

# Nobody has to have segments, and a segment may hold nobody.
MAY_BE_EMPTY = True

REASONS = ("member", "no_consent", "left", "segment_removed")
_WHO = "Whoever changed segment_memberships last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: spans of customers there are, one open at a time, that say why they stand so."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "reason", "is_current"),
        one_of("reason", REASONS),
        gxe.UnexpectedRowsExpectation(
            description="a span is open and says who may be handed over, or ended and says why",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    is_current <> (left_at is null)
                    or is_current <> (reason in ('member', 'no_consent'))
                    or left_at <= entered_at
            """,
            severity="critical",
            notes="Somebody would stay in an audience after leaving its segment, or be handed over "
            f"without being in it. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="spans of a customer in a segment do not overlap",
            unexpected_rows_query="""
                select earlier.customer_id, earlier.segment_code, earlier.entered_at
                from (select * from {batch}) as earlier
                inner join (select * from {batch}) as later
                    on
                        earlier.customer_id = later.customer_id
                        and earlier.segment_code = later.segment_code
                        and earlier.entered_at < later.entered_at
                        and (earlier.left_at is null or earlier.left_at > later.entered_at)
            """,
            severity="critical",
            notes=f"A customer is counted twice in a segment. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="everybody in a segment has a profile",
            unexpected_rows_query="""
                select customer_id
                from {batch}
                where customer_id not in (select customer_id from marts.customer_profiles)
            """,
            severity="critical",
            notes="Somebody who was merged or erased is in a segment: nothing may be handed over "
            f"before it is corrected. {_WHO}",
        ),
    ]
