"""May `survey_questions` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("question_code",)

# A business that asks nobody has no question.
MAY_BE_EMPTY = True

_WHO = "Whoever changed int_questions_summarised last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: a question is there once, and has answers."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "question_role", "first_answered_at", "last_answered_at"),
        gxe.UnexpectedRowsExpectation(
            description="a question has answers, and no more scores than these",
            unexpected_rows_query="""
                select question_code from {batch}
                where answer_count < 1 or survey_count < 1 or scored_count > answer_count
                    or first_answered_at > last_answered_at
            """,
            severity="critical",
            notes=f"Answers are lost or counted twice, and so they may be in scores. {_WHO}",
        ),
    ]
