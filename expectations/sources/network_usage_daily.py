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
from expectations.deliveries import filled, no_sentinel_flood, not_in_the_future
from saydo.sql import quoted

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    import great_expectations.expectations as gxe

    measures = [measure.name for measure in feeds.all_measures]
    # A sum counts something, unless it is said to be signed.
    summed = [m.name for m in feeds.all_measures if m.aggregate == "sum" and not m.is_signed]
    negative = " or ".join(f"{quoted(measure)} < 0" for measure in summed)
    return [
        *filled("id_key", "usage_date"),
        not_in_the_future("usage_date"),
        no_sentinel_flood(policy, dates=("usage_date",), numbers=measures),
        gxe.UnexpectedRowsExpectation(
            description="no summed measure is negative",
            unexpected_rows_query=f"""
                select _batch_id, count(*) as negative_row_count
                from {{batch}}
                where {negative}
                group by _batch_id
            """,
            severity="warning",
            notes="A negative amount of use lowers the sums it is part of. The owner of the "
            "network data maps placeholders to null and corrects the sign.",
        ),
        usual_units(*measures),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
