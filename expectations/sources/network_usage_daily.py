"""May a delivery of daily network usage go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.comparisons import (
    known_categories,
    known_owners,
    like_its_past,
    no_null_flood,
    usual_units,
    usual_volume,
)
from expectations.deliveries import (
    filled,
    no_negative_sums,
    no_sentinel_flood,
    not_in_the_future,
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    measures = [measure.name for measure in feeds.all_measures]
    return [
        *filled("id_key", "usage_date"),
        not_in_the_future("usage_date"),
        no_sentinel_flood(policy, dates=("usage_date",), numbers=measures),
        no_negative_sums(feeds),
        usual_units(*measures),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
