"""May `journey_steps` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("journey_id", "step_number")

# A business that has delivered its accounts alone has customers to whom nothing has happened.
MAY_BE_EMPTY = True


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` says how many days without an event end a journey."""
    import great_expectations.expectations as gxe

    hours = 24 * policy.journeys.gap_days
    return [
        *filled("customer_id", "event_type", "source", "occurred_at"),
        between("satisfaction_before", 0, 10),
        between("satisfaction_after", 0, 10),
        gxe.UnexpectedRowsExpectation(
            description="steps are the events of customers' lives, each once",
            unexpected_rows_query="""
                select *
                from (
                    select customer_id, journey_id, count(*) as step_count
                    from {batch} group by customer_id, journey_id
                )
                full outer join (
                    select customer_id, journey_id, count(*) as event_count
                    from marts.customer_events group by customer_id, journey_id
                ) using (customer_id, journey_id)
                where step_count is distinct from event_count
            """,
            severity="critical",
            notes="An event is a step of no journey, or of two. Whoever changed the models of "
            "journeys last corrects them.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="steps lie no further apart than a journey's gap",
            unexpected_rows_query=f"""
                select *
                from {{batch}}
                where
                    (hours_since_previous is null) <> (step_number = 1)
                    or hours_since_previous not between 0 and {hours}
            """,
            severity="critical",
            notes="A journey goes on over a longer gap than journeys.gap_days of policy.yml says. "
            "Whoever changed the models of journeys last corrects them.",
        ),
    ]
