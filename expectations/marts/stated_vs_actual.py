"""May `stated_vs_actual` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import bands_agree, between, filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "question_role", "answered_at")
QUADRANTS = ("true_fan", "false_fan", "loyal_complainer", "dissatisfied_leaver")

# A business without surveys has no answers.
MAY_BE_EMPTY = True

_WHO = "Whoever changed int_moments_measured or the macros say_do last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: nothing is decided too early, and a quadrant is what was said and done."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "is_pending"),
        between("stated_score", 0, 10),
        one_of("say_do_quadrant", QUADRANTS),
        bands_agree(policy, "stated_score", "stated_band", KEY),
        gxe.UnexpectedRowsExpectation(
            description="nothing is known of what followed before 90 days are over",
            unexpected_rows_query="""
                select customer_id, question_role, answered_at
                from {batch}
                cross join (select max(as_of_date) as as_of_date from marts.customer_profiles)
                where
                    is_pending is distinct from (answered_date + 90 > as_of_date)
                    or is_pending is distinct from (new_service_count is null)
                    or (
                        is_pending
                        and coalesce(
                            say_do_quadrant, stay_outcome, spend_outcome,
                            cast(mrr_after as varchar), cast(revenue_after as varchar)
                        ) is not null
                    )
            """,
            severity="critical",
            notes="A customer who may still leave is counted as loyal, or one whose 90 days are "
            f"over is not counted. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a quadrant is what was said and what was done",
            unexpected_rows_query="""
                select customer_id, question_role, answered_at
                from {batch}
                where say_do_quadrant is distinct from case
                    when stay_outcome = 'left' or spend_outcome = 'fell'
                        then case when is_satisfied then 'false_fan' else 'dissatisfied_leaver' end
                    when stay_outcome = 'stayed' or spend_outcome = 'kept'
                        then case when is_satisfied then 'true_fan' else 'loyal_complainer' end
                end
            """,
            severity="critical",
            notes=f"A customer is shown in a quadrant that the record does not bear. {_WHO}",
        ),
    ]
