"""From the audited candidate to a release that readers see."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from saydo.durable import replace_json, sync_path, sync_tree
from saydo.engine import open_database
from saydo.errors import ReleaseRefused
from saydo.home_lock import hold_home
from saydo.notices import told
from saydo.release.approval import check_approved
from saydo.release.audit import check_audited, read_audit
from saydo.release.contracts import write_contracts
from saydo.release.database import (
    DATABASE,
    STORAGE_VERSION,
    TableContent,
    attach,
    content_hash,
    survey,
    write_database,
    write_parquet,
    write_registry,
)
from saydo.release.history import history_with
from saydo.release.store import (
    MANIFEST,
    current_release_id,
    point_current,
    read_manifest,
    release_ids,
    releases_dir,
    remove_leftovers,
)
from saydo.release.version import code_version
from saydo.room import explains
from saydo.settings import Settings
from saydo.sql import quoted

log = logging.getLogger(__name__)


@explains("publishing", "nothing was published and the last release keeps serving")
def publish(settings: Settings, as_of: date) -> dict[str, Any]:
    """Make the candidate a release and, unless a later as-of date is being served, current.

    Everything is written beside the releases, flushed, and renamed; then the pointer is swapped. A
    kill at any point leaves the old release serving, and the next call cleans up and converges.
    The same content for the same as-of date by the same code is not published twice.

    Args:
        settings: where the candidate and the releases are.
        as_of: the last day the candidate knows of; must be the day it was built for.

    Returns:
        release_id, as_of_date (ISO), content_hash, row_counts (table to rows), is_current, and
        is_new: False if readers had that very release before.

    Raises:
        ReleaseRefused: no audit of just this content, a candidate that cannot be published, or
            warnings that nobody approved where the policy wants it.
        HomeBusy: somebody else changes the home.
        OutOfRoom: memory or the disk ran out.
    """
    with hold_home(settings, "publishing"), _cleaned(settings):
        audit = read_audit(settings)
        audit |= check_approved(settings, audit)
        # They tie the verdict to a candidate; the manifest has a hash of each table of its own.
        audited = audit.pop("table_hashes")
        if leftovers := remove_leftovers(settings):
            log.info("removed %s leftover(s) of a publish that was interrupted", leftovers)
        releases_dir(settings).mkdir(parents=True, exist_ok=True)
        with open_database(settings) as connection:
            _attach_candidate(connection, settings)
            # Looked at and copied in one opening of the file: what is checked is what is written.
            tables = survey(connection, "candidate", "marts")
            _check_candidate(connection, tables, as_of)
            check_audited(connection, "candidate", tables, audited)
            manifest = _manifest(settings, as_of, tables, audit)
            known = _same_release(settings, manifest)
            if known is None:
                _write_release(settings, connection, tables, manifest)
        return _serve(settings, known or manifest, is_new=known is None)


@contextmanager
def _cleaned(settings: Settings) -> Iterator[None]:
    """Remove what was half-written, however it ended."""
    try:
        yield
    except (OSError, duckdb.Error):
        remove_leftovers(settings)
        raise


def _attach_candidate(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    try:
        attach(connection, settings.warehouse, "candidate")
    except duckdb.IOException as error:
        # DuckDB has one error for a file that is locked, damaged or not there.
        if "lock" not in str(error).lower():
            raise
        raise ReleaseRefused(
            f"{settings.warehouse.name} is open for writing in another process; publish when the "
            "build that holds it has finished"
        ) from error


def _check_candidate(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, TableContent], as_of: date
) -> None:
    if not tables:
        raise ReleaseRefused(
            "the candidate has no table in schema marts: run `build_marts` before publishing"
        )
    for name, table in tables.items():
        # A table outside the content hash is history: it holds the days of other releases, too.
        if "as_of_date" not in table.columns or table.content_hash is None:
            continue
        found = connection.execute(
            f"select distinct as_of_date from {quoted('candidate', 'marts', name)} "
            "where as_of_date is distinct from ? order by 1 limit 3",
            [as_of],
        ).fetchall()
        if found:
            days = ", ".join(str(day) for (day,) in found)
            raise ReleaseRefused(
                f"marts.{name} was built as of {days}, not {as_of}: run the build for {as_of} again"
            )


def _manifest(
    settings: Settings, as_of: date, tables: dict[str, TableContent], audit: dict[str, Any]
) -> dict[str, Any]:
    """What the release is; no secret and no path of this machine enters it."""
    overall = content_hash(tables)
    published_at = _publish_instant(settings)
    current = current_release_id(settings)
    served = read_manifest(settings, current)["as_of_date"] if current else ""
    return {
        "release_id": f"r{published_at:%Y%m%d%H%M%S}-{overall[:8]}",
        "as_of_date": as_of.isoformat(),
        "published_at": published_at.isoformat(),
        "code_version": code_version(),
        # ISO dates sort as text, and an empty one before all of them.
        "becomes_current": as_of.isoformat() >= served,
        "content_hash": overall,
        "row_counts": {name: table.row_count for name, table in tables.items()},
        "tables": {
            name: {
                "content_hash": table.content_hash,
                "comment": table.told.table,
                "columns": [{"name": n, "type": kind} for n, kind in table.columns.items()],
            }
            for name, table in tables.items()
        },
        "gate": audit,
        "notices": [asdict(notice) for notice in told(settings)],
        "batch_ids": _batch_ids(settings),
        "configuration": configuration_hashes(settings),
        "storage_version": STORAGE_VERSION,
        "erasures": [],
    }


def configuration_hashes(settings: Settings) -> dict[str, str]:
    """File name to SHA-256 of the configuration as it is now."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in (settings.feeds_file, settings.policy_file)
    }


def _publish_instant(settings: Settings) -> datetime:
    """Now, or a second after the newest release if the clock has not moved past it: ids sort."""
    now = datetime.now(UTC)
    ids = release_ids(settings)
    if not ids:
        return now
    newest = datetime.strptime(ids[-1][1:15], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return max(now, newest + timedelta(seconds=1))


def _batch_ids(settings: Settings) -> list[str]:
    """The accepted batches that the candidate was built from, as `prepare` listed them."""
    file = settings.state / "batches.parquet"
    if not file.is_file():
        return []
    with open_database(settings) as connection:
        rows = connection.execute(
            "select batch_id from read_parquet(?) where status = 'accepted' order by 1", [str(file)]
        ).fetchall()
    return [batch_id for (batch_id,) in rows]


def _same_release(settings: Settings, manifest: dict[str, Any]) -> dict[str, Any] | None:
    """The release that would say exactly this, if it is there and not superseded.

    Such a release is the current one, or one newer than it: published for an older as-of date, or
    left by a kill between its rename and the swap of the pointer.
    """
    current = current_release_id(settings) or ""
    for release_id in reversed(release_ids(settings)):
        if release_id < current:
            break
        known = read_manifest(settings, release_id)
        if all(
            known[key] == manifest[key] for key in ("content_hash", "as_of_date", "code_version")
        ):
            return known
    return None


def _write_release(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    tables: dict[str, TableContent],
    manifest: dict[str, Any],
) -> None:
    final = releases_dir(settings) / manifest["release_id"]
    # Nobody lists what begins with `.tmp-`; the next publish sweeps what a kill leaves of it.
    beside = final.with_name(f".tmp-{final.name}")
    beside.mkdir()
    history = history_with(settings, manifest, manifest["becomes_current"])
    write_database(connection, beside / DATABASE, tables, history, manifest["release_id"])
    # From the finished file, which is sorted already, not from the candidate again.
    write_parquet(connection, beside / DATABASE, beside, tables)
    write_contracts(beside, tables, DATABASE)
    rows = write_registry(connection, beside)
    if "release_history" in tables:
        manifest["row_counts"]["release_history"] = history.num_rows
    _copy_results(settings, beside)
    replace_json(beside / MANIFEST, manifest | {"registry_row_count": rows})
    # The order of a power cut: all bytes on disk, then the name, then the folder that has the name.
    sync_tree(beside)
    beside.rename(final)
    sync_path(final.parent)


def _copy_results(settings: Settings, folder: Path) -> None:
    """What the gate found, and the documentation that the build wrote of these tables."""
    shutil.copytree(settings.state / "gate" / "marts", folder / "gate")
    if (page := settings.state / "docs" / "index.html").is_file():
        (folder / "docs").mkdir()
        shutil.copyfile(page, folder / "docs" / page.name)


def _serve(settings: Settings, manifest: dict[str, Any], is_new: bool) -> dict[str, Any]:
    """Swap the pointer if this release should be current, and tell the outcome."""
    release_id = manifest["release_id"]
    current = current_release_id(settings)
    served = read_manifest(settings, current)["as_of_date"] if current else ""
    is_current = manifest["as_of_date"] >= served
    if is_current and release_id != current:
        point_current(settings, release_id)
        is_new = True
    log.info(
        "%s %s as of %s, content %s%s",
        "published" if is_new else "already published",
        release_id,
        manifest["as_of_date"],
        manifest["content_hash"][:12],
        "" if is_current else f"; {current} with a later as-of date stays current",
    )
    return {
        "release_id": release_id,
        "as_of_date": manifest["as_of_date"],
        "content_hash": manifest["content_hash"],
        "row_counts": manifest["row_counts"],
        "is_current": is_current,
        "is_new": is_new,
    }
