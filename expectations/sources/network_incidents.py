"""May a delivery of network incidents go in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.comparisons import known_categories, like_its_past, no_null_flood, usual_volume
from expectations.deliveries import filled, no_sentinel_flood, not_in_the_future

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    import great_expectations.expectations as gxe

    return [
        *filled("incident_id", "site_code", "severity_code"),
        # Planned works are announced ahead.
        not_in_the_future("started_at", severity="warning"),
        no_sentinel_flood(policy, dates=("started_at", "ended_at")),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="ended_at",
            column_B="started_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="warning",
            notes="An incident that ends before it starts affects nobody. The owner of the network "
            "data corrects the times.",
        ),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
