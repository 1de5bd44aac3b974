"""`current.json`, the object that tells readers which release to read."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from saydo.errors import ReleaseRefused
from saydo.release.store import MANIFEST
from saydo.serve.store.bucket import Bucket, ChangedMeanwhile, Text
from saydo.serve.store.uploading import RELEASES, stored_name

log = logging.getLogger(__name__)

POINTER = "current.json"
# What says which release it is; the rest says when it was pointed at, and by which call.
_WHICH = ("release_id", "as_of_date", "content_hash", "manifest_sha256", "path")


def pointer_to(manifest: dict[str, Any], folder: Path) -> dict[str, str]:
    """What the pointer says of a release: which it is, where it is below the address, its hashes.

    `token` differs on each call, so that no two versions of the pointer are the same to a store
    that tells them apart by their bytes.
    """
    return {
        "release_id": manifest["release_id"],
        "as_of_date": manifest["as_of_date"],
        "content_hash": manifest["content_hash"],
        "manifest_sha256": hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest(),
        "path": f"{RELEASES}/{stored_name(manifest)}",
        "pointed_at": datetime.now(UTC).isoformat(),
        "token": uuid.uuid4().hex,
    }


def points_at(there: Text | None, pointer: dict[str, str]) -> bool:
    """Whether readers are sent to this very release already.

    Raises:
        ReleaseRefused: what is there was not made by Saydo.
    """
    if there is None:
        return False
    told = read_pointer(there)
    return all(told[name] == pointer[name] for name in _WHICH)


def point(bucket: Bucket, there: Text | None, pointer: dict[str, str]) -> None:
    """Send readers to a release, if the pointer still is what was read before the upload.

    Raises:
        ReleaseRefused: another publisher was faster; the message says which release won.
    """
    text = json.dumps(pointer, indent=2, sort_keys=True).encode() + b"\n"
    try:
        bucket.replace(POINTER, text, there)
    except ChangedMeanwhile:
        raise ReleaseRefused(_who_won(bucket.read(POINTER), pointer)) from None
    log.info("the store's readers are sent to %s", pointer["path"])


def read_pointer(there: Text) -> dict[str, str]:
    """What the pointer that was read says.

    Raises:
        ReleaseRefused: it was not made by Saydo.
    """
    try:
        told = json.loads(there.text)
        return {name: str(told[name]) for name in (*_WHICH, "pointed_at")}
    except (ValueError, KeyError, TypeError):
        raise ReleaseRefused(
            f"{POINTER} below store.address was not made by Saydo. It was not touched: give "
            "another prefix in publish.yml, or remove it, then run `saydo serve`. The files of "
            "the release are published"
        ) from None


def _who_won(there: Text | None, pointer: dict[str, str]) -> str:
    mine = pointer["release_id"]
    if there is None:
        won = f"{POINTER} was removed while {mine} was uploaded"
    else:
        told = read_pointer(there)
        won = (
            f"another publisher was faster than {mine}: the store serves {told['release_id']}, as "
            f"of {told['as_of_date']}, since {told['pointed_at']}"
        )
    return (
        f"{won}. It was left so. One prefix is for one home: find out who else publishes there, "
        "then run `saydo serve` or clear the task. The files of the release are published"
    )
