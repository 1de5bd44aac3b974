"""May a delivery of interactions go in?"""

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
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    return [
        *filled("interaction_id", "id_key", "channel_code", "interaction_type"),
        not_in_the_future("occurred_at"),
        no_sentinel_flood(policy, dates=("occurred_at",)),
        no_identifier_flood(policy),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
