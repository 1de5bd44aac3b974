"""May `stated_vs_actual_monthly` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, reconciles, segments_add_up, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("month_start_date", "question_role", "stated_band", "segment_type", "segment_code")

# A business without surveys has no answers.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate or its segments last corrects it."
_OUTSIDE = " or ".join(
    f"{figure} not between {figure}_low - 0.0001 and {figure}_high + 0.0001"
    for figure in ("stay_ratio", "spend_ratio", "buy_ratio", "calibration_gap")
)


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: shares on their scale, within their intervals, of answers counted once."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "is_small_cell"),
        between("stay_ratio", 0, 1),
        between("spend_ratio", 0, 1),
        between("buy_ratio", 0, 1),
        reconciles(
            "everybody's answers are those of stated_vs_actual, each customer once a month",
            "select coalesce(sum(response_count), 0) from {batch} where segment_type = 'all'",
            """
            select count(*) from (
                select distinct customer_id, question_role, month_start_date
                from marts.stated_vs_actual
            )
            """,
            f"Answers were lost or counted twice on the way to the ratios. {_WHO}",
        ),
        segments_add_up(
            ("month_start_date", "question_role"),
            ("response_count", "pending_count"),
            "Answers are in one figure and not in another beside it: a segment is lost or counted "
            f"twice. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a ratio lies in its interval, and pending answers are in none",
            unexpected_rows_query=f"""
                select month_start_date, question_role, stated_band, segment_type, segment_code
                from {{batch}}
                where
                    {_OUTSIDE}
                    or decided_count <> response_count - pending_count
                    or greatest(paying_count, spending_count) > decided_count
                    or (stay_ratio is null) <> (paying_count = 0)
            """,
            severity="critical",
            notes=f"A share that nobody can be as sure of as it says. {_WHO}",
        ),
    ]
