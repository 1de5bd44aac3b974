"""Which files of a home are kept in a store: what nothing else knows, and what was asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from saydo.release.history import manifest_files, retired_dir
from saydo.settings import Settings

# Of state/, what nothing else tells: how far sources were read, what was decided, told, handed over
# and confirmed. The rest is made again by the next run, from raw and from the current release.
STATE = (
    "collect",
    "decisions",
    "erasures.parquet",
    "gate/approval.json",
    "gate/history",
    "lineage/events",
    "lineage/told.json",
    "linkage",
    "messages",
    "notices",
)
_UNFINISHED = "_incoming"  # of raw: batches that are being landed


def kept_files(settings: Settings, folders: Iterable[str]) -> dict[str, Path]:
    """The files to keep, by path below the home; none without folders.

    Hidden files are not yet in place, and links that lead out of the home are no part of it.

    Args:
        settings: the home.
        folders: of the home that are kept. state/ and the manifests of all releases there ever
            were go with them; releases are kept by themselves.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        found |= _below(settings.home, settings.home / folder)
    if found:
        for name in STATE:
            found |= _below(settings.home, settings.state / name)
        retired = retired_dir(settings).relative_to(settings.home).as_posix()
        for release_id, file in manifest_files(settings).items():
            found[f"{retired}/{release_id}.json"] = file
    return dict(sorted(found.items()))


def _below(home: Path, place: Path) -> dict[str, Path]:
    files = _files(place) if place.is_dir() else [place] if place.is_file() else []
    return {file.relative_to(home).as_posix(): file for file in files if _is_ours(home, file)}


def _files(place: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name[0] != "." and name != _UNFINISHED]
        yield from (Path(folder) / name for name in names if name[0] != ".")


def _is_ours(home: Path, file: Path) -> bool:
    if file.is_symlink():
        return file.is_file() and file.resolve().is_relative_to(home.resolve())
    return file.is_file()
