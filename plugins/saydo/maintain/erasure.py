"""Forgetting persons who asked for it, everywhere that Saydo keeps something of them."""

from __future__ import annotations

import logging
import shutil
from typing import Any

import duckdb

from saydo.actions import forget_customers
from saydo.actions.store import KINDS
from saydo.engine import open_database
from saydo.errors import SaydoError
from saydo.home_lock import hold_home
from saydo.identity.linkage import forget_accounts
from saydo.maintain.leftovers import remove_leftovers
from saydo.maintain.releases import erase_release
from saydo.maintain.rewriting import erase_quarantine, erase_raw, erase_restricted, find_raw
from saydo.maintain.scope import Scope, find_scope
from saydo.release.store import release_ids
from saydo.serve.following import serve_erased
from saydo.settings import Settings

log = logging.getLogger(__name__)

_CARRIED = ("registry", "identity_changes", "published_customers")


def erase(settings: Settings) -> dict[str, Any]:
    """Remove whom the accepted erasure requests name from everything that is kept.

    Raw batches, clear text, proposed links, decisions and what was handed over of them, quarantine,
    gate results, and every kept release with its registry and report are rewritten, and PostgreSQL
    and an object store, where there are, serve and keep what became of them. The candidate and
    Spark's tables are removed, and the next run builds them whole: a deleted row would stay in the
    file's free blocks.
    What stays is the request, which account it is about and when that was opened, and the row that
    ties the two, all names in them keyed hashes, so that the person is left out when delivered
    again. Delivered files under landing/ are the sender's and are not changed.

    A request by an identifier that several customers share erases nobody and is told by its id.
    Running it again finds nothing more to do, and finishes what a kill interrupted.

    Returns:
        request_count, account_count, ambiguous (request ids), raw_row_counts (source to rows),
        restricted_row_count, quarantine_row_count, customer_counts (release id to customers).

    Raises:
        HomeBusy: somebody else changes the home.
        SaydoError: the candidate is being built, dbt cannot say who is meant, or PostgreSQL or the
            object store may still hold them.
    """
    with hold_home(settings, "erasure"):
        remove_leftovers(settings)
        with open_database(settings) as connection:
            scope = find_scope(settings, connection)
            if scope is None:
                return _outcome(None)
            return _erase(settings, connection, scope)


def _erase(
    settings: Settings, connection: duckdb.DuckDBPyConnection, scope: Scope
) -> dict[str, Any]:
    found = find_raw(settings, connection)
    if found:
        _drop_candidate(settings)
    releases = {}
    for release_id in release_ids(settings):
        count = erase_release(settings, connection, release_id, scope)
        if count:
            releases[release_id] = count
    if releases:
        _drop_candidate(settings)
    quarantined = erase_quarantine(settings, connection)
    restricted = erase_restricted(settings, connection)
    forget_accounts(settings, scope.account_keys)
    forget_customers(settings, (), scope.account_keys)
    # Raw last: the spans that say what else is theirs are read from it, by a retry too.
    raw = erase_raw(settings, connection, found)
    # Made from the releases; by a retry too, whatever the first try was stopped at.
    serve_erased(settings)
    outcome = _outcome(scope, raw, restricted, quarantined, releases)
    log.info("erasure: %s", outcome)
    return outcome


def _drop_candidate(settings: Settings) -> None:
    """Remove the candidate and what names customers among dbt's inputs; the next run makes both."""
    if settings.warehouse.exists():
        try:
            open_database(settings, settings.warehouse).close()
        except duckdb.IOException as error:
            raise SaydoError(
                f"{settings.warehouse.name} is being built: it still holds erased persons; erase "
                "again when the build has ended"
            ) from error
        settings.warehouse.unlink()
    # Whichever engine is set now: the other one's tables are of the same persons.
    if settings.spark_tables.exists():
        shutil.rmtree(settings.spark_tables)
    for name in (*_CARRIED, *(kind.name for kind in KINDS)):
        (settings.state / f"{name}.parquet").unlink(missing_ok=True)


def _outcome(
    scope: Scope | None,
    raw: dict[str, int] | None = None,
    restricted: int = 0,
    quarantined: int = 0,
    releases: dict[str, int] | None = None,
) -> dict[str, Any]:
    return {
        "request_count": scope.request_count if scope else 0,
        "account_count": len(scope.account_keys) if scope else 0,
        "ambiguous": list(scope.ambiguous) if scope else [],
        "raw_row_counts": raw or {},
        "restricted_row_count": restricted,
        "quarantine_row_count": quarantined,
        "customer_counts": releases or {},
    }
