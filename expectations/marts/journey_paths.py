"""May `journey_paths` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("start_type", "path")

# A business that has delivered its accounts alone has customers to whom nothing has happened.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate.journey_paths or its sums last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` says of how many customers a change is told."""
    import great_expectations.expectations as gxe

    least = policy.journeys.min_customers
    return [
        unique(*KEY),
        *filled("journey_count", "customer_count", "answered_customer_count", "is_association"),
        between("resolved_ratio", 0, 1),
        between("left_ratio", 0, 1),
        gxe.UnexpectedRowsExpectation(
            description="every journey is of one path",
            unexpected_rows_query="""
                select *
                from (
                    select start_type, path, sum(journey_count) as told
                    from {batch} group by start_type, path
                )
                full outer join (
                    select start_type, path, count(*) as counted
                    from marts.customer_journeys group by start_type, path
                ) using (start_type, path)
                where told is distinct from counted
            """,
            severity="critical",
            notes=f"Paths do not add up to the journeys that took them. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a change lies in its interval, of enough customers, around one step",
            unexpected_rows_query=f"""
                select *
                from {{batch}}
                where
                    satisfaction_change not between ci_low - 0.00001 and ci_high + 0.00001
                    or worst_step_change
                    not between worst_step_ci_low - 0.00001 and worst_step_ci_high + 0.00001
                    or (satisfaction_change is null) <> (answered_customer_count < {least})
                    or (worst_step is null) <> (worst_step_number is null)
                    or (worst_step is null) <> (worst_step_change is null)
                    or worst_step_number > path_step_count
                    or customer_count > journey_count
                    or answered_customer_count > customer_count
            """,
            severity="critical",
            notes=f"A change that nobody can be as sure of as it says, or of too few. {_WHO}",
        ),
    ]
