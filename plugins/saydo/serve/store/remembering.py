"""What a home remembers of what a store keeps of it: that it is its own, and hashes of files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from saydo.durable import replace_text
from saydo.settings import Settings

Look = list[int]


@dataclass
class Memory:
    """`tokens`: of the index that this home wrote last, and of one that it may have written.

    `hashes`: of files by path, with how each looked when it was hashed.
    """

    tokens: list[str] = field(default_factory=list)
    hashes: dict[str, tuple[Look, str]] = field(default_factory=dict)

    def hash_of(self, path: str, file: Path) -> tuple[Look, str]:
        """How a file looks and its SHA-256, which is worked out only if it looks new.

        Raises:
            FileNotFoundError: it has gone.
        """
        now = look(file)
        before, digest = self.hashes.get(path, (None, ""))
        if before != now:
            digest = file_hash(file)
        return now, digest


def look(file: Path) -> Look:
    """What changes with a file: no writer can set its ctime back, and a replacement has another
    inode."""
    status = file.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def file_hash(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def memory_file(settings: Settings) -> Path:
    """Where it is remembered. It is of this home on this disk, and goes into no store."""
    return settings.state / "kept.json"


def read_memory(settings: Settings) -> Memory:
    """What is remembered; nothing in a home of which nothing was ever kept."""
    file = memory_file(settings)
    if not file.is_file():
        return Memory()
    told = json.loads(file.read_text(encoding="utf-8"))
    hashes = {path: (before, digest) for path, (before, digest) in told["hashes"].items()}
    return Memory(told["tokens"], hashes)


def remember(settings: Settings, memory: Memory) -> None:
    """Write it, atomically."""
    replace_text(memory_file(settings), json.dumps(vars(memory)) + "\n")
