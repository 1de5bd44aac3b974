"""May `survey_weighting` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("month_start_date", "question_role", "margin", "level_code")

# A business without surveys weights nothing.
MAY_BE_EMPTY = True

# Weights cannot be fitted: whose business it is.
_WHO = (
    "Whoever owns the policy takes a margin out of weighting.margins, or raises "
    "weighting.min_level_answers so that sparse levels are weighted together."
)


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: weights converged, and the margins are those of the customers."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "is_collapsed", "is_converged"),
        gxe.UnexpectedRowsExpectation(
            description="the weights of every month and question role converged",
            unexpected_rows_query="""
                select
                    month_start_date, question_role, max(iteration_count) as iteration_count,
                    sum(response_count) / count(distinct margin) as response_count
                from {batch}
                where not is_converged
                group by month_start_date, question_role
                order by month_start_date, question_role
            """,
            severity="critical",
            notes="No weights give these answers the customers' shares in all margins at once, so "
            f"every weighted score of the month would be off. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="weighted answers look like the customers in every margin",
            unexpected_rows_query=f"""
                select month_start_date, question_role, margin, level_code,
                    population_share, sample_share_after
                from {{batch}}
                where
                    is_converged and not is_collapsed
                    and abs(population_share - sample_share_after)
                        > {policy.weighting.tolerance + 1e-6}
            """,
            severity="critical",
            notes="The weights are not those of the margins that are published beside them. "
            "Whoever changed saydo.estimate last corrects it.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="no answer counts far above the cap",
            unexpected_rows_query=f"""
                select month_start_date, question_role, max(max_weight) as max_weight
                from {{batch}}
                group by month_start_date, question_role
                having max(max_weight) > {1.1 * policy.weighting.max_weight}
            """,
            severity="warning",
            notes="A few voices weigh much in these scores, since the margins leave no other way. "
            f"design_effect tells what that costs. {_WHO}",
        ),
        between("population_share", 0, 1),
    ]
