"""May a delivery of experiment assignments go in?"""

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
        *filled("experiment_code", "id_key", "variant_code"),
        not_in_the_future("assigned_at"),
        no_sentinel_flood(policy, dates=("assigned_at",)),
        no_identifier_flood(policy),
        no_null_flood(policy),
        *usual_volume(policy),
        known_categories(),
    ]
