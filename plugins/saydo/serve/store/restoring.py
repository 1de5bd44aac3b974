"""Bringing a home back from what a store keeps of it: whole and as it was kept, or not at all.

All is fetched and checked beside its place first, under a hidden name within the home.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from saydo.durable import replace_json, replace_link, sync_tree
from saydo.errors import ConfigError, SaydoError
from saydo.home_lock import hold_home
from saydo.landing.pseudonyms import key_mark
from saydo.release.publishing import DATABASE
from saydo.release.store import MANIFEST
from saydo.room import explains
from saydo.serve.store.bucket import Bucket, Text
from saydo.serve.store.index import INDEX, Index, read_index
from saydo.serve.store.pointing import POINTER, read_pointer
from saydo.serve.store.remembering import Memory, file_hash, remember
from saydo.serve.store.uploading import RELEASES, is_whole, release_id_of, stored_releases
from saydo.settings import Settings

log = logging.getLogger(__name__)

_FILES_AT_ONCE = 8
_AGAIN = (
    "then run `saydo restore` again; the home stays empty, and nothing was changed in the store"
)
_PRIVATE = ("landing", "quarantine", "restricted")  # clear text
_FOLDERS = (*_PRIVATE, "raw", "published", "state")
_READY = "ready"


class _Wanted(NamedTuple):
    """An object to fetch: into which file, and its hash if something else than itself says it."""

    object: str
    file: Path
    sha256: str | None = None
    modified_ns: int | None = None


@explains("restoring", "nothing was put into the home, and what was fetched is not fetched again")
def restore(settings: Settings) -> dict[str, Any]:
    """Fill an empty home from what a store keeps of it, and make its last release current.

    A killed one goes on where it was. The next run builds everything anew, and the same content.

    Args:
        settings: an empty home, and the publish.yml and pseudonym key of the one that was kept.

    Returns:
        kept_at (ISO, UTC), file_count, byte_count, release_ids (oldest first), release_id (now
        current, or None), folders (that were kept).

    Raises:
        ConfigError: no store is configured, it keeps no home, the home is not empty, or the key of
            its pseudonyms is not the one that the kept home had.
        SaydoError: an object is missing or altered, or the store cannot be reached.
        HomeBusy: somebody else changes the home.
    """
    if settings.publish.store.address is None:
        raise ConfigError(
            "no object store is configured: set store.address in publish.yml to that of the home "
            "that is to be brought back"
        )
    bucket = Bucket(settings.publish.store, _AGAIN)
    with hold_home(settings, "restoring"):
        index = _index(bucket.read(INDEX))
        _check_key(settings, index)
        place = settings.home / f".tmp-restore-{index.token}"
        if not (place / _READY).is_file():
            _check_empty(settings)
            _fetch_all(settings, bucket, index, place)
        outcome = json.loads((place / _READY).read_text(encoding="utf-8"))
        _move(place / "home", settings.home)
        remember(settings, Memory([index.token]))
        shutil.rmtree(place)
    log.info("restored: %s", outcome)
    return outcome


def _index(there: Text | None) -> Index:
    index = read_index(there) if there else None
    if index is None or not index.files:
        raise ConfigError(
            f"the store keeps no home below store.address (no {INDEX} there names any file): "
            "correct the address; a home is kept once store.keep in its publish.yml names raw, too"
        )
    return index


def _check_key(settings: Settings, index: Index) -> None:
    if index.mark and key_mark(settings) != index.mark:
        raise ConfigError(
            "the key of pseudonyms here is not the one of the home that is kept: with another, "
            "nobody who is delivered again would be known. Set SAYDO_PSEUDONYM_KEY to it, or put "
            "it into state/pseudonym.key of the empty home; no store has it"
        )


def _check_empty(settings: Settings) -> None:
    """Nothing but the key and locks may be there."""
    mine = (settings.state / "locks", settings.state / "pseudonym.key")
    for name in (*_FOLDERS, settings.warehouse.name, settings.spark_tables.name):
        place = settings.home / name
        for file in [place] if place.is_file() else _files(place):
            if not any(file.is_relative_to(one) for one in mine):
                raise ConfigError(
                    f"{settings.home.name}/ is not empty: {file.relative_to(settings.home)} is "
                    "there. Nothing was changed: give an empty home with --home, or move what is "
                    "in this one away"
                )


def _files(place: Path) -> Iterator[Path]:
    return (Path(folder) / name for folder, _, names in os.walk(place) for name in names)


def _fetch_all(settings: Settings, bucket: Bucket, index: Index, place: Path) -> None:
    """Bring all of it below `place`, and say there last that it is ready."""
    for left in settings.home.glob(".tmp-restore-*"):
        if left != place:
            shutil.rmtree(left)
    home = place / "home"
    for name in _PRIVATE:
        (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = [
        _Wanted(kept.object, home / path, kept.sha256, kept.modified_ns)
        for path, kept in index.files.items()
    ]
    releases, current = _releases(bucket, home / "published" / "releases")
    wanted += [one for files in releases.values() for one in files]
    wrong = _fetch(bucket, wanted, home)
    if wrong:
        raise SaydoError(_why(bucket, index, wrong))
    if current:
        replace_link(home / "published" / "current", Path("releases") / current)
    sync_tree(home)
    outcome = {
        "kept_at": index.kept_at,
        "file_count": len(wanted),
        "byte_count": sum(one.file.stat().st_size for one in wanted),
        "release_ids": sorted(releases),
        "release_id": current,
        "folders": list(index.folders),
    }
    replace_json(place / _READY, outcome)


def _releases(bucket: Bucket, folder: Path) -> tuple[dict[str, list[_Wanted]], str | None]:
    """The objects of each whole release, by release id, and which is current."""
    stored = stored_releases(bucket)
    # Of one release, the name that most erasures gave it: it sorts behind the others.
    names = sorted(filter(lambda name: is_whole(stored[name]), stored), key=lambda n: (len(n), n))
    found = {release_id_of(name): name for name in names}
    there = bucket.read(POINTER)
    current = read_pointer(there)["release_id"] if there else None
    for release_id, name in list(found.items()):
        if lacking := _lacking(bucket, name, stored[name]):
            log.warning("%s is not brought back: %s is missing", name, ", ".join(lacking[:10]))
            del found[release_id]
    if current and current not in found:
        raise SaydoError(
            f"{current}, to which {POINTER} leads, is not whole in the object store. Nothing was "
            "put into the home: bring its objects back there, then run `saydo restore` again"
        )
    return {
        release_id: [
            _Wanted(f"{RELEASES}/{name}/{path}", folder / release_id / path)
            for path in stored[name]
            if not any(part.startswith(".") for part in path.split("/"))
        ]
        for release_id, name in found.items()
    }, current


def _lacking(bucket: Bucket, name: str, objects: Iterable[str]) -> list[str]:
    """Files that a release has for sure, and the store has not."""
    there = bucket.read(f"{RELEASES}/{name}/{MANIFEST}")
    try:
        tables = json.loads(there.text if there else b"")["row_counts"]
    except (ValueError, KeyError, TypeError):
        return [MANIFEST]
    files = [DATABASE, "registry.parquet", *(f"{table}.parquet" for table in tables)]
    return sorted(set(files) - set(objects))


def _fetch(bucket: Bucket, wanted: list[_Wanted], home: Path) -> list[str]:
    """Fetch what is not here yet; what is wrong with objects, in words."""

    def fetch(one: _Wanted) -> str | None:
        if one.sha256 and one.file.is_file() and file_hash(one.file) == one.sha256:
            return None
        one.file.parent.mkdir(parents=True, exist_ok=True)
        is_private = one.file.relative_to(home).parts[0] in _PRIVATE
        one.file.touch(mode=0o600 if is_private else 0o666)
        got = bucket.fetch(one.object, one.file)
        if got is None:
            return f"{one.object} is missing"
        if got.sha256 != (one.sha256 or got.told):
            return f"{one.object} was altered"
        if one.modified_ns is not None:  # a delivery that looks new would be landed again
            os.utime(one.file, ns=(one.modified_ns, one.modified_ns))
        return None

    log.info("fetching %s object(s)", len(wanted))
    with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
        return [wrong for wrong in pool.map(fetch, wanted) if wrong]


def _why(bucket: Bucket, index: Index, wrong: list[str]) -> str:
    now = bucket.read(INDEX)
    if now is None or read_index(now).token != index.token:
        return (
            "the home was kept anew while it was fetched: somebody is at work with it. Nothing was "
            "put into this one: run `saydo restore` again, once that home is at rest"
        )
    more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
    return (
        f"the home cannot be brought back as it was kept: {', '.join(wrong[:10])}{more} in the "
        "object store. Nothing was put into the home. Bring these back there (from versions of the "
        "bucket, a back-up, or by `saydo serve` of the home that was kept, if it still is), then "
        "run `saydo restore` again; what arrived is not fetched again"
    )


def _move(source: Path, target: Path) -> None:
    """Put what was fetched into the home, also where a part of it is a disk of its own."""
    if not target.is_dir() or target.is_symlink():
        shutil.move(source, target)
        return
    for path in sorted(source.iterdir()):
        _move(path, target / path.name)
