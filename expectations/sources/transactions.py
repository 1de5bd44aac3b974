"""May a delivery of transactions go in?"""

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
    currency_given,
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
        *filled("transaction_id", "id_key", "amount"),
        one_of("transaction_type", ("charge", "payment", "refund", "credit", "one_off")),
        currency_given(),
        not_in_the_future("occurred_at"),
        no_sentinel_flood(policy, dates=("occurred_at",), numbers=("amount",)),
        no_identifier_flood(policy),
        usual_units("amount"),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
