"""Why these records are one person: accounts, the chain of evidence, conflicts, history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saydo.errors import ConfigError
from saydo.identity.evidence import ATTRIBUTES, links_of, unlinked_of
from saydo.identity.found import Account, Change, Explanation, Ownership, shortened
from saydo.identity.holdings import holdings_of, owners_of
from saydo.identity.warehouse import Warehouse, open_warehouse
from saydo.landing import hash_identifier
from saydo.release import previous_table
from saydo.settings import Settings

MOST_CUSTOMERS = 3  # explained at once; of more, only who they are is told


def explain(
    settings: Settings, subject: str
) -> tuple[tuple[Ownership, ...], tuple[Explanation, ...]]:
    """Explain a customer, or the customers that ever held an identifier.

    An identifier given in clear is normalised and hashed as landing does before anything else;
    neither the value nor its whole hash is kept, told or logged.

    Args:
        settings: where the home is. Its warehouse is read, and not written to.
        subject: a customer_id, or `id_type=value`.

    Returns:
        who held the identifier and when (nobody for a customer_id), and one explanation per
        customer; none of them where more than MOST_CUSTOMERS held it.

    Raises:
        ConfigError: nothing is built, the customer or the id_type is unknown, or nobody held it.
        SaydoError: a build holds the warehouse.
    """
    id_type, is_identifier, value = subject.partition("=")
    id_key = hash_identifier(settings, id_type, value) if is_identifier else ""
    log = previous_table(settings, "identity_changes")
    with open_warehouse(settings) as warehouse:
        if not is_identifier:
            return (), (_explanation(warehouse, subject, log),)
        owners = owners_of(warehouse, id_type, id_key)
        if not owners:
            raise ConfigError(
                f"no account ever held this {id_type}, as far as the last build knows; is it "
                "written as the feed delivers it, and is the feed's mapping right?"
            )
        customers = list(dict.fromkeys(owner.customer_id for owner in owners))
        if len(customers) > MOST_CUSTOMERS:
            return owners, ()
        return owners, tuple(_explanation(warehouse, customer, log) for customer in customers)


def _explanation(warehouse: Warehouse, asked: str, log: Path | None) -> Explanation:
    followed = _follow(warehouse, asked)
    customer_id = followed[-1]
    rows = warehouse.rows(
        "select accounts.*, described.given_name_key, described.birth_date_key, "
        "described.birth_year "
        "from int_accounts_resolved as accounts "
        "join int_accounts_described as described using (account_key) "
        "where accounts.customer_id = ? "
        "order by accounts.first_event_at nulls last, accounts.account_key",
        customer_id,
    )
    numbers = {row["account_key"]: number for number, row in enumerate(rows, start=1)}
    links, more = links_of(warehouse, numbers)
    [customer] = warehouse.rows(
        "select identifier_count, is_identity_disputed from int_customers_resolved "
        "where customer_id = ?",
        customer_id,
    )
    return Explanation(
        customer_id=customer_id,
        followed=tuple(followed[:-1]),
        identifier_count=customer["identifier_count"],
        is_disputed=customer["is_identity_disputed"],
        is_merge_refused=any(row["is_merge_refused"] for row in rows),
        linked_account_count=max(row["linked_account_count"] for row in rows),
        accounts=tuple(_account(number, row) for number, row in enumerate(rows, start=1)),
        links=links,
        more_link_count=more,
        holdings=holdings_of(warehouse, customer_id),
        unlinked=unlinked_of(warehouse, numbers),
        changes=_changes(warehouse, customer_id, log),
    )


def _account(number: int, row: dict[str, Any]) -> Account:
    return Account(
        number,
        shortened(row["account_key"]),
        row["opened_at"],
        row["closed_at"],
        row["first_event_at"],
        tuple(name for column, name in ATTRIBUTES.items() if row[column] is not None),
    )


def _follow(warehouse: Warehouse, asked: str) -> list[str]:
    """The id asked for, and the ones it was merged into, up to one that has accounts."""
    followed = [asked]
    while not warehouse.rows(
        "select 1 from int_customers_resolved where customer_id = ?", followed[-1]
    ):
        merged = warehouse.rows(
            "select to_customer_id from int_identity_changes_logged "
            "where from_customer_id = ? and change_type in ('merged', 'split') "
            "order by change_type, changed_at desc, account_count desc, to_customer_id limit 1",
            followed[-1],
        )
        if not merged or merged[0]["to_customer_id"] in followed:
            raise ConfigError(_lost(warehouse, asked))
        followed.append(merged[0]["to_customer_id"])
    return followed


def _lost(warehouse: Warehouse, asked: str) -> str:
    if warehouse.rows("select 1 from int_identity_registered where customer_id = ?", asked):
        return (
            f"customer {asked} has an account in the registry that no feed delivers any more; it "
            "is in no published table until it is delivered again"
        )
    return (
        f"there is no customer {asked!r}, and the log of changes does not know it either; give a "
        "customer_id of a published table, or id_type=value"
    )


def _changes(warehouse: Warehouse, customer_id: str, published: Path | None) -> tuple[Change, ...]:
    """The history of the id and of all that were merged into it, oldest first.

    Args:
        warehouse: the candidate, which does not know yet which release will tell its changes.
        customer_id: a customer of the candidate.
        published: the log of the current release, if there is one.
    """
    rows = warehouse.rows(
        "with recursive family as (select ? as customer_id union "
        "select log.from_customer_id from int_identity_changes_logged as log "
        "join family on log.to_customer_id = family.customer_id where change_type = 'merged') "
        "select changed_at, change_type, from_customer_id, to_customer_id, reason, release_id "
        "from int_identity_changes_logged "
        "where to_customer_id in (from family) or from_customer_id in (from family) "
        "order by changed_at, release_id nulls last, change_type, from_customer_id, to_customer_id",
        customer_id,
    )
    told = warehouse.rows("from read_parquet(?)", str(published)) if published else []
    releases = {_event(row): row["release_id"] for row in told}
    return tuple(
        Change(**row | {"release_id": row["release_id"] or releases.get(_event(row))})
        for row in rows
    )


def _event(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        row[name] for name in ("changed_at", "change_type", "from_customer_id", "to_customer_id")
    )
