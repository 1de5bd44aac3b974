"""Deliveries: whole files, put in place together with how far the source was read.

A delivery is written beside its place below landing/ under a hidden name, which landing does not
look at. One write of the part's state then says both how far the source was read and which hidden
files are to be shown: that is the moment at which it counts. A process killed before it has read
nothing, as far as the next one knows; killed after it, the next one shows the files first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from saydo.config import Pipeline
from saydo.durable import replace_json, replace_with, sync_path, temporary
from saydo.settings import Settings

_STAMP = "%Y%m%dT%H%M%S%fZ"
_UNFINISHED = ".tmp-"


@dataclass
class Part:
    """What is delivered apart: a table, a resource, a folder. `memory` is what is known of it."""

    settings: Settings
    pipeline: Pipeline
    name: str
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where its files go."""
        return self.settings.landing / self.pipeline.below

    @property
    def where(self) -> str:
        """What a person calls it."""
        return f"{self.pipeline.name}.{self.name}"

    @property
    def _file(self) -> Path:
        return self.settings.state / "collect" / self.pipeline.name / f"{self.name}.json"

    def begin(self) -> None:
        """Read what is known, and finish or undo what a killed process left."""
        if self._file.is_file():
            self.memory = json.loads(self._file.read_text(encoding="utf-8"))
        if pending := self.memory.get("pending"):
            self._show(pending)
        self.discard()

    def discard(self) -> None:
        """Remove what was begun and is not to be delivered."""
        for left in self.folder.rglob(f"{_UNFINISHED}{self.where}~*"):
            left.unlink()

    def new_name(self, suffix: str) -> str:
        """A name that sorts behind all names before it, whatever the clock has done since."""
        return f"{self.name}-{self.stamp()}{suffix}"

    def stamp(self) -> str:
        """The time, or a little more than the last time where the clock was put back."""
        now = datetime.now(UTC)
        if last := self.memory.get("stamp"):
            before = datetime.strptime(last, _STAMP).replace(tzinfo=UTC)
            now = max(now, before + timedelta(microseconds=1))
        self.memory["stamp"] = now.strftime(_STAMP)
        return self.memory["stamp"]

    def beside(self, name: str) -> Path:
        """A hidden file to write the delivery `name` into, which may hold somebody's clear text."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = temporary(place.with_name(f"{self.where}~"))
        beside.touch(mode=0o600)
        return beside

    def commit(self, files: Sequence[tuple[Path, str]], memory: dict[str, Any]) -> list[str]:
        """Show finished files under their names, and remember.

        Args:
            files: (what `beside` gave, finished; its name below the folder).
            memory: what is known from now on, in place of what was known.

        Returns:
            the names below landing/.
        """
        for beside, _ in files:
            sync_path(beside)
            sync_path(beside.parent)
        before = {key: value for key, value in self.memory.items() if key != "pending"}
        known = memory | {"stamp": self.memory.get("stamp")}
        base = self.folder
        pending = {
            "files": [[beside.relative_to(base).as_posix(), name] for beside, name in files],
            "before": before,
        }
        self.memory = known | {"pending": pending}
        replace_json(self._file, self.memory)
        self._show(pending)
        return [(base / name).relative_to(self.settings.landing).as_posix() for _, name in files]

    def _show(self, pending: dict[str, Any]) -> None:
        known = {key: value for key, value in self.memory.items() if key != "pending"}
        for hidden, name in pending["files"]:
            beside, place = self.folder / hidden, self.folder / name
            if beside.is_file():
                replace_with(beside, place)
            elif not place.is_file():
                known = pending["before"]  # somebody took it away: read it once more
        self.memory = known
        replace_json(self._file, known)


def safe_name(path: str) -> str:
    """A path of a source as one below a folder of landing/, that landing looks at."""
    parts = [re.sub(r"[\x00-\x1f*?\[\]\\]", "_", part) for part in path.split("/")]
    return "/".join(re.sub(r"^\.+", "_", part) for part in parts if part)
