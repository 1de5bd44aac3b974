"""The releases that are loaded: which there are, and letting go of those that nobody needs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import psycopg

from saydo.errors import ReleaseRefused
from saydo.serve.postgres.loading import SAYS_WHICH
from saydo.sql import quoted

log = logging.getLogger(__name__)

_OURS = f"""
select nspname, exists (
    select 1 from pg_class where relnamespace = pg_namespace.oid and relname = '{SAYS_WHICH}'
    and pg_has_role(relowner, 'usage')
) from pg_namespace where nspname like 'release\\_r%' order by nspname
"""
_LOCK_TIMEOUT_MS = 2000  # a new reader of a schema that goes waits no longer than this


def loaded_schemas(server: psycopg.Connection[tuple[Any, ...]], wanted: str) -> list[str]:
    """The schemas of releases that are loaded, oldest first. A load that broke off left none.

    Raises:
        ReleaseRefused: a schema of others bears the name that is wanted.
    """
    rows = server.execute(_OURS).fetchall()
    if (wanted, False) in rows:
        raise ReleaseRefused(
            f"schema {wanted} in PostgreSQL was not made by Saydo. It was not touched: rename or "
            "drop it, then run `saydo serve`. The files of the release are published"
        )
    return [name for name, is_ours in rows if is_ours]


def drop(server: psycopg.Connection[tuple[Any, ...]], schemas: Iterable[str]) -> dict[str, str]:
    """Drop loaded releases that no view shows any more.

    Nothing of others goes with them.

    Returns:
        those that had to stay, with why: a reader has one open, or something of others needs it.
    """
    stayed = {}
    for schema in schemas:
        try:
            with server.transaction():
                server.execute(f"set local lock_timeout = {_LOCK_TIMEOUT_MS}")
                _drop(server, schema)
        except psycopg.errors.LockNotAvailable:
            stayed[schema] = "a reader has it open"
        except psycopg.errors.DependentObjectsStillExist as error:
            # Names of objects, and no rows.
            stayed[schema] = (error.diag.message_detail or "others need it").replace("\n", "; ")
        else:
            log.info("dropped schema %s", schema)
    return stayed


def _drop(server: psycopg.Connection[tuple[Any, ...]], schema: str) -> None:
    rows = server.execute(
        "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r'",
        [quoted(schema)],
    ).fetchall()
    server.execute("drop table " + ", ".join(quoted(schema, name) for (name,) in rows))
    server.execute(f"drop schema {quoted(schema)}")
