"""A release as objects under a name of its own: whole once its manifest is there, which is last."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from saydo.errors import SaydoError
from saydo.release.store import MANIFEST, RELEASE_ID
from saydo.serve.store.bucket import Bucket

log = logging.getLogger(__name__)

RELEASES = "releases"
_NAME = re.compile(rf"{RELEASE_ID.pattern}(?:-e\d+)?")
_FILES_AT_ONCE = 4
# Written after a release was served, and again when somebody asks for it: it stays with the files.
_REPORT = "report"


def stored_name(manifest: Mapping[str, Any]) -> str:
    """What a release is called in the store: another name once persons were erased from it."""
    erasures = len(manifest["erasures"])
    return manifest["release_id"] + (f"-e{erasures}" if erasures else "")


def release_id_of(name: str) -> str:
    """Which release is called so in the store."""
    return name.partition("-e")[0]


def stored_releases(bucket: Bucket) -> dict[str, dict[str, int]]:
    """What of releases is in the store: name to objects and their sizes. Others' is left out."""
    found: dict[str, dict[str, int]] = {}
    for path, size in bucket.sizes(RELEASES).items():
        name, _, file = path.partition("/")
        if file and _NAME.fullmatch(name):
            found.setdefault(name, {})[file] = size
    return found


def is_whole(objects: Mapping[str, int]) -> bool:
    """Whether the upload of a release came to its end, going by its objects."""
    return MANIFEST in objects


def released_files(folder: Path) -> dict[str, Path]:
    """The files of a release on disk that go into the store, by their path in it."""
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*"))}
    return {
        path: file
        for path, file in files.items()
        if file.is_file() and not path.startswith(f"{_REPORT}/") and ".tmp-" not in path
    }


def upload(bucket: Bucket, name: str, folder: Path, objects: Mapping[str, int]) -> int:
    """Bring a release into the store, or what is missing of it, and count the objects sent.

    What an upload that broke off has sent stays, if it was made from these very files.

    Args:
        bucket: the store.
        name: of the release there.
        folder: of the release on disk.
        objects: what the store has of it already, with sizes.

    Raises:
        SaydoError: the store could not, or has something else than was sent.
    """
    files = released_files(folder)
    known_whole = is_whole(objects)
    wrong = [path for path, file in files.items() if objects.get(path, -1) != file.stat().st_size]
    if known_whole and not wrong:
        return 0
    if known_whole:
        log.warning("%s in the store lacks %s: sent again", name, ", ".join(wrong))
    place = f"{RELEASES}/{name}"

    def send(path: str) -> int:
        with files[path].open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        # A listing tells sizes alone.
        if path not in wrong and bucket.digest(f"{place}/{path}") == digest:
            return 0
        bucket.send(f"{place}/{path}", files[path], digest)
        return 1

    manifest = files.pop(MANIFEST)
    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        count = sum(pool.map(send, files))
    sizes = {path: file.stat().st_size for path, file in files.items()}
    check_whole(bucket.sizes(place), sizes, name)
    files[MANIFEST] = manifest
    count += send(MANIFEST)
    log.info("sent %s object(s) of %s", count, name)
    return count


def check_whole(objects: Mapping[str, int], sizes: Mapping[str, int], what: str) -> None:
    """Hold what the store lists, with sizes, against what was to be there.

    Raises:
        SaydoError: something is not there, or not all of it.
    """
    wrong = [
        f"{path} ({objects.get(path, 'none')} of {size} bytes)"
        for path, size in sizes.items()
        if objects.get(path, -1) != size
    ]
    if wrong:
        raise SaydoError(
            f"{what} is not whole in the object store: {', '.join(wrong[:20])}. Its readers keep "
            "what they had: look at what else writes there, then run `saydo serve` or clear the "
            "task"
        )


def drop(bucket: Bucket, name: str, objects: Mapping[str, int]) -> None:
    """Remove a release that nothing points at: its manifest first, so that no half looks whole."""
    place = f"{RELEASES}/{name}"
    paths = [f"{place}/{path}" for path in objects if path != MANIFEST]
    bucket.delete([f"{place}/{MANIFEST}", *paths] if MANIFEST in objects else paths)
    log.info("removed %s from the store", name)
