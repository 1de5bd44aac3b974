"""May a delivery of experiment assignments go in?"""

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
        *filled("experiment_code", "id_key", "variant_code"),
        not_in_the_future("assigned_at"),
        no_sentinel_flood(policy, dates=("assigned_at",)),
        no_identifier_flood(policy),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
