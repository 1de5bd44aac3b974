"""May `retention_cohorts` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("cohort_month_start_date", "month_number")

# Before anybody pays there is no cohort.
MAY_BE_EMPTY = True


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules of cohorts."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "customer_count", "retained_customer_count", "retained_mrr"),
        gxe.UnexpectedRowsExpectation(
            description="a cohort keeps its size, and never has more who pay",
            unexpected_rows_query="""
                select cohort_month_start_date, min(customer_count) as least
                from {batch}
                group by cohort_month_start_date
                having
                    min(customer_count) <> max(customer_count)
                    or max(retained_customer_count - customer_count) > 0
                    or max(month_number) + 1 <> count(*)
            """,
            severity="critical",
            notes="Customers join a cohort late, leave it, or a month is missing: retention is "
            "wrong. Whoever changed acquisition_month_start_date last corrects it.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="the cohorts of a month pay what the month closes with",
            unexpected_rows_query="""
                with months as (
                    select month_start_date, sum(closing_mrr) as closing_mrr
                    from marts.customer_months
                    group by month_start_date
                ),
                cohorts as (
                    select month_start_date, sum(retained_mrr) as retained_mrr
                    from {batch}
                    group by month_start_date
                )
                select month_start_date, closing_mrr, retained_mrr
                from months
                left join cohorts using (month_start_date)
                where closing_mrr > 0 and closing_mrr is distinct from retained_mrr
            """,
            severity="critical",
            notes="A customer who pays is in no cohort. Whoever changed int_first_payments_found "
            "last corrects it.",
        ),
    ]
