"""The ledger: one JSON file per batch, which says what every delivered file came to."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from saydo.durable import replace_text
from saydo.settings import Settings

log = logging.getLogger(__name__)

# `refused` is tried again on every run, `withdrawn` when its file is replaced or touched. What is
# `replaced` was landed again, under another mapping.
Status = Literal["landed", "accepted", "refused", "duplicate", "withdrawn", "replaced"]

# What says that a batch is still the one that was decided on: its state, and which rows it loaded.
# A replay takes rejected rows out of a batch and leaves these alone.
_DECIDED_BY = ("status", "content_hash", "sequence", "loaded_count", "months")
_REPLAY = re.compile(r"(.+)-r\d+")
# Keys of `reason_counts` that count what was taken out again, not what is in quarantine.
TAKEN_OUT = frozenset({"erased", "expired", "withdrawn"})


class Batch(BaseModel):
    """One delivered file and what became of its rows.

    `canonical_count` = loaded + quarantined + duplicate + filtered, always; it is `delivered_count`
    unless the feed `is_reshaped`: then `empty_count` delivered rows made no canonical one, and a
    replay counts the canonical rows that it moves, while the delivered ones stay with their file.
    `sequence` is in microseconds since the epoch and strictly increases within a feed: the load
    order. A batch that is landed again under another mapping is a new one with the sequence of the
    one it `replaces`, which counts until the new one is accepted.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    batch_id: str
    feed: str
    source: str
    delivery: Literal["incremental", "snapshot"]
    file_name: str  # relative to landing/
    content_hash: str
    file_size: int
    file_mtime_ns: int
    status: Status
    refused_reason: str | None = None
    sequence: int
    landed_at: str
    snapshot_date: date | None = None  # by the feed's own rule; None: the day of landing
    delivered_count: int = 0
    loaded_count: int = 0
    quarantined_count: int = 0
    duplicate_count: int = 0
    filtered_count: int = 0
    canonical_count: int = 0
    empty_count: int = 0
    is_reshaped: bool = False
    reason_counts: dict[str, int] = {}
    warnings: list[str] = []
    first_event_date: date | None = None
    last_event_date: date | None = None
    last_event_at: datetime | None = None  # naive UTC; none where a source knows days only
    months: list[str] = []
    file_columns: list[str] = []
    mapping_hash: str | None = None  # None: landed by a version that did not keep it
    replaces: str | None = None  # batch id
    question_texts: dict[str, str] = {}  # by question_code, of a second header row

    @model_validator(mode="before")
    @classmethod
    def _one_of_one(cls, entry: Any) -> Any:
        """An entry of before there were shapes: each delivered row is one canonical row."""
        if isinstance(entry, dict) and "canonical_count" not in entry:
            return entry | {"canonical_count": entry.get("delivered_count", 0)}
        return entry

    @property
    def is_in_use(self) -> bool:
        """Whether its rows count, or will once the gate accepts them."""
        return self.status in ("landed", "accepted")

    @property
    def replay_of(self) -> str | None:
        """The batch of whose quarantined rows it was made, if it was."""
        found = _REPLAY.fullmatch(self.batch_id)
        return found[1] if found else None


def ledger_folder(settings: Settings) -> Path:
    """Where the entries are: raw/_batches/."""
    return settings.raw / "_batches"


def utc_now() -> datetime:
    """The landing clock."""
    return datetime.now(UTC)


def read_ledger(settings: Settings, feed: str | None = None) -> list[Batch]:
    """Every entry (of one feed, if named) in load order.

    What an accepted batch replaces is given as `replaced`, from the moment of its acceptance.
    """
    files = ledger_folder(settings).glob(f"{feed}-*.json" if feed else "[!.]*.json")
    batches = [Batch.model_validate_json(file.read_bytes()) for file in files]
    replaced = {batch.replaces for batch in batches if batch.status == "accepted"} - {None}
    batches = [
        batch.model_copy(update={"status": "replaced"})
        if batch.is_in_use and {batch.batch_id, batch.replay_of} & replaced
        else batch
        for batch in batches
    ]
    return sorted(batches, key=lambda batch: (batch.sequence, batch.batch_id))


def current_batches(batches: Iterable[Batch]) -> list[Batch]:
    """Those of a ledger that count now: accepted, and neither withdrawn nor landed again since."""
    return [batch for batch in batches if batch.status == "accepted"]


def read_entry(settings: Settings, batch_id: str) -> Batch | None:
    """The entry of one batch, or nothing."""
    file = ledger_folder(settings) / f"{batch_id}.json"
    return Batch.model_validate_json(file.read_bytes()) if file.is_file() else None


def write_entry(settings: Settings, batch: Batch) -> None:
    """Write or replace the entry of a batch, atomically."""
    file = ledger_folder(settings) / f"{batch.batch_id}.json"
    replace_text(file, batch.model_dump_json(indent=1))


def is_as_decided(now: Batch | None, decided: Batch) -> bool:
    """Whether an entry is still in the state, and about the rows, that a decision was made on."""
    return now is not None and all(
        getattr(now, name) == getattr(decided, name) for name in _DECIDED_BY
    )


def change_held_entry(
    settings: Settings,
    decided: Batch,
    change: Callable[[Batch], dict[str, Any]],
    doing: str,
    then: Callable[[Batch], None] | None = None,
) -> Batch | None:
    """Change an entry as it is now, if it still is what was decided on. The caller holds the feed.

    Args:
        settings: where the ledger is.
        decided: the entry as it was read when the decision was made.
        change: the changed fields, given the entry as it is now; every other field stays.
        doing: for the log, what was done with the batch meanwhile, such as `checked`.
        then: called with what was written, before anybody else may change the batch.

    Returns:
        what was written; None if the entry was changed meanwhile, which the log tells.
    """
    now = read_entry(settings, decided.batch_id)
    if now is None or not is_as_decided(now, decided):
        if now is None:
            what = "its entry went"
        elif now.status != decided.status:
            what = now.status
        else:
            what = "its rows were changed"
        log.warning("%s: %s while it was %s: left as it is", decided.batch_id, what, doing)
        return None
    changes = change(now)
    changed = now.model_copy(update=changes)
    if changes:
        write_entry(settings, changed)
    if then:
        then(changed)
    return changed


def next_sequence(batches: list[Batch]) -> int:
    """A load-order number above every one in `batches` (those of one feed)."""
    return max([time.time_ns() // 1000, *(batch.sequence + 1 for batch in batches)])
