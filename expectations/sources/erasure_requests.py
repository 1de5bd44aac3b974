"""May a delivery of erasure requests go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.comparisons import like_its_past, no_null_flood
from expectations.deliveries import (
    filled,
    no_identifier_flood,
    no_sentinel_flood,
    not_in_the_future,
    one_of,
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    return [
        *filled("request_id", "id_type", "id_key"),
        one_of("id_type", tuple(feeds.all_identifier_types)),
        not_in_the_future("requested_at"),
        no_sentinel_flood(policy, dates=("requested_at",)),
        no_identifier_flood(policy),
        no_null_flood(policy),
        *like_its_past(),
    ]
