"""May `recurring_revenue_monthly` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, one_of, segments_add_up, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = (
    "month_start_date", "segment_type", "segment_code", "currency_type", "currency_code",
)  # fmt: skip

# A business that bills nobody by the month has no recurring revenue.
MAY_BE_EMPTY = True


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives the segments."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "opening_mrr", "closing_mrr"),
        one_of("segment_type", ("all", *policy.segments.revenue)),
        one_of("currency_type", ("reporting", "billing")),
        gxe.UnexpectedRowsExpectation(
            description="a month closes with what it opened with and what moved",
            unexpected_rows_query="""
                select month_start_date, segment_type, segment_code, currency_code
                from {batch}
                where
                    closing_mrr <> opening_mrr + new_mrr + expansion_mrr + reactivation_mrr
                        - contraction_mrr - churned_mrr
                    or closing_customer_count <> opening_customer_count + new_customer_count
                        + reactivated_customer_count - churned_customer_count
            """,
            severity="critical",
            notes="The bridge does not hold: a movement is in no sum, or in two. Whoever changed "
            "the bridge last corrects it.",
        ),
        segments_add_up(
            ("month_start_date", "currency_type", "currency_code"),
            ("opening_mrr", "closing_mrr", "closing_customer_count"),
            "Customers are in no segment of a type, or in two. Whoever changed the segments in "
            "policy.yml, or the macro by_segment, corrects it.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="everybody's recurring revenue is that of the customers' months",
            unexpected_rows_query="""
                with published as (
                    select month_start_date, opening_mrr, closing_mrr
                    from {batch}
                    where segment_type = 'all' and currency_type = 'reporting'
                ),
                months as (
                    select
                        month_start_date,
                        sum(opening_mrr) as opening_mrr,
                        sum(closing_mrr) as closing_mrr
                    from marts.customer_months
                    group by month_start_date
                )
                select month_start_date, months.closing_mrr, published.closing_mrr as published_mrr
                from months
                left join published using (month_start_date)
                where
                    months.closing_mrr <> coalesce(published.closing_mrr, 0)
                    or months.opening_mrr <> coalesce(published.opening_mrr, 0)
            """,
            severity="critical",
            notes="A customer's revenue is in no segment: a join drops rows or fans out. Whoever "
            "changed the models between corrects it.",
        ),
    ]
