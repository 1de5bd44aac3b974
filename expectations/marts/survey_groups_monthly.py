"""May `survey_groups_monthly` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("month_start_date", "group_type")

# A business without invitations draws nobody.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate or its cells last corrects it."
_OUTSIDE = " or ".join(
    f"{figure} not between {figure}_low - 0.0001 and {figure}_high + 0.0001"
    for figure in ("stay_ratio", "stay_difference")
)


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: groups that add up, shares within their intervals, nobody who stays too early."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "customer_count", "paying_count", "is_pending", "is_small_cell"),
        between("stay_ratio", 0, 1),
        between("stay_difference", -1, 1),
        between("stay_difference_p_value", 0, 1),
        gxe.ExpectColumnValuesToBeInSet(
            column="group_type",
            value_set=["answered", "silent", "invited", "not_sampled"],
            severity="critical",
            notes=f"A group that nobody can say who is in. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="the invited are those who answered and those who were silent",
            unexpected_rows_query="""
                with counted as (
                    select
                        month_start_date,
                        sum(case when group_type = 'invited' then 1 else -1 end * customer_count)
                            as customers_left,
                        sum(case when group_type = 'invited' then 1 else -1 end * paying_count)
                            as paying_left,
                        sum(case when group_type = 'invited' then 1 else -1 end * staying_count)
                            as staying_left
                    from {batch}
                    where group_type <> 'not_sampled'
                    group by month_start_date
                )
                select *
                from counted
                where customers_left <> 0 or paying_left <> 0 or staying_left <> 0
            """,
            severity="critical",
            notes=f"Customers are in one group and not in another beside it. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a share lies in its interval, of no more than paid, and of nobody pending",
            unexpected_rows_query=f"""
                select *
                from {{batch}}
                where
                    {_OUTSIDE}
                    or paying_count > customer_count
                    or staying_count > paying_count
                    or (staying_count is null) <> is_pending
                    or (stay_ratio is null) <> (is_pending or paying_count = 0)
                    or (group_type = 'not_sampled' or is_pending) and stay_difference is not null
            """,
            severity="critical",
            notes=f"A share that nobody can be as sure of as it says. {_WHO}",
        ),
    ]
