"""May `revenue_movements` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, one_of, reconciles, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "month_start_date")
TYPES = ("new", "expansion", "contraction", "churn", "reactivation")

# A business that bills nobody by the month has no movement of any.
MAY_BE_EMPTY = True


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `feeds` gives the reporting currency."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "movement_type", "cause_code", "amount", "is_voluntary"),
        one_of("movement_type", TYPES),
        one_of("currency_code", [feeds.business.reporting_currency]),
        gxe.UnexpectedRowsExpectation(
            description="a movement is told by its right type",
            unexpected_rows_query="""
                select customer_id, month_start_date, movement_type, opening_mrr, closing_mrr
                from {batch}
                where
                    closing_mrr <> opening_mrr + amount
                    or not coalesce(
                        case movement_type
                            when 'new' then opening_mrr <= 0 and closing_mrr > 0
                            when 'reactivation' then opening_mrr <= 0 and closing_mrr > 0
                            when 'churn' then opening_mrr > 0 and closing_mrr <= 0
                            when 'expansion' then amount > 0
                            when 'contraction' then amount < 0
                        end,
                        false
                    )
            """,
            severity="critical",
            notes="Growth is taken for a return, or a loss for a smaller bill. Whoever changed the "
            "macro movement_type last corrects it.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a customer is new once, and comes back only after that",
            unexpected_rows_query="""
                with lives as (
                    select
                        customer_id,
                        count(case when movement_type = 'new' then 1 end) as new_count,
                        min(case when movement_type = 'new' then month_start_date end) as new_date,
                        min(case when movement_type = 'reactivation' then month_start_date end)
                            as back_date
                    from {batch}
                    group by customer_id
                )
                select * from lives
                where new_count > 1 or back_date <= coalesce(new_date, back_date)
            """,
            severity="critical",
            notes="New business is counted twice, or a return has nothing to return to. Whoever "
            "changed int_first_payments_found last corrects it.",
        ),
        reconciles(
            "movements add up to the recurring revenue of the last month",
            "select coalesce(sum(amount), 0) from {batch}",
            """
            select coalesce(sum(closing_mrr), 0) from marts.customer_months
            where month_start_date = (select max(month_start_date) from marts.customer_months)
            """,
            "Recurring revenue appears or vanishes without a movement. Whoever changed "
            "revenue_movements last corrects it.",
        ),
    ]
