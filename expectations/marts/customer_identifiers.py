"""May `customer_identifiers` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of
from saydo.sql import literal

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("id_type", "id_key", "valid_from_at")

# Identifiers that name no person are in clear, and a number of an account may look like a telephone
# number. The personal ones are held to be hashes by a rule below.
CLEAR_IDS = ("id_key",)


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `feeds` says which identifier types there are, and which are personal."""
    import great_expectations.expectations as gxe

    types = feeds.all_identifier_types
    exclusive = ", ".join(
        literal(name)
        for name, kind in types.items()
        if not kind.is_shareable and kind.max_customers == 1
    )
    personal = ", ".join(literal(name) for name, kind in types.items() if kind.is_personal)
    return [
        *filled("id_type", "id_key", "customer_id", "is_shared"),
        one_of("id_type", tuple(types)),
        gxe.UnexpectedRowsExpectation(
            description="an identifier has one owner at a time unless it is shared",
            unexpected_rows_query="""
                with ordered as (
                    select
                        id_type,
                        id_key,
                        customer_id,
                        valid_from_at,
                        lag(customer_id) over spans as previous_customer_id,
                        lag(coalesce(valid_to_at, timestamp '9999-12-31')) over spans
                            as previous_valid_to_at
                    from {batch}
                    where not is_shared
                    window spans as (
                        partition by id_type, id_key
                        order by coalesce(valid_from_at, timestamp '0001-01-01'), customer_id
                    )
                )
                select * from ordered
                where
                    customer_id <> previous_customer_id
                    and coalesce(valid_from_at, timestamp '0001-01-01') < previous_valid_to_at
            """,
            severity="critical",
            notes="Two customers own one identifier at the same time, so its facts would go to "
            "both: a recycled number, or one that is shared. The owner of the customer records "
            "gives the spans of ownership; whoever changed identity last looks at the rule.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what only one may hold has one customer at a time",
            unexpected_rows_query=f"""
                with spans as (select * from {{batch}})
                select
                    held.id_type,
                    count(distinct held.id_key) as identifier_count,
                    count(distinct held.customer_id) as customer_count
                from spans as held
                inner join spans as others
                    on
                        held.id_type = others.id_type
                        and held.id_key = others.id_key
                        and held.customer_id <> others.customer_id
                        and coalesce(held.valid_from_at, timestamp '0001-01-01')
                        < coalesce(others.valid_to_at, timestamp '9999-12-31')
                        and coalesce(others.valid_from_at, timestamp '0001-01-01')
                        < coalesce(held.valid_to_at, timestamp '9999-12-31')
                left join intermediate.int_placeholders_learnt as placeholders
                    on
                        held.id_type = placeholders.id_type
                        and held.id_key = placeholders.id_key
                where held.id_type in ({exclusive}) and placeholders.id_key is null
                group by held.id_type
            """,
            severity="critical",
            notes="Two customers hold at one time what their type's policy lets one hold: a value "
            "recycled without its end, or given to the wrong account. The owner of the customer "
            "records corrects the spans; `saydo identity explain` shows who holds it.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="no identifier is a placeholder",
            unexpected_rows_query="""
                select
                    id_type,
                    count(*) as placeholder_count,
                    max(account_count) as most_account_count
                from intermediate.int_placeholders_learnt
                where 0 < (select count(*) from {batch})
                group by id_type
            """,
            severity="warning",
            notes="Values that so many persons gave that they are nobody's. They link no account "
            "and own no fact. `saydo identity placeholders` lists them; the feed's owner maps them "
            "to null.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a personal identifier is published as its keyed hash",
            unexpected_rows_query=f"""
                select id_type, count(*) as clear_count
                from {{batch}}
                where
                    id_type in ({personal})
                    and not regexp_full_match(id_key, '[0-9a-f]{{{{64}}}}')
                group by id_type
            """,
            severity="critical",
            notes="A personal identifier is about to be published in clear. Whoever changed "
            "landing last stops the release and erases the batch.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a span of ownership ends after it begins",
            unexpected_rows_query="""
                select id_type, id_key, customer_id, valid_from_at, valid_to_at
                from {batch}
                where valid_to_at <= valid_from_at
            """,
            severity="critical",
            notes="A span that ends before it begins owns nothing. Whoever changed identity last "
            "corrects the spans.",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every owner has a profile",
            unexpected_rows_query="""
                select distinct customer_id
                from {batch}
                where customer_id not in (select customer_id from marts.customer_profiles)
            """,
            severity="critical",
            notes="An identifier belongs to a customer that is not published. Whoever changed "
            "identity last corrects it.",
        ),
        between("match_probability", 0, 1),
    ]
