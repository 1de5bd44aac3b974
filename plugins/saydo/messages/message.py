"""One message: what happened, where, and what to do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

Kind = Literal["published", "delivery_refused", "release_refused", "late_source", "failed_run"]
_LEVELS = {"published": "success", "late_source": "warning"}


@dataclass(frozen=True)
class Message:
    """What one fact is told by.

    It goes to systems of others, so it is made of names of the configuration, ids that Saydo gives,
    days and counts alone: of no delivered value, no name of a file, no text of an error.

    `subjects` are what it is about; the same kind and subjects are the same fact.
    """

    kind: Kind
    subjects: tuple[str, ...]
    title: str
    what: str
    where: str
    advice: str

    @property
    def message_id(self) -> str:
        """Names the fact."""
        digest = hashlib.sha256(json.dumps(self.subjects).encode()).hexdigest()
        return f"{self.kind}-{digest[:16]}"

    @property
    def level(self) -> str:
        """As Apprise calls it: success, warning or failure."""
        return _LEVELS.get(self.kind, "failure")

    def body(self, link: str | None = None) -> str:
        """The text below the title, with the page of the run, if it is known."""
        lines = [self.what, f"Where: {self.where}", f"What to do: {self.advice}"]
        return "\n".join([*lines, f"Airflow: {link}"] if link else lines)


TRIAL = Message(
    "published",
    ("trial",),
    "Saydo: a trial message",
    "This connection of notices.yml works. Nothing has happened.",
    "saydo notices test",
    "nothing",
)
