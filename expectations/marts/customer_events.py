"""May `customer_events` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled
from saydo.sql import literal

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "occurred_at", "event_type")

# A business that has delivered its accounts alone has customers to whom nothing has happened.
MAY_BE_EMPTY = True


def _expected(transaction_types: str) -> str:
    """Query of how many events each source should have: the rows of it that somebody owned."""
    counted = " union all ".join(
        f"select {literal(source)} as source, count(*) as expected_count "
        f"from intermediate.{model} where customer_id <> 'unknown'{condition}"
        for source, model, condition in (
            ("subscriptions", "int_subscription_events_listed", ""),
            ("survey_invitations", "int_survey_invitations_resolved", ""),
            ("survey_responses", "int_survey_responses_resolved", ""),
            ("interactions", "int_interactions_resolved", ""),
            ("network_usage_daily", "int_outages_resolved_to_customer_days", " and is_fault_day"),
        )
    )
    return f"""
        {counted}
        union all
        select 'transactions' as source, count(*) as expected_count
        from intermediate.int_transactions_converted as converted
        where
            converted.transaction_type in ({transaction_types})
            and exists (
                select 1
                from intermediate.int_identifiers_resolved as owners
                where
                    owners.id_type = converted.id_type
                    and owners.id_key = converted.id_key
                    and not owners.is_shared
                    and converted.occurred_at
                    >= coalesce(owners.valid_from_at, timestamp '0001-01-01')
                    and converted.occurred_at
                    < coalesce(owners.valid_to_at, timestamp '9999-12-31')
            )
    """


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` says which transactions are events."""
    import great_expectations.expectations as gxe

    types = ", ".join(literal(name) for name in policy.events.transaction_types)
    return [
        *filled("customer_id", "event_type", "source", "occurred_at"),
        gxe.UnexpectedRowsExpectation(
            description="a source has as many events as rows that somebody owned",
            unexpected_rows_query=f"""
                with published as (
                    select source, count(*) as event_count from {{batch}} group by source
                ),
                expected as ({_expected(types)})
                select
                    source,
                    coalesce(published.event_count, 0) as event_count,
                    coalesce(expected.expected_count, 0) as expected_count
                from published
                full outer join expected using (source)
                where
                    coalesce(published.event_count, 0) <> coalesce(expected.expected_count, 0)
            """,
            severity="critical",
            notes="Events were lost or came twice on their way into customers' lives, or are of no "
            "known source. Whoever changed int_customer_events_listed last corrects the join.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every customer of an event has a profile",
            unexpected_rows_query="""
                select distinct customer_id
                from {batch}
                where customer_id not in (select customer_id from marts.customer_profiles)
            """,
            severity="critical",
            notes="Something happened to a customer that is not published. Whoever changed "
            "identity last corrects it.",
        ),
        between("score", 0, 10),
    ]
