"""May a delivery of relationships go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.comparisons import (
    known_categories,
    known_owners,
    like_its_past,
    no_null_flood,
    usual_volume,
)
from expectations.deliveries import (
    filled,
    no_identifier_flood,
    no_sentinel_flood,
    not_in_the_future,
    one_of,
)
from saydo.contract import SOURCES

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    (types,) = [c.allowed for c in SOURCES["relationships"].columns if c.name == "relation_type"]
    return [
        *filled("id_key", "to_id_key", "since_at"),
        one_of("relation_type", types),
        not_in_the_future("since_at"),
        no_sentinel_flood(policy, dates=("since_at", "until_at"), numbers=("weight",)),
        no_identifier_flood(policy),
        no_identifier_flood(policy, "to_"),
        _between_two(),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]


def _between_two() -> Expectation:
    """A relation is between two identifiers."""
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="nobody is related to themselves",
        unexpected_rows_query="""
            select _batch_id, count(*) as own_row_count
            from {batch}
            where id_type = to_id_type and id_key = to_id_key
            group by _batch_id
        """,
        severity="warning",
        notes="Both ends are one identifier: such rows count nowhere, and where there are many the "
        "feed reads the same column twice. The feed's owner corrects the expression.",
    )
