"""May a delivery of survey invitations go in?"""

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
    one_of,
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    return [
        *filled("invitation_id", "id_key"),
        one_of("status", ("sent", "bounced", "opted_out", "completed", "not_sampled")),
        not_in_the_future("invited_at"),
        no_sentinel_flood(policy, dates=("invited_at", "wave_date"), numbers=("design_weight",)),
        no_identifier_flood(policy),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
