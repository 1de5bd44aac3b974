"""May `release_history` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("release_id",)

# The first release has none before it.
MAY_BE_EMPTY = True


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; they hold for an empty history too."""
    import great_expectations.expectations as gxe

    return [
        unique("release_id"),
        *filled("release_id", "as_of_date", "published_at", "content_hash", "is_current"),
        gxe.UnexpectedRowsExpectation(
            description="one release at most is current",
            unexpected_rows_query="""
                select count(*) as current_count
                from {batch}
                where is_current
                having count(*) > 1
            """,
            severity="critical",
            notes="Two releases call themselves current, so nobody knows which one BI reads. "
            "Whoever runs Saydo looks at `saydo releases` and at the pointer published/current.",
        ),
    ]
