"""Bringing what a store keeps of the home to what the files say, in one step for who reads it.

What is new is uploaded under names that no index has, then the index is replaced, if it still is
what was read before; what it no longer names is removed last.
"""

from __future__ import annotations

import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from saydo.errors import ReleaseRefused
from saydo.landing.pseudonyms import key_mark
from saydo.release.store import current_release_id
from saydo.serve.store.bucket import Bucket, ChangedMeanwhile
from saydo.serve.store.home_files import kept_files
from saydo.serve.store.index import (
    HOME,
    INDEX,
    Index,
    Kept,
    index_text,
    is_object_name,
    object_name,
    read_index,
)
from saydo.serve.store.remembering import Look, Memory, look, read_memory, remember
from saydo.serve.store.uploading import check_whole
from saydo.settings import Settings

log = logging.getLogger(__name__)

_FILES_AT_ONCE = 4


class _Seen(NamedTuple):
    """A file of the home, and how it looked when it was hashed."""

    file: Path
    look: Look
    kept: Kept


def keep(settings: Settings, bucket: Bucket) -> dict[str, int] | None:
    """Have the store keep the home as it is now. The caller holds the home.

    Run again it does what is missing. Only the home that wrote the index, or was restored from it,
    replaces it: another one, empty perhaps, would remove all that is kept.

    Args:
        settings: publish.yml says which folders are kept.
        bucket: where.

    Returns:
        None if publish.yml asks for no folder and none was ever kept. Else file_count and
        byte_count (kept), sent_count and removed_count (objects, by this call).

    Raises:
        ReleaseRefused: the index is of another home, or was replaced meanwhile.
        SaydoError: the store cannot be reached, or could not.
    """
    folders, memory = settings.publish.store.folders, read_memory(settings)
    if not folders and not memory.tokens:
        return None
    # Before anything else: whoever replaces it from here on wins.
    there = bucket.read(INDEX)
    before = read_index(there) if there else None
    if before and before.token not in memory.tokens:
        raise ReleaseRefused(_whose(before))
    stored = bucket.sizes(HOME)
    seen = _look_at(kept_files(settings, folders), memory)
    sent = _send(bucket, seen, stored, before)
    files = _whole(bucket, seen, sent, before)
    sizes = {kept.object.removeprefix(f"{HOME}/"): kept.size for kept in files.values()}
    check_whole(bucket.sizes(HOME) if sent else stored, sizes, "the home")
    index = Index(
        token=uuid.uuid4().hex,
        kept_at=datetime.now(UTC).isoformat(timespec="seconds"),
        release_id=current_release_id(settings) or "",
        # Not every process that moves the home's pointer has the key.
        mark=key_mark(settings) or (before.mark if before else None),
        folders=folders,
        files=files,
    )
    named = {kept.object for kept in files.values()}
    gone = sorted({f"{HOME}/{name}" for name in stored if is_object_name(name)} - named)
    hashes = {path: (one.look, one.kept.sha256) for path, one in seen.items()}
    if before is None or gone or not index.says_the_same(before):
        # To remove is to have won, too: what looks left over may be another's upload.
        remember(settings, Memory([*([before.token] if before else []), index.token], hashes))
        try:
            bucket.replace(INDEX, index_text(index), there)
        except ChangedMeanwhile:
            now = bucket.read(INDEX)
            raise ReleaseRefused(_whose(read_index(now) if now else None)) from None
        remember(settings, Memory([index.token], hashes))
    elif hashes != memory.hashes:
        remember(settings, Memory(memory.tokens, hashes))
    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        list(pool.map(lambda name: bucket.delete([name]), gone))
    return {
        "file_count": len(files),
        "byte_count": sum(kept.size for kept in files.values()),
        "sent_count": len(sent),
        "removed_count": len(gone),
    }


def _look_at(files: dict[str, Path], memory: Memory) -> dict[str, _Seen]:
    def seen(path: str) -> _Seen | None:
        try:
            looked, sha256 = memory.hash_of(path, files[path])
        except FileNotFoundError:  # a delivery that its sender has taken away just now
            return None
        size, modified_ns, *_ = looked
        kept = Kept(object_name(path, sha256), size, sha256, modified_ns)
        return _Seen(files[path], looked, kept)

    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        return {path: one for path, one in zip(files, pool.map(seen, files), strict=True) if one}


def _send(
    bucket: Bucket, seen: dict[str, _Seen], stored: dict[str, int], before: Index | None
) -> set[str]:
    """Upload what is not there, and name the objects that were sent.

    What an upload that broke off has sent stays, if it was made from these very files.
    """
    known = {kept.object for kept in before.files.values()} if before else set()
    wanted = {one.kept.object: one for one in seen.values()}

    def send(name: str) -> bool:
        one = wanted[name]
        is_there = stored.get(name.removeprefix(f"{HOME}/"), -1) == one.kept.size
        # A listing tells sizes alone.
        if is_there and (name in known or bucket.digest(name) == one.kept.sha256):
            return False
        if name in known:
            log.warning("the store lacks %s, or a part of it: sent again", name)
        if one.file.is_file():
            bucket.send(name, one.file, one.kept.sha256)
        return True

    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        is_sent = list(pool.map(send, wanted))
    return {name for name, was in zip(wanted, is_sent, strict=True) if was}


def _whole(
    bucket: Bucket, seen: dict[str, _Seen], sent: set[str], before: Index | None
) -> dict[str, Kept]:
    """What to name in the index: what did not change while it was uploaded.

    Deliveries are others' to write. Of one that did, what was kept before stays.
    """
    torn = {one.kept.object for one in seen.values() if one.kept.object in sent and _has_moved(one)}
    changed = [path for path, one in seen.items() if one.kept.object in torn]
    if changed:
        log.warning(
            "%s file(s) changed while they were uploaded, and are kept by the next run: %s",
            len(changed),
            ", ".join(changed[:5]),
        )
        bucket.delete(torn)
    earlier = before.files if before else {}
    files = {path: one.kept for path, one in seen.items() if one.kept.object not in torn}
    return files | {path: earlier[path] for path in changed if path in earlier}


def _has_moved(one: _Seen) -> bool:
    try:
        return look(one.file) != one.look
    except FileNotFoundError:
        return True


def _whose(now: Index | None) -> str:
    if now is None:
        return (
            f"{INDEX} was removed from the store while the home was kept there: find out who else "
            "writes there, then run `saydo serve` or clear the task"
        )
    return (
        f"what the store keeps below store.address is another home, or a later state of this one "
        f"(of {now.kept_at}, release {now.release_id or 'none'}). It was left so, and the release "
        "was not served there. To go on from it, `saydo restore` fills an empty home; to keep this "
        f"home instead, give another prefix in publish.yml, or remove {INDEX} there and run `saydo "
        "serve`"
    )
