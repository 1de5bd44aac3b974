"""Files of elsewhere, copied as they are: each new or changed one is a delivery of its own."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from saydo.collect.access import Access
from saydo.collect.delivering import Part, safe_name
from saydo.collect.found import Found
from saydo.collect.stores import Changed, Remote, Store, open_store
from saydo.config.collect import Folder
from saydo.errors import SaydoError

# Copied before they are shown together: a state is written once for all of them.
_MOST_FILES, _MOST_BYTES = 50, 1 << 30
# Names under which programs write what is not yet whole.
_UNFINISHED = re.compile(r"(?i)(^|/)(\.|~\$)|\.(part|partial|filepart|tmp|crdownload|upload)$")


def collect_folder(part: Part, folder: Folder, access: Access) -> Found:
    """Copy what is new or changed.

    Raises:
        ConfigError: the store does not let us in, or is not there.
        SaydoError: it does not answer; what was copied before that is delivered.
    """
    found = Found(part.where)
    with open_store(part.where, folder.url, access) as store:
        known: dict[str, Any] = part.memory.get("objects", {})
        listed = _wanted(store, folder)
        new = [file for file in listed if known.get(file.path, {}).get("mark") != file.mark]
        ready, waiting = _settled(new, part.memory.get("waiting", {}), _age(store, folder))
        copies = _Copies(part, found, waiting)
        try:
            for file in ready:
                copies.add(store, file)
        finally:
            copies.deliver()
    if waiting != part.memory.get("waiting", {}):
        part.commit([], part.memory | {"waiting": waiting})
    if waiting:
        found.tell(
            f"files may still be written and are left for the next run: {_named(waiting)}",
            len(waiting),
        )
    return found


def try_folder(where: str, folder: Folder, access: Access) -> str:
    """List the folder; how many files it has, in words. Errors as above."""
    with open_store(where, folder.url, access) as store:
        files = _wanted(store, folder)
        if not files:
            raise SaydoError(f"{where}: no file below {folder.url} matches {folder.files!r}")
    return f"{len(files)} files, the newest of {max(file.modified for file in files):%Y-%m-%d}"


class _Copies:
    """Files that were copied and are not shown yet."""

    def __init__(self, part: Part, found: Found, waiting: dict[str, Any]) -> None:
        self._part, self._found, self._waiting = part, found, waiting
        self._objects = dict(part.memory.get("objects", {}))
        self._names = {known["name"] for known in self._objects.values()}
        self._files: list[tuple[Path, str]] = []
        self._bytes, self._is_changed = 0, False

    def add(self, store: Store, file: Remote) -> None:
        """Copy one file, and deliver the copies once they are many."""
        name = self._name(file.path)
        beside = self._part.beside(name)
        try:
            store.fetch(file, beside)
        except Changed:
            beside.unlink(missing_ok=True)
            self._waiting[file.path] = [file.mark, datetime.now(UTC).isoformat()]
            return
        with beside.open("rb") as copy:
            content = hashlib.file_digest(copy, "sha256").hexdigest()
        self._is_changed = True
        before = self._objects.get(file.path)
        if before and before["hash"] == content:
            beside.unlink()  # uploaded once more, the same
            self._objects[file.path] = before | {"mark": file.mark}
            return
        self._objects[file.path] = {"mark": file.mark, "hash": content, "name": name}
        self._names.add(name)
        self._files.append((beside, name))
        self._bytes += file.size
        if len(self._files) >= _MOST_FILES or self._bytes >= _MOST_BYTES:
            self.deliver()

    def deliver(self) -> None:
        """Show what was copied."""
        if not self._is_changed:
            return
        memory = {"objects": self._objects, "waiting": self._part.memory.get("waiting", {})}
        self._found.files += self._part.commit(self._files, memory)
        self._files, self._bytes, self._is_changed = [], 0, False

    def _name(self, path: str) -> str:
        """The object's own name; a later version's name sorts behind it."""
        name = safe_name(path)
        if name not in self._names and not (self._part.folder / name).exists():
            return name
        place = PurePosixPath(name)
        stem, dot, suffixes = place.name.partition(".")
        return str(place.with_name(f"{stem}~{self._part.stamp()}{dot}{suffixes}"))


def _wanted(store: Store, folder: Folder) -> list[Remote]:
    """The files that the pattern means, by name; what programs write beside is left out."""
    pattern = re.compile(_regex(folder.files))
    files = [
        file
        for file in store.files()
        if pattern.fullmatch(file.path) and not _UNFINISHED.search(file.path)
    ]
    return sorted(files, key=lambda file: file.path)


def _regex(pattern: str) -> str:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(parts.get(piece) or re.escape(piece) for piece in pieces)


def _age(store: Store, folder: Folder) -> timedelta:
    given = folder.settled_seconds
    return timedelta(seconds=store.settled_seconds if given is None else given)


def _settled(
    files: list[Remote], before: dict[str, Any], age: timedelta
) -> tuple[list[Remote], dict[str, Any]]:
    """Those that are whole by now, and those that may still be written: path to mark and since.

    A file is whole when nobody has written it for a while, by its own time or, where the clock
    there is another, since it was first seen as it is.
    """
    now = datetime.now(UTC)
    ready, waiting = [], {}
    for file in files:
        mark, since = before.get(file.path, ["", now.isoformat()])
        first_seen = datetime.fromisoformat(since) if mark == file.mark else now
        if min(file.modified, first_seen) <= now - age:
            ready.append(file)
        else:
            waiting[file.path] = [file.mark, first_seen.isoformat()]
    return ready, waiting


def _named(paths: dict[str, Any]) -> str:
    shown = sorted(paths)[:5]
    return ", ".join(shown) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
