"""The connection to PostgreSQL, and its errors in words that hold no secret and no row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import conninfo

from saydo.errors import ConfigError, SaydoError
from saydo.settings import Settings
from saydo.sql import literal

ADDRESS = "SAYDO_PUBLISH_POSTGRES"
_OLDEST_SERVER = 14  # whose `copy … freeze` leaves nothing for a vacuum to do
_URI = re.compile(r"postgres(ql)?://([^@/]*@)?[^@]*")
_KEPT = "the files of the release are published, and readers of PostgreSQL keep what they had"
_SETTINGS = {
    "search_path": "pg_catalog",
    "timezone": "UTC",
    "standard_conforming_strings": "on",
    # So that the server notices that this process was killed, and lets go.
    "client_connection_check_interval": "2s",
}
_ADVICE = {
    "28": "correct the address",
    "3D000": "correct the address, or have the database made by what `saydo serve init` prints",
    "42501": "have an administrator run what `saydo serve init` prints",
    "53100": "the server's disk is full: free space there, or lower postgres.keep_releases in "
    "publish.yml",
    "53": "the server has too little room: look at its memory and its connections",
    "57": "the server was stopped, or stopped this: look at its log",
    "08": "the connection was lost: look at the server",
    "23505": "the key that the mart's YAML declares is not one: correct it there",
}


def address(settings: Settings) -> dict[str, Any] | None:
    """The parts of the address that the environment gives, or None if it gives none.

    Raises:
        ConfigError: it is no address. The message does not hold it.
    """
    secret = settings.publish_postgres
    text = secret.get_secret_value().strip() if secret else ""
    if not text:
        return None
    # Another @ or / in the password would make libpq take a part of it for the host, and say so.
    if not _URI.fullmatch(text):
        raise ConfigError(
            f"{ADDRESS} is not of the form postgresql://role:password@host:port/database; "
            "percent-encode @, /, ? and # in its password (%40, %2F, %3F, %23)"
        )
    try:
        return conninfo.conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        raise ConfigError(
            f"{ADDRESS} cannot be read: percent-encode special characters in its password, and "
            "check its parameters"
        ) from None


def connect(parts: dict[str, Any]) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of our own, autocommit, for as long as a release is served.

    Raises:
        SaydoError: no answer, or not let in.
        ConfigError: the server is too old.
    """
    given = {
        "connect_timeout": 10,
        "application_name": "saydo serve",
        "keepalives_idle": 30,
    } | parts
    try:
        connection = psycopg.connect(**given, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        said = str(error).strip().replace("\n", "; ")
        if password := parts.get("password"):
            said = said.replace(password, "…")
        raise SaydoError(
            f"PostgreSQL cannot be reached: {said}. Look at the server and at {ADDRESS}, then run "
            f"`saydo serve` or clear the task; {_KEPT}"
        ) from None
    version = connection.info.server_version // 10_000
    if version < _OLDEST_SERVER:
        connection.close()
        raise ConfigError(f"PostgreSQL {version} is too old: {_OLDEST_SERVER} or later is needed")
    for name, value in _SETTINGS.items():
        connection.execute(f"set {name} = {literal(value)}")
    return connection


@contextmanager
def telling(doing: str) -> Iterator[None]:
    """Tell the server's errors as ours.

    Only its first sentence is passed on: the others may quote a row.

    Raises:
        SaydoError: what was being done, what the server said, what to do.
    """
    try:
        yield
    except psycopg.Error as error:
        code = error.sqlstate or "08"
        said = error.diag.message_primary or "the connection was lost"
        advice = next(
            (_ADVICE[start] for start in (code, code[:2]) if start in _ADVICE),
            "look at the server's log",
        )
        raise SaydoError(
            f"{doing}: PostgreSQL says: {said} ({code}); {advice}, then run `saydo serve` or clear "
            f"the task; {_KEPT}"
        ) from None


@contextmanager
def alone(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[None]:
    """Be the only one that serves into this database; the server ends it with the connection.

    Raises:
        SaydoError: another one does; the message says who.
    """
    key = "hashtextextended('saydo serve', 0)"
    if not connection.execute(f"select pg_try_advisory_lock({key})").fetchall()[0][0]:
        others = connection.execute(
            "select distinct format('process %s of %s from %s', pid, usename, "
            "coalesce(host(client_addr), 'its own machine')) from pg_locks "
            "join pg_stat_activity using (pid) where locktype = 'advisory' and granted "
            "and database = (select oid from pg_database where datname = current_database()) "
            f"and (classid::bigint << 32) + objid::bigint = {key}"
        ).fetchall()
        who = ", ".join(other for (other,) in others) or "one that has just ended"
        raise SaydoError(
            f"another publisher serves into this database ({who}). Nothing was changed: run "
            "`saydo serve` again when it has ended"
        )
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(f"select pg_advisory_unlock({key})")
