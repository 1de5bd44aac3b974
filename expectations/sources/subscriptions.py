"""May a delivery of subscriptions go in?"""

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
    no_sentinel_flood,
    not_in_the_future,
    one_of,
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    import great_expectations.expectations as gxe

    return [
        *filled("subscription_id", "id_key"),
        one_of("product_type", ("plan", "add_on", "device")),
        currency_given(),
        # An order taken today may start next month: worth a look, not a refusal.
        not_in_the_future("started_at", severity="warning"),
        no_sentinel_flood(
            policy,
            dates=("started_at", "ended_at", "contract_ends_at"),
            numbers=("recurring_amount",),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="ended_at",
            column_B="started_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            notes="A subscription that ends before it starts is never active and counts no "
            "revenue. The owner of the billing system corrects the dates.",
        ),
        usual_units("recurring_amount"),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
