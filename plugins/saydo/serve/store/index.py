"""`home.jsonl`, the object that says which objects are the home, as it was at one moment.

Its first line says when that was and who wrote it, each further line which object is which file. An
object is named by its content too, and never changed: who goes by the index reads one state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from saydo.errors import ReleaseRefused
from saydo.serve.store.bucket import Text

INDEX = "home.jsonl"
HOME = "home"
_NAME = re.compile(r".*~[0-9a-f]{64}(?:\.[A-Za-z0-9_=-]+)?")
_ODD = re.compile(r"[^A-Za-z0-9._=/-]")
_LONGEST = 800  # of the 1,024 bytes that a name may have
_TOPS = ("landing", "quarantine", "raw", "restricted", "state", "published")


class Kept(NamedTuple):
    """A file as it is kept: where, of how many bytes, its hash, and when it was last written."""

    object: str
    size: int
    sha256: str
    modified_ns: int


@dataclass(frozen=True)
class Index:
    """What is kept of a home.

    `token` differs on each writing, `mark` tells the pseudonym key from others (None: not known),
    `folders` are those of the home that are kept, and `files` what is, by path below the home.
    """

    token: str
    kept_at: str
    release_id: str
    mark: str | None
    folders: tuple[str, ...]
    files: dict[str, Kept] = field(repr=False)

    def says_the_same(self, other: Index) -> bool:
        """Whether both tell of one state, whenever and by whomever it was written."""
        names = ("release_id", "mark", "folders", "files")
        return all(getattr(self, name) == getattr(other, name) for name in names)


def object_name(path: str, sha256: str) -> str:
    """What an object is called: the file's path with its hash, in plain letters.

    Two paths may give one name, but only of one content; which paths those are, the index says.
    """
    plain = PurePosixPath(_ODD.sub("_", path))
    if len(str(plain)) > _LONGEST:
        plain = PurePosixPath(plain.parts[0], f"long{plain.suffix}")
    return f"{HOME}/{plain.with_name(f'{plain.stem}~{sha256}{plain.suffix}')}"


def is_object_name(name: str) -> bool:
    """Whether something below the place of homes was put there by Saydo."""
    return _NAME.fullmatch(name) is not None


def index_text(index: Index) -> bytes:
    """An index as JSON, a line each."""
    head = {name: getattr(index, name) for name in ("token", "kept_at", "release_id", "mark")}
    lines: Iterable[dict[str, Any]] = (
        head | {"folders": list(index.folders)},
        *({"path": path} | kept._asdict() for path, kept in sorted(index.files.items())),
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def read_index(there: Text) -> Index:
    """What an index says.

    Raises:
        ReleaseRefused: it was not made by Saydo, or leads out of the home.
    """
    try:
        head, *lines = [json.loads(line) for line in there.text.splitlines()]
        files = {line.pop("path"): Kept(**line) for line in lines}
        index = Index(files=files, **head | {"folders": tuple(head["folders"])})
        if not all(_is_within(path, kept) for path, kept in files.items()):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ReleaseRefused(
            f"{INDEX} below store.address was not made by Saydo. It was not touched: give another "
            "prefix in publish.yml, or remove it, then run `saydo serve`"
        ) from None
    return index


def _is_within(path: str, kept: Kept) -> bool:
    parts = path.split("/")
    is_plain = all(part and not part.startswith(".") for part in parts)
    is_number = type(kept.size) is int and type(kept.modified_ns) is int
    is_named = kept.object == object_name(path, kept.sha256)
    return is_plain and is_number and is_named and parts[0] in _TOPS
