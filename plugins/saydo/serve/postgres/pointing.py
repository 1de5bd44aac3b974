"""The views of schema `marts`: they show one release, and move to the next at one instant."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from typing import Any

import psycopg

from saydo.config import PostgresTarget
from saydo.errors import ReleaseRefused, SaydoError
from saydo.serve.postgres.connecting import telling
from saydo.serve.postgres.loading import SAYS_WHICH, WHICH, comment_statements
from saydo.serve.postgres.shape import Column, Table
from saydo.sql import quoted

log = logging.getLogger(__name__)

MARTS = "marts"
# What takes part in a reader's wait: a lock that did not come in time, or came crosswise.
_READERS_IN_THE_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
# How much longer each try waits for a lock than the one before, and the last of them at most: where
# many readers ask long queries, a short wait never ends at a moment without one.
_LONGER, _LONGEST = 1.5, 25

# Relations of `marts` with their columns, and the schema of ours that a view shows (null: none).
_THERE = f"""
select relation.relname, relation.relkind, (
    select min(space.nspname) from pg_rewrite as rule
    join pg_depend as needed on needed.classid = 'pg_rewrite'::regclass
        and needed.objid = rule.oid and needed.refclassid = 'pg_class'::regclass
    join pg_class as shown on shown.oid = needed.refobjid and shown.oid <> relation.oid
    join pg_namespace as space on space.oid = shown.relnamespace
    where rule.ev_class = relation.oid and relation.relkind = 'v'
        and pg_has_role(relation.relowner, 'usage')
        and exists (select 1 from pg_class as mark where mark.relnamespace = space.oid
            and mark.relname = '{SAYS_WHICH}' and pg_has_role(mark.relowner, 'usage'))
) as shows, (
    select array_agg(array[attname, format_type(atttypid, atttypmod)] order by attnum)
    from pg_attribute where attrelid = relation.oid and attnum > 0 and not attisdropped
) as columns
from pg_class as relation
where relation.relnamespace = to_regnamespace('{MARTS}') and relation.relkind not in ('i', 'I', 't')
"""


@dataclass(frozen=True)
class View:
    """A relation of `marts`. `shows` is the schema of ours that it reads; None: it is not ours."""

    shows: str | None
    columns: dict[str, str]


def views(server: psycopg.Connection[tuple[Any, ...]]) -> dict[str, View]:
    """What is in schema `marts`, by name."""
    rows = server.execute(_THERE).fetchall()
    return {name: View(shows, dict(columns or [])) for name, _, shows, columns in rows}


def shown_schema(there: dict[str, View]) -> str | None:
    """The schema that the views show, or None if they are not there yet."""
    served = there.get(WHICH.name)
    return served.shows if served else None


def point(
    server: psycopg.Connection[tuple[Any, ...]],
    there: dict[str, View],
    schema: str,
    tables: list[Table],
    target: PostgresTarget,
) -> None:
    """Point every view at `schema` in one short transaction, trying again while readers hold them.

    A view keeps its columns in their order, and new ones come behind them. Going back to a release
    that did not have a column or a table yet leaves it there, empty.

    Raises:
        ReleaseRefused: a column or table that readers have would go or change, or something of
            others is in the way. Nothing was changed.
        SaydoError: readers did not let go in time.
    """
    wanted = {table.name: table for table in [*tables, WHICH]}
    _check_ours(there, wanted)
    shown = shown_schema(there)
    is_newer = shown is None or schema >= shown
    # What readers have and this release does not.
    lost = {name for name, view in there.items() if view.shows} - wanted.keys()
    faults = [f"{MARTS}.{name} is not in the release" for name in sorted(lost) if is_newer]
    statements = []
    for name in sorted(wanted.keys() | lost):
        columns = wanted[name].columns if name in wanted else ()
        held = there[name].columns if name in there else {}
        faults += _faults(name, columns, held, is_newer)
        statements.append(_statement(schema, name, columns, held, target.reader_role))
    if faults:
        raise ReleaseRefused(
            f"the views in PostgreSQL cannot show {schema}: {'; '.join(faults)}. Columns are only "
            "added: publish both for a while; or, once its readers are told, drop the view there "
            "(`drop view`) and run `saydo serve`. The files of the release are published"
        )
    with telling("preparing schema marts"):
        _prepare_marts(server, target.reader_role)
    _swap(server, statements, target)


def describe(server: psycopg.Connection[tuple[Any, ...]], tables: list[Table]) -> None:
    """Give the views the descriptions of their tables, after they were pointed: no reader waits."""
    with telling("describing the views"), server.transaction():
        for table in [*tables, WHICH]:
            statements = comment_statements("view", quoted(MARTS, table.name), table)
            if statements:
                server.execute("; ".join(statements))


def _check_ours(there: dict[str, View], wanted: dict[str, Table]) -> None:
    foreign = [name for name in sorted(wanted.keys() & there.keys()) if not there[name].shows]
    if foreign:
        names = ", ".join(f"{MARTS}.{name}" for name in foreign)
        raise ReleaseRefused(
            f"{names} in PostgreSQL was not made by Saydo and bears the name of a published table. "
            "It was not touched: rename it or move it to another schema, then run `saydo serve`. "
            "The files of the release are published"
        )


def _faults(
    name: str, columns: tuple[Column, ...], held: dict[str, str], is_newer: bool
) -> list[str]:
    types = {column.name: column.type for column in columns}
    faults = [
        f"{MARTS}.{name}.{column} would change from {kind} to {types[column]}"
        for column, kind in held.items()
        if column in types and types[column] != kind
    ]
    if is_newer and columns:
        faults += [f"{MARTS}.{name}.{column} would go" for column in held if column not in types]
    return faults


def _statement(
    schema: str, name: str, columns: tuple[Column, ...], held: dict[str, str], reader: str
) -> str:
    here = {column.name: column for column in columns}
    parts = [
        quoted(column)
        if column in here
        else f"null::{Column(column, kind).sql_type} as {quoted(column)}"
        for column, kind in held.items()
    ]
    parts += [quoted(column) for column in here if column not in held]
    source = SAYS_WHICH if name == WHICH.name or not columns else name
    only = "" if columns else " where false"
    view = quoted(MARTS, name)
    sql = (
        f"create or replace view {view} as select {', '.join(parts)} "
        f"from {quoted(schema, source)}{only}"
    )
    # A view that is replaced keeps the rights that it has.
    return sql if held else f"{sql}; grant select on {view} to {quoted(reader)}"


def _prepare_marts(server: psycopg.Connection[tuple[Any, ...]], reader: str) -> None:
    if server.execute("select to_regnamespace(%s)", [MARTS]).fetchall()[0][0] is None:
        with server.transaction():
            server.execute(f"create schema {MARTS}")
            server.execute(f"grant usage on schema {MARTS} to {quoted(reader)}")


def _swap(
    server: psycopg.Connection[tuple[Any, ...]], statements: list[str], target: PostgresTarget
) -> None:
    deadline = time.monotonic() + target.wait_for_readers_seconds
    timeout = float(target.lock_timeout_ms)
    with telling("pointing the views at the release"):
        while not _is_swapped(server, "; ".join(statements), timeout):
            if time.monotonic() >= deadline:
                raise SaydoError(_who_reads(server))
            # Readers go on meanwhile: longer than a try kept them, and of uneven length, so that
            # tries do not keep time with a reader's queries.
            time.sleep(random.uniform(1, 4) * timeout / 1000)  # noqa: S311
            # Another order: a reader that holds one view and waits for another that is held here
            # is crosswise, and always is if it reads them in an order that is not this one.
            random.shuffle(statements)
            timeout = min(timeout * _LONGER, target.lock_timeout_ms * _LONGEST)


def _is_swapped(
    server: psycopg.Connection[tuple[Any, ...]], statements: str, timeout: float
) -> bool:
    try:
        # One message to the server: no reader waits for the way between two of them.
        server.execute(f"begin; set local lock_timeout = {timeout:.0f}; {statements}; commit")
    except _READERS_IN_THE_WAY:
        return False
    finally:
        if not server.closed:
            server.rollback()
    return True


def _who_reads(server: psycopg.Connection[tuple[Any, ...]]) -> str:
    readers = server.execute(
        "select distinct format('process %%s of %%s%%s', pid, usename, "
        "' (' || nullif(application_name, '') || ')') from pg_locks "
        "join pg_stat_activity using (pid) join pg_class on pg_class.oid = relation "
        "where granted and pid <> pg_backend_pid() and relnamespace = to_regnamespace(%s)",
        [MARTS],
    ).fetchall()
    who = ", ".join(reader for (reader,) in readers) or "readers that have just ended"
    return (
        f"the views in PostgreSQL are held by {who}, so that they could not be pointed at the "
        "release. It is loaded, and its files are published: end that reader's transaction, or "
        "raise postgres.wait_for_readers_seconds in publish.yml, then run `saydo serve`"
    )
