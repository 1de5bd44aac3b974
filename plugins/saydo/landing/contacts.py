"""E-mails and numbers in clear, kept for linkage: in the restricted store, only while it is on."""

from __future__ import annotations

import duckdb

from saydo.config import Feed
from saydo.landing.pseudonyms import normalised_sql
from saydo.landing.staged import joins_sql, kept_sql, raw_names_sql
from saydo.settings import Settings
from saydo.sql import literal

CONTACTS = ("email", "msisdn")  # normalisers of what people write, and mistype


def keeps_contacts(settings: Settings, feed: Feed) -> bool:
    """Whether landing a file of the feed keeps e-mails and numbers in clear beside the batch."""
    return (
        feed.source == "account_identifiers"
        and settings.policy.linkage.is_on
        and bool(_types(settings))
    )


def contacts_sql(
    connection: duckdb.DuckDBPyConnection, settings: Settings, feed: Feed
) -> str | None:
    """Select of the clear e-mails and numbers of `staged`: account_key, id_type, id_key, value.

    Normalised as they were before they were hashed. None if none are kept.
    """
    if not keeps_contacts(settings, feed):
        return None
    names, types = raw_names_sql(feed), _types(settings)
    country = settings.feeds.business.country
    kind = f"cast({names['id_type']} as varchar)"
    clear = " ".join(
        f"when {literal(name)} then {normalised_sql('staged.id_value', normaliser, country)}"
        for name, normaliser in types.items()
    )
    return (
        f"select distinct cast({names['account_key']} as varchar) as account_key, "
        f"{kind} as id_type, cast({names['id_key']} as varchar) as id_key, "
        f"case {kind} {clear} end as clear_value "
        f"from staged {joins_sql(connection, feed)} where _error = 0 "
        f"and {kind} in ({', '.join(map(literal, types))}){kept_sql(connection)}"
    )


def _types(settings: Settings) -> dict[str, str]:
    """Those that a person is reached by, and that only linkage may know in clear."""
    return {
        name: policy.normaliser
        for name, policy in settings.feeds.all_identifier_types.items()
        if policy.is_personal and policy.normaliser in CONTACTS
    }
