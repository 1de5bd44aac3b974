"""May `customer_journeys` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("journey_id",)

# A business that has delivered its accounts alone has customers to whom nothing has happened.
MAY_BE_EMPTY = True

_WHO = "Whoever changed the models of journeys last corrects them."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` says after how many days without an event a journey is over."""
    import great_expectations.expectations as gxe

    return [
        unique("journey_id"),
        *filled("customer_id", "start_type", "path", "outcome", "started_at", "ended_at"),
        gxe.UnexpectedRowsExpectation(
            description="a journey has the steps that it counts, from its start to its end",
            unexpected_rows_query="""
                with steps as (
                    select
                        journey_id, customer_id, count(*) as counted, max(step_number) as last,
                        min(occurred_at) as first_at, max(occurred_at) as last_at
                    from marts.journey_steps
                    group by journey_id, customer_id
                )
                select *
                from {batch}
                full outer join steps using (journey_id, customer_id)
                where
                    step_count is distinct from counted
                    or last is distinct from counted
                    or started_at is distinct from first_at
                    or ended_at is distinct from last_at
                    or worst_step_number > counted
            """,
            severity="critical",
            notes=f"Steps were lost on their way into a journey, or are of two. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="of one customer no journey begins before the last one is over",
            unexpected_rows_query="""
                select *
                from (
                    select
                        *, max(ended_at) over (
                            partition by customer_id order by started_at
                            rows between unbounded preceding and 1 preceding
                        ) as previous_ended_at
                    from {batch}
                )
                where previous_ended_at > started_at
            """,
            severity="critical",
            notes=f"One event would be a step of two journeys. {_WHO}",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="outcome",
            value_set=["resolved", "left", "quiet", "open"],
            severity="critical",
            notes=f"An end that nobody can read. {_WHO}",
        ),
    ]
