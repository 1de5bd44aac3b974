"""May a delivery of interactions go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.deliveries import (
    filled,
    known_categories,
    no_identifier_flood,
    no_null_flood,
    no_sentinel_flood,
    not_empty,
    not_in_the_future,
    usual_volume,
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    return [
        not_empty(),
        *filled("interaction_id", "id_key", "channel_code", "interaction_type"),
        not_in_the_future("occurred_at"),
        no_sentinel_flood(policy, dates=("occurred_at",)),
        no_identifier_flood(policy),
        no_null_flood(policy),
        *usual_volume(policy),
        known_categories(),
    ]
