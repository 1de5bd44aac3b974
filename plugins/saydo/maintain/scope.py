"""Whom the erasure requests are about, and which rows are theirs.

The models by which a build leaves persons out say it; they are made anew from what is accepted now.
Only what takes a decision is done here: where a request may be about several customers, nobody is
erased for it. An answer is given once and kept in state/erasures.parquet.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from saydo.build.prepare import ERASURES, erasures_file, recorded_erasures
from saydo.build.scratch import made_in_scratch
from saydo.durable import replace_table
from saydo.landing.ledger import current_batches, read_ledger
from saydo.release import previous_registry
from saydo.release.database import attach
from saydo.settings import Settings

log = logging.getLogger(__name__)

_ACCOUNTS = "stg_identity__erased_accounts"
_IDENTIFIERS = "stg_identity__erased_identifiers"
Request = tuple[str, str, str]  # request_id, id_type, id_key


@dataclass(frozen=True)
class Scope:
    """Who is to be erased. The tables that `find_scope` registers say by which rows."""

    request_count: int
    account_keys: frozenset[str]
    id_keys: frozenset[str]
    ambiguous: tuple[str, ...]  # request ids that no single person can be found for


def find_scope(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Scope | None:
    """Resolve the accepted requests, keep new answers, and register who and what is to go.

    Returns None if nobody asked. Registers on the connection `erased_accounts` (account_key);
    `erased_spans` (the columns of stg_identity__erased_identifiers), by which identifiers, and
    when, facts of the erased arrived; `requested` (id_type, id_key), what the requests name.

    Raises:
        SaydoError: dbt could not make the models.
    """
    recorded = recorded_erasures(settings)
    if not recorded.num_rows and not _is_anybody_asking(settings):
        return None
    _read_models(settings, connection)
    found, ambiguous = _answers(settings, connection, _named(recorded))
    known = pa.concat_tables([recorded, found])
    if found.num_rows:
        replace_table(erasures_file(settings), known)
    accounts = frozenset(known.column("account_key").to_pylist())
    _register(connection, accounts)
    keys = connection.execute("select distinct id_key from erased_spans").fetchall()
    requests = connection.execute(
        "select count(*) from (select distinct request_id, id_type, id_key from meant)"
    ).fetchall()
    return Scope(
        request_count=requests[0][0],
        account_keys=accounts,
        id_keys=frozenset(key for (key,) in keys),
        ambiguous=tuple(sorted(ambiguous)),
    )


def _is_anybody_asking(settings: Settings) -> bool:
    return any(
        batch.loaded_count
        for batch in current_batches(read_ledger(settings))
        if batch.source == "erasure_requests"
    )


def _read_models(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """`meant` and `spans`: what the two models hold now."""
    with made_in_scratch(settings, (_ACCOUNTS, _IDENTIFIERS)) as warehouse:
        attach(connection, warehouse, "scratch")
        try:
            for name, model in (("meant", _ACCOUNTS), ("spans", _IDENTIFIERS)):
                connection.execute(
                    f"create or replace temp table {name} as from scratch.staging.{model}"
                )
        finally:
            connection.execute("detach scratch")


def _named(answers: pa.Table) -> set[Request]:
    return {(row["request_id"], row["id_type"], row["id_key"]) for row in answers.to_pylist()}


def _answers(
    settings: Settings, connection: duckdb.DuckDBPyConnection, answered: set[Request]
) -> tuple[pa.Table, set[str]]:
    """Rows of ERASURES of requests answered now, and the ids of those that stay ambiguous."""
    now = datetime.now(UTC).replace(tzinfo=None)
    meant: dict[Request, list[tuple[str, datetime | None]]] = defaultdict(list)
    for *request, account, opened_at in connection.execute(
        "select request_id, id_type, id_key, account_key, opened_at from meant "
        "where account_key is not null order by all"
    ).fetchall():
        meant[tuple(request)].append((account, opened_at))
    customers = _customers(settings, connection)
    found, ambiguous = [], set()
    for request in sorted(meant.keys() - answered):
        persons = {customers.get(account, account) for account, _ in meant[request]}
        if len(persons) > 1:
            ambiguous.add(request[0])
            log.warning(
                "erasure request %s names an identifier that %s customers share: nothing is "
                "erased for it, and all of them are left out of the next release; ask which "
                "account is meant and deliver the same request_id with that account_id",
                request[0],
                len(persons),
            )
            continue
        found += [(*request, *account, now) for account in meant[request]]
    rows = [dict(zip(ERASURES.names, row, strict=True)) for row in found]
    return pa.Table.from_pylist(rows, schema=ERASURES), ambiguous


def _customers(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """account_key to customer_id, by the registry of the current release."""
    registry = previous_registry(settings)
    if registry is None:
        return {}
    return dict(connection.execute(registry_sql(connection, registry), [str(registry)]).fetchall())


def registry_sql(connection: duckdb.DuckDBPyConnection, registry: Path) -> str:
    """Query (one `?`: the file) of the assignments that hold: account_key, customer_id."""
    names = {
        row[0]
        for row in connection.execute(
            "describe select * from read_parquet(?)", [str(registry)]
        ).fetchall()
    }
    where = " where released_at is null" if "released_at" in names else ""
    return f"select account_key, customer_id from read_parquet(?){where}"


def _register(connection: duckdb.DuckDBPyConnection, accounts: frozenset[str]) -> None:
    """Of what a build leaves out, the part that is certain."""
    connection.execute("create or replace temp table erased_accounts (account_key varchar)")
    connection.execute(
        "insert into erased_accounts select unnest(?::varchar[])", [sorted(accounts)]
    )
    connection.execute(
        "create or replace temp table erased_spans as select * from spans "
        "where account_key is null or account_key in (select account_key from erased_accounts)"
    )
    connection.execute(
        "create or replace temp table requested as select distinct id_type, id_key from meant"
    )
