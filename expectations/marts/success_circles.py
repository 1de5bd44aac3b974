"""May `success_circles` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("bet_code", "set_codes")

# Nobody has to bet.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate.success_circles or its cells last corrects it."
_CHANCES = ("tail_p", "adjusted_p", "outcome_p", "outcome_adjusted_p", "outcome_ratio")


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: all combinations, counts that fit into each other, verdicts that figures bear."""
    import great_expectations.expectations as gxe

    outside = " or ".join(f"{name} not between 0 and 1" for name in _CHANCES)
    return [
        unique(*KEY),
        *filled("version", "owner", "bet_outcome", "cut_off_date"),
        between("outcome_difference", -1, 1),
        gxe.UnexpectedRowsExpectation(
            description="a bet has every combination of its sets",
            unexpected_rows_query="""
                select bet_code, count(*) as row_count
                from {batch}
                group by bet_code
                having
                    count(*) <> power(2, count(*) filter (where set_count = 1)) - 1
                    or count(distinct base_customer_count) <> 1
            """,
            severity="critical",
            notes=f"A combination is missing, and chances are adjusted over too few. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="counts fit into each other, and shares into their intervals",
            unexpected_rows_query=f"""
                select *
                from {{batch}}
                where
                    {outside}
                    or outcome_count > customer_count
                    or customer_count > base_customer_count
                    or outcome_count > base_outcome_count
                    or outcome_ratio not between ci_low - 0.0001 and ci_high + 0.0001
                    or outcome_difference
                    not between difference_ci_low - 0.0001 and difference_ci_high + 0.0001
                    or adjusted_p < tail_p - 1e-9
                    or outcome_adjusted_p < outcome_p - 1e-9
            """,
            severity="critical",
            notes=f"More had the outcome than there were, or a share is outside itself. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a verdict is what the figures bear",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    verdict = 'proven' and not coalesce(
                        set_count > 1 and not is_redundant and lift > 1 and adjusted_p < 0.05
                        and outcome_adjusted_p < 0.05 and outcome_difference > 0, false
                    )
                    or verdict = 'contradicted'
                    and not coalesce(outcome_adjusted_p < 0.05 and outcome_difference < 0, false)
                    or (verdict = 'evidence') <> (set_count = 1)
            """,
            severity="critical",
            notes=f"A bet would be believed, or given up, for nothing. {_WHO}",
        ),
    ]
