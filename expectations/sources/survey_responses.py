"""May a delivery of survey responses go in?"""

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
)

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy


# A ratio of fewer rows says nothing.
_LEAST_ROWS = 100


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives their tolerances."""
    import great_expectations.expectations as gxe

    return [
        *filled("response_id", "question_code", "id_key"),
        not_in_the_future("responded_at"),
        no_sentinel_flood(policy, dates=("responded_at",), numbers=("score",)),
        no_identifier_flood(policy),
        gxe.UnexpectedRowsExpectation(
            description="an answer has a score or a text",
            unexpected_rows_query=f"""
                with counted as (
                    select
                        _batch_id,
                        count(*) as row_count,
                        count(*) filter (
                            where score is null and answer_text is null
                        ) as unanswered_count
                    from {{batch}}
                    group by _batch_id
                )
                select * from counted
                where
                    row_count >= {_LEAST_ROWS}
                    and unanswered_count > {policy.gate.max_null_ratio} * row_count
            """,
            severity="warning",
            notes="Rows without an answer are counted as responses and lower no score. The "
            "survey's owner leaves unanswered questions out with `where`.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a question keeps its scale",
            unexpected_rows_query="""
                select _batch_id, new_value as question_and_new_scale
                from delivery_categories
                where _batch_id in (select _batch_id from {batch}) and column_name = 'scale'
            """,
            severity="critical",
            notes="A question is asked on another scale than before, so its scores would jump for "
            "no reason of the customers. The survey's owner gives it a new question_code, or "
            "confirms it by giving the feed a new name.",
        ),
        *known_owners(policy),
        no_null_flood(policy),
        *like_its_past(),
        *usual_volume(policy),
        known_categories(),
    ]
