"""May a delivery of transactions go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.deliveries import (
    currency_given,
    filled,
    known_categories,
    no_identifier_flood,
    no_null_flood,
    no_sentinel_flood,
    not_empty,
    not_in_the_future,
    one_of,
    usual_units,
    usual_volume,
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    return [
        not_empty(),
        *filled("transaction_id", "id_key", "amount"),
        one_of("transaction_type", ("charge", "payment", "refund", "credit", "one_off")),
        currency_given(),
        not_in_the_future("occurred_at"),
        no_sentinel_flood(policy, dates=("occurred_at",), numbers=("amount",)),
        no_identifier_flood(policy),
        usual_units("amount"),
        no_null_flood(policy),
        *usual_volume(policy),
        known_categories(),
    ]
