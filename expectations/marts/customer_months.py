"""May `customer_months` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import (
    ROUNDED_AWAY,
    bands_agree,
    between,
    filled,
    reconciles,
    unique,
)
from saydo.sql import literal

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "month_start_date")

# A business that has delivered its accounts alone has customers, and no month of any.
MAY_BE_EMPTY = True

# Revenue of what somebody owned at its time, taken straight from the transactions: not by the way
# that the model itself takes, which sums months first.
_OWNED_REVENUE = """
    select coalesce(sum(converted.revenue), 0)
    from intermediate.int_transactions_converted as converted
    semi join intermediate.int_identifiers_resolved as owners
        on
            owners.id_type = converted.id_type
            and owners.id_key = converted.id_key
            and not owners.is_shared
            and converted.occurred_at >= coalesce(owners.valid_from_at, timestamp '0001-01-01')
            and converted.occurred_at < coalesce(owners.valid_to_at, timestamp '9999-12-31')
"""

_LANDED_REVENUE = """
    select coalesce(sum(
        case
            when transaction_type in ('charge', 'one_off') then amount
            when transaction_type in ('refund', 'credit') then -amount
            else 0
        end
    ), 0)
    from staging.stg_transactions__transactions
"""


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` gives the edges of the bands, `feeds` the reporting currency."""
    import great_expectations.expectations as gxe

    currency = feeds.business.reporting_currency
    return [
        unique(*KEY),
        *filled(*KEY),
        gxe.UnexpectedRowsExpectation(
            description="months are dense, up to the month of the as-of date",
            unexpected_rows_query="""
                with spans as (
                    select
                        customer_id,
                        count(*) as month_count,
                        min(month_start_date) as first_month,
                        max(month_start_date) as last_month
                    from {batch}
                    group by customer_id
                )
                select * from spans
                where
                    month_count <> date_diff('month', first_month, last_month) + 1
                    or last_month <> (
                        select date_trunc('month', max(as_of_date)) from marts.customer_profiles
                    )
            """,
            severity="critical",
            notes="A customer misses a month, so averages and churn over months are wrong. Whoever "
            "changed customer_months last corrects the spine.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a month opens with what the month before closed",
            unexpected_rows_query="""
                with ordered as (
                    select
                        customer_id,
                        month_start_date,
                        opening_mrr,
                        lag(closing_mrr, 1, 0) over (
                            partition by customer_id order by month_start_date
                        ) as previous_closing_mrr
                    from {batch}
                )
                select * from ordered where opening_mrr <> previous_closing_mrr
            """,
            severity="critical",
            notes="Recurring revenue appears or vanishes between two months. Whoever changed "
            "customer_months last corrects it; a late row must rebuild its month and the next.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every customer has a profile",
            unexpected_rows_query="""
                select distinct customer_id
                from {batch}
                where customer_id not in (select customer_id from marts.customer_profiles)
            """,
            severity="critical",
            notes="A month belongs to a customer that is not published. Whoever changed identity "
            "last rebuilds all months with `saydo run --full-refresh`.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every customer that a source of facts knows has months",
            unexpected_rows_query="""
                select customer_id
                from marts.customer_profiles
                where
                    (has_survey or has_transactions or has_network)
                    and customer_id not in (select customer_id from {batch})
            """,
            severity="critical",
            notes="A customer's answers, payments or usage are in no month. Whoever changed "
            "customer_months last corrects the spine.",
        ),
        reconciles(
            "revenue is that of every owned transaction, to the cent",
            "select coalesce(sum(revenue), 0) from {batch}",
            _OWNED_REVENUE,
            "Revenue was lost or counted twice between the transactions and the months: a join "
            "drops rows or fans out. Whoever changed the models between corrects the join.",
            tolerance=ROUNDED_AWAY,
        ),
        reconciles(
            "revenue in the reporting currency is what was landed, to the cent",
            f"""
            select coalesce(sum(revenue), 0) from intermediate.int_transactions_converted
            where currency = {literal(currency)} and 0 < (select count(*) from {{batch}})
            """,
            f"{_LANDED_REVENUE} where currency = {literal(currency)}",
            "Revenue differs from landed charges and one-off purchases less refunds and credits. "
            "Whoever changed int_transactions_converted last corrects it.",
        ),
        between("satisfaction_score", 0, 10),
        between("experience_score", 0, 100),
        bands_agree(policy, "satisfaction_score", "satisfaction_band", KEY),
    ]
