"""May `identity_changes` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, nothing_personal, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("changed_at", "change_type", "from_customer_id", "to_customer_id", "release_id")

_HELD = "select customer_id from intermediate.int_identity_registered where released_at is null"
_MINTED = "select distinct customer_id from intermediate.int_accounts_resolved where is_minted"
_WHO = "Whoever changed identity last corrects it; no id of this candidate can be relied on."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: the log tells the whole story, and an id is given once."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("changed_at", "change_type", "to_customer_id", "reason"),
        one_of("change_type", ("created", "merged", "split", "reassigned")),
        gxe.UnexpectedRowsExpectation(
            description="every customer of the last release is here still, or in the log",
            unexpected_rows_query=f"""
                select published.customer_id
                from intermediate.int_customers_published as published
                where
                    not published.is_forgotten
                    and published.customer_id not in ({_HELD})
                    and published.customer_id not in (
                        select from_customer_id from {{batch}} where from_customer_id is not null
                    )
            """,
            severity="critical",
            notes="A published customer is gone and nothing says where to, so nobody can follow: "
            f"the registry lost rows, or a change was not logged. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a customer that was merged away does not come back",
            unexpected_rows_query=f"""
                select from_customer_id, to_customer_id
                from {{batch}}
                where change_type = 'merged' and from_customer_id in ({_HELD})
            """,
            severity="critical",
            notes="An id that readers were told to replace holds accounts again. " + _WHO,
        ),
        gxe.UnexpectedRowsExpectation(
            description="a new customer has an id that none had before",
            unexpected_rows_query=f"""
                select minted.customer_id
                from ({_MINTED}) as minted
                where
                    minted.customer_id in (
                        select customer_id from intermediate.int_customers_published
                    )
                    or minted.customer_id in (
                        select from_customer_id from {{batch}}
                        where from_customer_id is not null
                    )
                    or minted.customer_id in (
                        select to_customer_id from {{batch}} where release_id is not null
                    )
            """,
            severity="critical",
            notes="An id was given out twice, to different accounts: two persons' histories would "
            f"be read as one. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every new customer is in the log",
            unexpected_rows_query=f"""
                select customer_id
                from ({_MINTED})
                where
                    customer_id not in (
                        select to_customer_id from {{batch}}
                        where change_type in ('created', 'split')
                    )
            """,
            severity="critical",
            notes=f"A customer begins and the log does not say why. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every id of the log was given by the registry",
            unexpected_rows_query="""
                with named as (
                    select from_customer_id as customer_id from {batch}
                    where from_customer_id is not null
                    union
                    select to_customer_id as customer_id from {batch}
                )
                select customer_id from named
                where
                    customer_id not in (
                        select customer_id from intermediate.int_identity_registered
                    )
            """,
            severity="critical",
            notes=f"The log names a customer that never had an account: it leads nowhere. {_WHO}",
        ),
        # It is published beside the tables, as registry.parquet.
        nothing_personal(table="intermediate.int_identity_registered"),
    ]
