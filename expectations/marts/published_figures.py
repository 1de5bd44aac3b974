"""May `published_figures` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("table_name", "column_name", "segment_type", "key")


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: each figure once, and as the tables beside it have it."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY),
        gxe.UnexpectedRowsExpectation(
            description="figures are those of the tables that they are about",
            unexpected_rows_query="""
                with expected as (
                    select
                        'revenue' as column_name,
                        strftime(month_start_date, '%Y-%m') as key,
                        sum(revenue) as value
                    from marts.customer_months
                    group by month_start_date
                    union all
                    select 'customer_count', cast(as_of_date as varchar), count(*)
                    from marts.customer_profiles
                    group by as_of_date
                ),
                found as (
                    select column_name, key, value
                    from {batch}
                    where
                        (table_name, column_name) = ('customer_months', 'revenue')
                        or (table_name, column_name) = ('customer_profiles', 'customer_count')
                )
                select column_name, key, found.value as found, expected.value as expected
                from found
                full join expected using (column_name, key)
                where found.value is distinct from expected.value
            """,
            severity="critical",
            notes="The next release would be compared with figures that nobody was shown. Whoever "
            "changed published_figures last corrects it.",
        ),
    ]
