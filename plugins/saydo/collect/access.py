"""What a connection says of a source, and its secrets kept out of every message."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

_SECRET_KEY = re.compile(r"(?i)pass|secret|token|private|key(file)?(_dict)?$|sas")
_USER_INFO = re.compile(r"(\w+://)[^/@\s]+@")
_SHORTEST = 4  # what is shorter would blot out half a message, and protects nothing


@dataclass(frozen=True)
class Access:
    """A connection: of what type, where, and who asks. Nothing of it is shown by accident."""

    name: str
    type: str = ""
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    def scrub(self, text: str) -> str:
        """The text without this connection's secrets, however they are written in an address."""
        for secret in sorted(self._secrets(), key=len, reverse=True):
            for written in {secret, quote(secret, safe=""), quote_plus(secret)}:
                text = text.replace(written, "…")
        return _USER_INFO.sub(r"\1…@", text)

    def _secrets(self) -> set[str]:
        found = {self.password}
        waiting: list[tuple[str, Any]] = list(self.extra.items())
        while waiting:
            key, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [(f"{key}_{name}", inner) for name, inner in value.items()]
            elif isinstance(value, str) and _SECRET_KEY.search(key):
                found.add(value)
        return {secret for secret in found if len(secret) >= _SHORTEST}


# Finds a connection by its id. Raises ConfigError if there is none.
Connections = Callable[[str], Access]
ANYBODY = Access("nobody")  # for sources that ask for no name, or know this machine's
