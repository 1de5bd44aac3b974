"""Upkeep of a home: forgetting persons, retention, compaction. All of it is idempotent."""

from saydo.maintain.compaction import compact
from saydo.maintain.erasure import erase
from saydo.maintain.retention import apply_retention

__all__ = ["apply_retention", "compact", "erase"]
