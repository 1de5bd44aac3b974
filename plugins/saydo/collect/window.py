"""Which rows are new: how far a cursor has come, and which rows at its edge were delivered.

A source is read from the newest value on, that value included: a row that shares it may have come
since. Known rows there are told by a hash of the whole row, so that one that was changed within the
same tick is new. With a lag, the edge is that wide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

_MANY = 100_000  # rows at the edge, after which those that have left it are forgotten


class Window:
    """The edge of what was delivered, and the rows of a run on both sides of it.

    Args:
        lag: width of the edge: seconds for times, whole days for dates, else the cursor's unit.
        known: what `memory` of the last run gave; nothing at first.
        future: how far a time may lie ahead of the clock here. One beyond is delivered, and does
            not move the cursor: else nothing would be new until that day.
    """

    def __init__(
        self, lag: float, known: dict[str, Any] | None, future: timedelta = timedelta(days=1)
    ) -> None:
        self._lag, self._latest = lag, datetime.now(UTC) + future
        self.last = _decoded((known or {}).get("last"))
        self._seen = {bytes.fromhex(text) for text in (known or {}).get("seen", ())}
        self.start = self._less_lag(self.last)
        self._before = self.last
        self._tail: dict[bytes, Any] = {}
        self._pruned_at = _MANY
        self.null_count = self.known_count = self.future_count = 0

    def edge(self, values: Sequence[Any]) -> tuple[Any, Any]:
        """Move the cursor over a batch's values.

        Returns:
            up to which value rows may be known, and from which on the next run may see them again:
            no others need be looked at. None: there are none such.
        """
        usable = [value for value in values if value is not None and not self.is_ahead(value)]
        if usable:
            newest = max(usable)
            self.last = newest if self.last is None else max(self.last, newest)
        since = self._less_lag(self.last)
        if len(self._tail) > self._pruned_at:
            self._tail = {d: v for d, v in self._tail.items() if v is None or v >= since}
            self._pruned_at = max(_MANY, 2 * len(self._tail))
        return self._before, since

    def is_new(self, value: Any, row: Any) -> bool:
        """Whether a row of the edge was not delivered before; remembers it."""
        if value is None:
            self.null_count += 1
        elif self.is_ahead(value):
            self.future_count += 1
        elif self.start is not None and value < self.start:
            return False  # not asked for: some sources give everything
        digest = hash_of(row)
        self._tail[digest] = value
        if digest in self._seen:
            self.known_count += 1
            return False
        return True

    def memory(self) -> dict[str, Any]:
        """What the next run has to know: the newest value, and the rows at its edge."""
        start = self._less_lag(self.last)
        seen = [
            digest.hex()
            for digest, value in self._tail.items()
            if value is None or start is None or value >= start
        ]
        return {"last": _encoded(self.last), "seen": sorted(seen)}

    def is_ahead(self, value: Any) -> bool:
        """Whether a time lies further ahead of the clock than it may."""
        if isinstance(value, datetime):
            latest = self._latest if value.tzinfo else self._latest.replace(tzinfo=None)
            return value > latest
        return isinstance(value, date) and value > self._latest.date()

    def _less_lag(self, value: Any) -> Any:
        if value is None or not self._lag or isinstance(value, str):
            return value
        if isinstance(value, datetime):
            return value - timedelta(seconds=self._lag)
        if isinstance(value, date):
            return value - timedelta(days=-(-self._lag // 86400))
        return value - type(value)(self._lag)


def hash_of(row: Any) -> bytes:
    """Eight bytes that tell a row, with all its values, from any other."""
    return hashlib.blake2b(repr(row).encode(), digest_size=8).digest()


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def _decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "at" in value:
        return datetime.fromisoformat(value["at"])
    return date.fromisoformat(value["on"]) if "on" in value else Decimal(value["number"])
