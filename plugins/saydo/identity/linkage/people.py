"""The names, birth dates, addresses, e-mails and numbers of the accounts that count now, in memory.

Staging says which version of which account that is: batches withdrawn, persons erased and versions
of after the as-of date are out of it already. The clear text comes from the restricted store.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from saydo.engine import open_database
from saydo.identity.linkage.comparisons import BLOCKS
from saydo.identity.linkage.contacts import load_contacts, make_reached
from saydo.identity.linkage.nicknames import formal_names
from saydo.release.database import attach
from saydo.settings import Settings

CLEAR_COLUMNS = {
    "account_key": "varchar",
    "updated_at": "timestamp",
    "given_name": "varchar",
    "family_name": "varchar",
    "birth_date": "date",
    "street": "varchar",
    "postcode": "varchar",
    "city": "varchar",
}

# The version that int_accounts_described takes.
_NEWEST = """
    create temp table accounts as
    select account_key, _batch_id as batch_id, updated_at
    from warehouse.staging.stg_identity__accounts
    qualify row_number() over (
        partition by account_key order by updated_at desc nulls last, _batch_id desc
    ) = 1
"""


@contextmanager
def session(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database, quiet and without a way to fetch extensions."""
    with open_database(settings, autoinstall_known_extensions=False) as connection:
        connection.execute("set enable_progress_bar = false")
        yield connection


def load_people(settings: Settings, connection: duckdb.DuckDBPyConnection) -> int:
    """Make `accounts` and `holders` of identifiers, and `people` of accounts with a name or date.

    Returns:
        how many accounts `people` has.
    """
    attach(connection, settings.warehouse, "warehouse")
    connection.execute(_NEWEST)
    connection.execute(
        "create temp table holders as select distinct id_type, id_key, account_key "
        "from warehouse.staging.stg_identity__account_identifiers"
    )
    connection.execute("detach warehouse")
    batches = connection.execute("select distinct batch_id from accounts").fetchall()
    places = [settings.restricted / "accounts" / f"{batch_id}.parquet" for (batch_id,) in batches]
    _read_clear(connection, [place for place in places if place.is_file()])
    load_contacts(settings, connection)
    return make_people(connection, settings.policy.linkage.max_block_accounts)


def _read_clear(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """`clear`: the chosen version of each account that has clear text."""
    columns = ", ".join(f"{name} {kind}" for name, kind in CLEAR_COLUMNS.items())
    connection.execute(
        f"create temp table delivered ({columns}, account_id varchar, batch_id varchar)"
    )
    for file in files:
        connection.execute(
            "insert into delivered by name select * exclude (filename), "
            "parse_filename(filename, true) as batch_id "
            "from read_parquet(?, filename = true, hive_partitioning = false)",
            [str(file)],
        )
    connection.execute(
        "create temp table clear as select delivered.* from delivered join accounts "
        "on delivered.account_key = accounts.account_key "
        "and delivered.batch_id = accounts.batch_id "
        "and delivered.updated_at is not distinct from accounts.updated_at"
    )
    connection.execute("drop table delivered")


def make_people(connection: duckdb.DuckDBPyConnection, max_block_accounts: int) -> int:
    """`people` from `clear` and `contacts`: normalised, with blocking keys.

    Letters and digits of any script count, in lower case and without accents; the words of a street
    are sorted. A blocking key is null where more than `max_block_accounts` have the same.

    Returns:
        how many accounts it has.
    """
    connection.execute(
        f"""
        create temp table normalised as
        select
            account_key,
            {_joined("given_name")} as given_name,
            {_joined("family_name")} as family_name,
            case when year(birth_date) between 1 and 9999 then strftime(birth_date, '%Y-%m-%d') end
                as birth_date,
            nullif(
                array_to_string(list_sort(string_split({_words("street")}, ' ')), ' '), ''
            ) as street,
            {_joined("street")} as street_letters,
            nullif(regexp_replace({_words("street")}, '[^\\p{{L}}]', '', 'g'), '') as road,
            {_joined("postcode")} as postcode,
            {_joined("city")} as city
        from clear
        """
    )
    make_reached(connection)
    connection.execute("create temp table nicknames (form varchar, formal_names varchar[])")
    connection.executemany("insert into nicknames values (?, ?)", formal_names())
    blocks = ", ".join(
        f"case when count(*) over (partition by {key}) <= {max_block_accounts} then {key} end "
        f"as {name}"
        for name, key in BLOCKS.items()
    )
    connection.execute(
        f"""
        create table people as
        select
            normalised.* exclude (street_letters),
            coalesce(formal_names, [given_name]) as formal_names,
            list_distinct(list_transform(
                range(1, greatest(length(street_letters), 2)),
                lambda place: substr(street_letters, place, 2)
            )) as street_parts,
            emails,
            phones,
            {blocks}
        from normalised
        left join nicknames on normalised.given_name = nicknames.form
        left join reached on normalised.account_key = reached.account_key
        where coalesce(given_name, family_name, birth_date) is not null
        order by account_key
        """
    )
    for table in ("normalised", "nicknames", "reached"):
        connection.execute(f"drop table {table}")
    [(count,)] = connection.execute("select count(*) from people").fetchall()
    return count


def _words(column: str) -> str:
    letters = f"regexp_replace(lower(strip_accents({column})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')"
    return f"trim({letters})"


def _joined(column: str) -> str:
    return f"nullif(replace({_words(column)}, ' ', ''), '')"
