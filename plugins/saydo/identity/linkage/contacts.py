"""E-mails and numbers of the accounts, compared for typing errors.

That two accounts hold the very same one is what identifiers are for, and is not counted again here.
An e-mail made of its holder's name alone is not compared: two of one name have e-mails alike.
"""

from __future__ import annotations

import duckdb

from saydo.settings import Settings

_MOST_HOLDERS = 5  # accounts of one e-mail or number; of more it is a shop's, or stands for none

# The best over the pairs of two accounts' e-mails: 3 same; 2 the user part a letter off, of a long
# one two (its digits as they are: ann1 and ann2 are two persons); 1 the same user part elsewhere.
# And the fewest typing errors between two numbers of one length; null: too many.
MACROS = {
    "email_likeness(ours, theirs)": """
        list_max(list_transform(ours, lambda x: list_max(list_transform(theirs, lambda y: case
            when x = y then 3
            when least(length(x.name), length(y.name)) < 5 then 0
            when x.name = y.name then 1
            when x.host <> y.host or x.digits <> y.digits then 0
            when abs(length(x.name) - length(y.name)) > 2 then 0
            when damerau_levenshtein(x.name, y.name)
                <= if(least(length(x.name), length(y.name)) < 10, 1, 2) then 2
            else 0
        end))))
    """,
    "phone_errors(ours, theirs)": """
        list_min(list_transform(ours, lambda x: list_min(list_transform(theirs, lambda y: case
            when x = y then 0
            when length(x) <> length(y) or length(x) < 7 then null
            when hamming(x, y) <= 4 then damerau_levenshtein(x, y)
        end))))
    """,
}


def load_contacts(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Make `contacts` (account_key, normaliser, clear_value) of what `holders` hold, and MACROS.

    A batch that was landed with linkage off has none.
    """
    for signature, body in MACROS.items():
        connection.execute(f"create or replace temp macro {signature} as {body}")
    connection.execute(
        "create temp table contacts (account_key varchar, normaliser varchar, clear_value varchar)"
    )
    files = sorted((settings.restricted / "account_identifiers").glob("*.parquet"))
    if not files:
        return
    types = settings.feeds.all_identifier_types
    normalisers = {name: policy.normaliser for name, policy in types.items()}
    connection.execute(
        f"""
        insert into contacts
        select distinct account_key, map($types, $normalisers)[id_type], clear_value
        from read_parquet($files, hive_partitioning = false)
        semi join holders using (account_key, id_type, id_key)
        where clear_value is not null
        qualify count(distinct account_key) over (partition by id_type, id_key) <= {_MOST_HOLDERS}
        """,
        {
            "files": [str(file) for file in files],
            "types": list(normalisers),
            "normalisers": list(normalisers.values()),
        },
    )


def make_reached(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `reached` (account_key, emails, phones) of `contacts` and the names of `normalised`."""
    connection.execute(
        """
        create temp table reached as
        with written as (
            select account_key, split_part(clear_value, '@', -1) as host,
                left(clear_value, -length(host) - 1) as name
            from contacts where normaliser = 'email' and contains(clear_value, '@')
        ),
        emails as (
            select account_key, list({
                'name': name, 'host': host, 'digits': regexp_replace(name, '[^0-9]', '', 'g')
            } order by name, host) as emails
            from written join normalised using (account_key)
            where length(replace(replace(
                regexp_replace(strip_accents(name), '[^\\p{L}\\p{N}]', '', 'g'),
                if(length(family_name) > 1, family_name, '@'), ''),
                if(length(given_name) > 1, given_name, '@'), '')) > 1
            group by account_key
        ),
        phones as (
            select account_key, list(clear_value order by clear_value) as phones
            from contacts where normaliser = 'msisdn' group by account_key
        )
        select account_key, emails, phones from emails full join phones using (account_key)
        """
    )
