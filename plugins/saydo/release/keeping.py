"""Releases that are there: list them, go back to one, let old ones go."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from saydo.errors import ConfigError
from saydo.home_lock import hold_home
from saydo.release.history import keep_history
from saydo.release.store import (
    current_release_id,
    point_current,
    read_manifest,
    release_dir,
    release_ids,
    releases_dir,
    remove_leftovers,
)
from saydo.settings import Settings

log = logging.getLogger(__name__)


def list_releases(settings: Settings) -> list[dict[str, Any]]:
    """The kept releases, newest first.

    Each has release_id, as_of_date and published_at (ISO, UTC), is_current, code_version,
    content_hash, row_counts, evaluated_count, warning_count and size_bytes.
    """
    current = current_release_id(settings)
    return [
        _listed(settings, release_id, current) for release_id in reversed(release_ids(settings))
    ]


def _listed(settings: Settings, release_id: str, current: str | None) -> dict[str, Any]:
    manifest = read_manifest(settings, release_id)
    same = ("release_id", "as_of_date", "published_at", "code_version", "content_hash")
    files = release_dir(settings, release_id).rglob("*")
    return {
        **{key: manifest[key] for key in same},
        "row_counts": manifest["row_counts"],
        "is_current": release_id == current,
        "evaluated_count": manifest["gate"]["evaluated_count"],
        "warning_count": manifest["gate"]["warning_count"],
        "size_bytes": sum(file.stat().st_size for file in files if file.is_file()),
    }


def rollback(settings: Settings, release_id: str | None = None) -> dict[str, Any]:
    """Make a kept release current: the one given, or the one that was current before this one.

    Releases that never were current (made for an older as-of date) are skipped when none is given.
    Nothing is rebuilt or copied, and the release left behind stays and can be returned to. The next
    run publishes again: correct what was wrong before it.

    Returns:
        release_id now current, previous_release_id, as_of_date.

    Raises:
        ConfigError: unknown release, or none before the current one.
        HomeBusy: somebody else changes the home.
    """
    with hold_home(settings, "rollback"):
        current = current_release_id(settings)
        target = release_id or release_before(settings, current)
        release_dir(settings, target)  # raises, naming the kept ones, before anything is touched
        if target != current:
            point_current(settings, target)
            log.info("made %s current instead of %s", target, current)
        return {
            "release_id": target,
            "previous_release_id": current,
            "as_of_date": read_manifest(settings, target)["as_of_date"],
        }


def release_before(settings: Settings, current: str | None) -> str:
    """The kept release that was current before `current`.

    Raises:
        ConfigError: there is none.
    """
    for release_id in reversed(release_ids(settings)):
        # Ids begin with the instant of publishing, so that they sort in that order.
        is_before = current is not None and release_id < current
        if is_before and read_manifest(settings, release_id)["becomes_current"]:
            return release_id
    raise ConfigError("there is no earlier release to go back to; `saydo releases` lists them")


def apply_retention(settings: Settings, now: datetime | None = None) -> dict[str, list[str]]:
    """Remove releases that neither `keep_releases` nor `keep_release_days` keeps.

    The current release and any that a process has open stay. What is open is read from
    /proc/*/fd, so it is seen on Linux, for processes of this machine that this user may inspect;
    elsewhere a reader keeps the file it has open, as removing a name does not close it. A removed
    release stays in the release history.

    Args:
        settings: its policy.retention decides.
        now: the instant ages are counted from (UTC); by default the present.

    Returns:
        removed: ids removed; kept_open: ids due for removal that are open.
    """
    policy = settings.policy.retention
    oldest = (now or datetime.now(UTC)) - timedelta(days=policy.keep_release_days)
    with hold_home(settings, "retention"):
        remove_leftovers(settings)
        current = current_release_id(settings)
        due = [
            release_id
            for release_id in release_ids(settings)[: -policy.keep_releases]
            if release_id != current
            and datetime.fromisoformat(read_manifest(settings, release_id)["published_at"]) < oldest
        ]
        # Every process of the machine is looked at: only when there is something to remove.
        in_use = _open_releases(settings) if due else set()
        removed = [release_id for release_id in due if release_id not in in_use]
        for release_id in removed:
            _remove(settings, release_id)
    kept_open = [release_id for release_id in due if release_id in in_use]
    log.info("removed %s release(s), kept %s that are open", len(removed), len(kept_open))
    return {"removed": removed, "kept_open": kept_open}


def _remove(settings: Settings, release_id: str) -> None:
    # First: once the manifest is gone, nothing else says that this release ever was.
    keep_history(settings, release_id)
    folder = releases_dir(settings) / release_id
    gone = folder.with_name(f".tmp-{release_id}")
    # Out of sight in one step: half a release must not be taken for one.
    folder.rename(gone)
    shutil.rmtree(gone)


def _open_releases(settings: Settings) -> set[str]:
    """Releases in which some process has a file open."""
    root = releases_dir(settings).resolve()
    found = set()
    for target in _open_files():
        if target.is_relative_to(root) and target != root:
            found.add(target.relative_to(root).parts[0])
    return found


def _open_files() -> Iterator[Path]:
    """What the file descriptors of the processes that may be inspected point at."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or is another user's
            for descriptor in (folder / "fd").iterdir():
                with suppress(OSError):  # closed meanwhile
                    yield descriptor.readlink()
