"""May `satisfaction_monthly` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, segments_add_up, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("month_start_date", "question_role", "segment_type", "segment_code")

# A business without surveys has no scores.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate or its cells last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: scores on their scales, and segments that add up to everybody."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "is_small_cell"),
        between("score_mean", 0, 10),
        between("nps", -100, 100),
        between("response_ratio", 0, 1),
        between("change_p_value", 0, 1),
        segments_add_up(
            KEY[:2],
            ("response_count", "invited_count"),
            "Answers or invitations are in one figure and not in another beside it: a segment is "
            f"lost or counted twice. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a score lies between its bounds",
            unexpected_rows_query="""
                select month_start_date, question_role, segment_type, segment_code
                from {batch}
                where
                    (response_count > 0) <> (score_mean is not null)
                    or score_mean not between bias_low - 0.0001 and bias_high + 0.0001
            """,
            severity="critical",
            notes=f"A score without answers, or outside what its non-respondents allow. {_WHO}",
        ),
    ]
