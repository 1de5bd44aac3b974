"""Accounts and identifiers for timing identity, written straight into raw: no file is landed.

Blocks of twenty accounts repeat: eleven persons with one account (two of them share a household's
e-mail, two have a recycled number), two with two accounts, and one with five that form a chain.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from saydo.contract import SOURCES, landed_columns
from saydo.landing import Batch, prepare_raw, write_entry
from saydo.settings import Settings

# Of a block's accounts, the one whose e-mail, number or device another has.
SHARED = {
    "email": {1: 0, 12: 11, 16: 15, 19: 18},
    "msisdn": {14: 13, 17: 16},
    "device_id": {18: 17},
}
# Persons of a block by the first of their accounts.
FIRST = {12: 11, 14: 13, 16: 15, 17: 15, 18: 15, 19: 15}
OPENED = "timestamp '2015-01-01' + to_days(cast(hash(n) % 3600 as integer))"


def _first(shared: dict[int, int]) -> str:
    arms = " ".join(f"when {at} then n - {at - first}" for at, first in shared.items())
    return f"case n % 20 {arms} else n end"


def _accounts(numbers: str) -> str:
    """The accounts numbered by the query `numbers` (n, p): p is whose they are."""
    return f"""
        select
            sha256('account' || n) as account_key,
            {OPENED} as opened_at,
            cast(null as timestamp) as closed_at,
            {OPENED} as updated_at,
            case when hash(n, 1) % 100 < 97 then sha256('name' || p % 80) end as given_name_key,
            case when hash(n, 2) % 100 < 97 then sha256('born' || p) end as birth_date_key,
            case when hash(n, 2) % 100 < 97 then 1940 + p % 65 end as birth_year
        from ({numbers})
    """


def _population(count: int) -> tuple[str, str]:
    numbers = f"select n, {_first(FIRST)} as p from range({count}) as numbers(n)"
    spans = [
        f"""
        select
            sha256('account' || n) as account_key,
            '{kind}' as id_type,
            sha256('{kind}' || {_first(shared)}) as id_key,
            {OPENED} as valid_from_at,
            cast(null as timestamp) as valid_to_at
        from range({count}) as numbers(n)
        """
        for kind, shared in SHARED.items()
    ]
    return _accounts(numbers), " union all ".join(spans)


def _chain(count: int) -> tuple[str, str]:
    """Accounts of which nothing is known, each with a card of the one before and of the next."""
    accounts = f"""
        select sha256('account' || n) as account_key, {OPENED} as opened_at
        from range({count}) as numbers(n)
    """
    spans = f"""
        select
            sha256('account' || n) as account_key,
            'loyalty_id' as id_type,
            sha256('card' || (n + side)) as id_key
        from range({count}) as numbers(n), (values (0), (1)) as sides(side)
    """
    return accounts, spans


KINDS = {"population": _population, "chain": _chain}


def deliver(home: Path, kind: str, count: int) -> Settings:
    """Write one batch of accounts and one of identifiers into a home's raw, accepted."""
    settings = Settings(home=home)
    prepare_raw(settings)
    for source, sql in zip(("accounts", "account_identifiers"), KINDS[kind](count), strict=True):
        batch_id = f"{source}-{1:012x}"
        columns = landed_columns(SOURCES[source], ())
        folder = settings.raw / source / f"batch={batch_id}" / "month=all"
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            made = {row[0] for row in connection.execute(f"describe {sql}").fetchall()}
            plumbing = {
                "_feed": f"'{source}'", "_batch_id": f"'{batch_id}'",
                "_batch_sequence": "1", "_line_number": "row_number() over ()",
            }  # fmt: skip
            listed = ", ".join(
                f"cast({plumbing.get(name, name if name in made else 'null')} as {type_}) as {name}"
                for name, type_ in columns.items()
            )
            connection.execute(
                f"copy (select {listed} from ({sql})) to '{folder}/data.parquet' (format parquet)"
            )
            (rows,) = connection.execute(
                "select count(*) from read_parquet(?)", [f"{folder}/data.parquet"]
            ).fetchone() or (0,)
        write_entry(
            settings,
            Batch(
                batch_id=batch_id, feed=source, source=source, delivery="incremental",
                file_name=f"{batch_id}.csv", content_hash=batch_id, file_size=1, file_mtime_ns=1,
                status="accepted", sequence=1, landed_at="2025-07-01T00:00:00+00:00",
                delivered_count=rows, loaded_count=rows, months=["all"],
                first_event_date="2015-01-01", last_event_date="2025-07-01",
            ),
        )  # fmt: skip
    return settings
