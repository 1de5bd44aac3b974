"""May a delivery of account identifiers go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.comparisons import known_categories, like_its_past, no_null_flood, usual_volume
from expectations.deliveries import filled, no_sentinel_flood, one_of

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    import great_expectations.expectations as gxe

    return [
        *filled("account_key", "id_type", "id_key"),
        one_of("id_type", tuple(feeds.all_identifier_types)),
        no_sentinel_flood(policy, dates=("valid_from_at", "valid_to_at")),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="valid_to_at",
            column_B="valid_from_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            notes="An identifier that ends before it begins belongs to nobody at any time, so its "
            "facts lose their customer. The owner of the customer records corrects the span.",
        ),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
