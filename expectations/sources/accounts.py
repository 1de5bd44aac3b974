"""May a delivery of accounts go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.comparisons import known_categories, like_its_past, no_null_flood, usual_volume
from expectations.deliveries import filled, no_sentinel_flood, not_in_the_future, one_of

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    import great_expectations.expectations as gxe

    return [
        *filled("account_key"),
        one_of("customer_type", ("consumer", "business")),
        not_in_the_future("opened_at"),
        no_sentinel_flood(policy, dates=("opened_at", "closed_at", "updated_at")),
        gxe.ExpectColumnValuesToBeBetween(
            column="birth_year",
            min_value=1900,
            max_value=2100,
            severity="warning",
            notes="A year of birth outside living memory gives a wrong age band and weakens "
            "linkage. The owner of the customer records corrects the accounts.",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="closed_at",
            column_B="opened_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            notes="An account closed before it was opened has no tenure. The owner of the "
            "customer records corrects the dates.",
        ),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
