"""Bringing the object store to what the files say: the home, its release, and none that is gone."""

from __future__ import annotations

import logging
import time
from typing import Any

from saydo.home_lock import hold_home
from saydo.release import read_manifest, release_dir
from saydo.release.store import release_ids
from saydo.serve.store.bucket import Bucket
from saydo.serve.store.keeping import keep
from saydo.serve.store.pointing import POINTER, point, pointer_to, points_at
from saydo.serve.store.uploading import drop, is_whole, stored_name, stored_releases, upload
from saydo.settings import Settings

log = logging.getLogger(__name__)


def serve(settings: Settings) -> dict[str, Any] | None:
    """Have the store serve the current release, and let go of what is not kept there.

    Run again it does what is missing: a release that is there whole is not uploaded again, and a
    pointer that names it is left alone. After a rollback the pointer goes back; a release that
    persons were erased from since is uploaded anew, and what was there of it before is removed.
    What else publish.yml keeps of the home comes first: readers are sent to no release whose home
    could not be brought back.

    Args:
        settings: publish.yml says where and how, the environment with which credentials.

    Returns:
        None if no address is configured. Else release_id, as_of_date, table_count, row_count,
        is_loaded and is_moved (by this call), object_count (sent), dropped (names), seconds, and
        home (what `keep` tells, if more than releases is kept).

    Raises:
        ConfigError: publish.yml or the environment is wrong, or nothing is published yet.
        ReleaseRefused: another publisher was faster, or what is there is of somebody else.
        SaydoError: the store cannot be reached, or could not.
        HomeBusy: somebody else changes the home.
    """
    if settings.publish.store.address is None:
        log.info("no object store is configured (store.address in publish.yml)")
        return None
    begun = time.monotonic()
    with hold_home(settings, "serving"):
        manifest = read_manifest(settings)
        bucket = Bucket(settings.publish.store)
        home = keep(settings, bucket)
        outcome = _serve(settings, bucket, manifest)
    if home:
        outcome["home"] = home
    outcome["seconds"] = round(time.monotonic() - begun, 1)
    log.info("object store: %s", outcome)
    return outcome


def _serve(settings: Settings, bucket: Bucket, manifest: dict[str, Any]) -> dict[str, Any]:
    folder, name = release_dir(settings, manifest["release_id"]), stored_name(manifest)
    pointer = pointer_to(manifest, folder)
    # Before anything else: whoever moves it from here on wins.
    there = bucket.read(POINTER)
    is_moved = not points_at(there, pointer)
    stored = stored_releases(bucket)
    count = upload(bucket, name, folder, stored.get(name, {}))
    current = _current_names(settings)
    kept = sorted(
        one for one, objects in stored.items() if one in current and one != name
        and is_whole(objects)
    )  # fmt: skip
    kept = kept[max(0, len(kept) - settings.publish.store.keep_releases + 1) :]
    gone = sorted(stored.keys() - {name, *kept})
    if is_moved or gone:
        # To remove is to have won, too: what looks left over may be another's upload, who then
        # loses, and does not send readers to what was removed under it.
        point(bucket, there, pointer)
    for one in gone:
        drop(bucket, one, stored[one])
    return {
        "release_id": manifest["release_id"],
        "as_of_date": manifest["as_of_date"],
        "table_count": len(manifest["row_counts"]),
        "row_count": sum(manifest["row_counts"].values()),
        "is_loaded": count > 0,
        "is_moved": is_moved,
        "object_count": count,
        "dropped": gone,
    }


def _current_names(settings: Settings) -> set[str]:
    """The names of the kept releases as they are now."""
    return {stored_name(read_manifest(settings, name)) for name in release_ids(settings)}
