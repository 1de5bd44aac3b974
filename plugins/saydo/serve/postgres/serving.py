"""Bringing PostgreSQL to what the files say: the current release, and no release that is gone."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from typing import Any

import psycopg

from saydo.engine import open_database
from saydo.errors import ConfigError
from saydo.home_lock import hold_home
from saydo.release import read_manifest, release_dir
from saydo.release.store import release_ids
from saydo.serve.postgres.connecting import address, alone, connect, telling
from saydo.serve.postgres.keeping import drop, loaded_schemas
from saydo.serve.postgres.loading import load, open_release, schema_name
from saydo.serve.postgres.pointing import describe, point, shown_schema, views
from saydo.settings import Settings

log = logging.getLogger(__name__)


def serve(settings: Settings) -> dict[str, Any] | None:
    """Serve the current release from PostgreSQL, and let go of what is not kept there.

    Run again it does what is missing: a loaded release is not loaded again, and views that show it
    are left alone. After a rollback the views go back; a release that persons were erased from
    since is loaded anew, and what was loaded of it before is dropped.

    Args:
        settings: SAYDO_PUBLISH_POSTGRES says where, publish.yml how.

    Returns:
        None if no address is configured. Else release_id, as_of_date, schema, table_count,
        row_count, is_loaded and is_moved (by this call), dropped (schemas), stayed (schema to
        why it could not be dropped), seconds.

    Raises:
        ConfigError: the address or publish.yml is wrong, or nothing is published yet.
        ReleaseRefused: the release cannot be served without taking something from readers.
        SaydoError: the server cannot be reached, is served by another, or could not.
        HomeBusy: somebody else changes the home.
    """
    parts = address(settings)
    if parts is None:
        log.info("no PostgreSQL is configured (SAYDO_PUBLISH_POSTGRES): the files alone serve")
        return None
    begun = time.monotonic()
    with hold_home(settings, "serving"):
        manifest = read_manifest(settings)
        with closing(connect(parts)) as server, telling("serving"), alone(server):
            _check_reader(server, settings)
            outcome = _serve(settings, server, manifest)
    outcome["seconds"] = round(time.monotonic() - begun, 1)
    log.info("PostgreSQL: %s", outcome)
    return outcome


def _serve(
    settings: Settings, server: psycopg.Connection[tuple[Any, ...]], manifest: dict[str, Any]
) -> dict[str, Any]:
    target, schema = settings.publish.postgres, schema_name(manifest)
    loaded = loaded_schemas(server, schema)
    there = views(server)
    is_loaded, is_moved = schema not in loaded, shown_schema(there) != schema
    with open_database(settings) as connection:
        tables = open_release(connection, release_dir(settings, manifest["release_id"]))
        if is_loaded:
            load(server, connection, tables, manifest, target.reader_role)
    if is_moved:
        point(server, there, schema, tables, target)
    describe(server, tables)
    current = _current_schemas(settings)
    kept = [name for name in loaded if name in current and name != schema]
    kept = kept[max(0, len(kept) - target.keep_releases + 1) :]
    gone = [name for name in loaded if name != schema and name not in kept]
    stayed = drop(server, gone)
    return {
        "release_id": manifest["release_id"],
        "as_of_date": manifest["as_of_date"],
        "schema": schema,
        "table_count": len(tables),
        "row_count": sum(manifest["row_counts"].values()),
        "is_loaded": is_loaded,
        "is_moved": is_moved,
        "dropped": [name for name in gone if name not in stayed],
        "stayed": stayed,
    }


def _current_schemas(settings: Settings) -> set[str]:
    """The schemas of the kept releases as they are now."""
    return {schema_name(read_manifest(settings, name)) for name in release_ids(settings)}


def _check_reader(server: psycopg.Connection[tuple[Any, ...]], settings: Settings) -> None:
    role = settings.publish.postgres.reader_role
    if not server.execute("select 1 from pg_roles where rolname = %s", [role]).fetchall():
        raise ConfigError(
            f"PostgreSQL has no role {role!r}, which publish.yml gives the right to read: have an "
            "administrator run what `saydo serve init` prints"
        )


def outdated(settings: Settings, stayed: dict[str, str]) -> dict[str, str]:
    """Of the schemas that could not be dropped, with why: those of releases as they are no more."""
    current = _current_schemas(settings)
    return {name: why for name, why in stayed.items() if name not in current}
