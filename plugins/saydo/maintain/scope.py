"""Whom the erasure requests are about, and which rows are theirs.

A request names an identifier. It is about the account that held it when asking, else the one that
held it last. A request delivered again under its request_id replaces the one before. The answer is
given once and kept in state/erasures.parquet: asked again after the rows are gone, the same request
would point at whoever held the identifier before.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from saydo.landing.ledger import read_ledger
from saydo.release import previous_registry
from saydo.release.durable import replace_table
from saydo.settings import Settings

log = logging.getLogger(__name__)

ERASURES = pa.schema(
    [
        ("request_id", pa.string()),
        ("id_type", pa.string()),
        ("id_key", pa.string()),
        ("account_key", pa.string()),
        ("erased_at", pa.timestamp("us")),  # naive UTC; when the account was found
    ]
)
Request = tuple[str, str, str]  # request_id, id_type, id_key


@dataclass(frozen=True)
class Scope:
    """Who is to be erased. The tables of the same names are registered on the connection.

    `erased_spans` (id_type, id_key, from_at, to_at) says by which identifiers, and when, facts of
    the erased arrived; `requested` (id_type, id_key) what the requests name.
    """

    request_count: int
    account_keys: frozenset[str]
    id_keys: frozenset[str]
    ambiguous: tuple[str, ...]  # request ids that no single person can be found for


def raw_files(settings: Settings, source: str) -> str:
    """Glob of a source's raw Parquet files."""
    return str(settings.raw / source / "batch=*" / "month=*" / "data.parquet")


def find_scope(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Scope | None:
    """Resolve the accepted requests, keep new answers, and register who and what is to go.

    Returns None if nobody asked. Registers `erased_accounts`, `erased_spans` and `requested`.
    """
    accepted = [b.batch_id for b in read_ledger(settings) if b.status == "accepted"]
    connection.execute(
        "create or replace temp table requests as select request_id, id_type, id_key, "
        "requested_at from read_parquet(?, hive_partitioning = false, union_by_name = true) "
        "where _batch_id in (select unnest(?::varchar[])) "
        "qualify row_number() over (partition by request_id "
        "order by _batch_sequence desc, _line_number desc, _batch_id desc) = 1",
        [raw_files(settings, "erasure_requests"), accepted],
    )
    requests: list[Request] = connection.execute(
        "select distinct request_id, id_type, id_key from requests order by all"
    ).fetchall()
    known = _recorded(settings)
    if not requests and not known.num_rows:
        return None
    answered = {(r["request_id"], r["id_type"], r["id_key"]) for r in known.to_pylist()}
    _load_spans(settings, connection)
    found, ambiguous = _answers(settings, connection, [r for r in requests if r not in answered])
    known = pa.concat_tables([known, found])
    if found.num_rows:
        replace_table(_file(settings), known)
    accounts = frozenset(known.column("account_key").to_pylist())
    _register(connection, accounts, known, requests)
    keys = connection.execute("select distinct id_key from erased_spans").fetchall()
    return Scope(
        request_count=len(answered | set(requests)),
        account_keys=accounts,
        id_keys=frozenset(key for (key,) in keys),
        ambiguous=tuple(sorted(ambiguous)),
    )


def _recorded(settings: Settings) -> pa.Table:
    file = _file(settings)
    return pq.read_table(file, schema=ERASURES) if file.is_file() else ERASURES.empty_table()


def _file(settings: Settings) -> Path:
    return settings.state / "erasures.parquet"


def _load_spans(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """`spans`: the newest version of every span. An open end stops where another account begins.

    What arrives after that is the next holder's. Staging reads spans the same way.
    """
    connection.execute(
        "create or replace temp table spans as with newest as (select account_key, id_type, "
        "id_key, coalesce(valid_from_at, '-infinity'::timestamp) as from_at, "
        "coalesce(valid_to_at, 'infinity'::timestamp) as to_at "
        "from read_parquet(?, hive_partitioning = false, union_by_name = true) "
        "qualify row_number() over (partition by account_key, id_type, id_key, valid_from_at "
        "order by _batch_sequence desc, _line_number desc, _batch_id desc) = 1) "
        "select mine.account_key, mine.id_type, mine.id_key, mine.from_at, "
        "least(mine.to_at, coalesce(min(others.from_at), mine.to_at)) as to_at "
        "from newest as mine left join newest as others on mine.id_type = others.id_type "
        "and mine.id_key = others.id_key and mine.account_key <> others.account_key "
        "and others.from_at > mine.from_at and mine.to_at = 'infinity'::timestamp "
        "group by mine.account_key, mine.id_type, mine.id_key, mine.from_at, mine.to_at",
        [raw_files(settings, "account_identifiers")],
    )


def _answers(
    settings: Settings, connection: duckdb.DuckDBPyConnection, requests: list[Request]
) -> tuple[pa.Table, set[str]]:
    """The accounts of requests not answered before, and the ids of those that stay ambiguous."""
    now = datetime.now(UTC).replace(tzinfo=None)
    holders: dict[Request, set[str]] = defaultdict(set)
    rows = connection.execute(
        "select request_id, id_type, id_key, account_key from (select requests.request_id, "
        "requests.id_type, requests.id_key, spans.account_key, rank() over (partition by "
        "requests.request_id, requests.id_type, requests.id_key "
        "order by least(spans.to_at, requests.requested_at) desc) as recency "
        "from requests join spans using (id_type, id_key) "
        "where spans.from_at <= requests.requested_at) where recency = 1"
    ).fetchall()
    for request_id, id_type, id_key, account_key in rows:
        holders[request_id, id_type, id_key].add(account_key)
    customers = _customers(settings, connection)
    found, ambiguous = [], set()
    for request in requests:
        accounts = {request[2]} if request[1] == "account_id" else holders[request]
        persons = {customers.get(account, account) for account in accounts}
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
        found += [(*request, account, now) for account in sorted(accounts)]
    rows_by_name = [dict(zip(ERASURES.names, row, strict=True)) for row in found]
    return pa.Table.from_pylist(rows_by_name, schema=ERASURES), ambiguous


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


def _register(
    connection: duckdb.DuckDBPyConnection,
    accounts: frozenset[str],
    known: pa.Table,
    requests: list[Request],
) -> None:
    connection.execute("create or replace temp table erased_accounts (account_key varchar)")
    connection.execute(
        "insert into erased_accounts select unnest(?::varchar[])", [sorted(accounts)]
    )
    pairs = {(kind, key) for _, kind, key in requests}
    pairs |= set(zip(*(known.column(n).to_pylist() for n in ("id_type", "id_key")), strict=True))
    connection.execute("create or replace temp table requested (id_type varchar, id_key varchar)")
    connection.execute(
        "insert into requested select unnest(?::varchar[]), unnest(?::varchar[])",
        [[kind for kind, _ in sorted(pairs)], [key for _, key in sorted(pairs)]],
    )
    # What a request names and no account ever held is the person's own, for all time.
    connection.execute(
        "create or replace temp table erased_spans as "
        "select 'account_id' as id_type, account_key as id_key, '-infinity'::timestamp as from_at, "
        "'infinity'::timestamp as to_at from erased_accounts "
        "union select id_type, id_key, from_at, to_at from spans semi join erased_accounts "
        "using (account_key) "
        "union select id_type, id_key, '-infinity'::timestamp, 'infinity'::timestamp "
        "from requested anti join spans using (id_type, id_key) where id_type <> 'account_id'"
    )
