"""An accepted batch taken out again, when its facts block a release."""

from __future__ import annotations

import logging
from typing import Any

import duckdb

from saydo.engine import open_database
from saydo.errors import ConfigError, SaydoError
from saydo.home_lock import hold_home
from saydo.landing.commit import remove_batch
from saydo.landing.ledger import Batch, change_held_entry, read_entry, read_ledger
from saydo.landing.raw import feed_lock, recover
from saydo.settings import Settings

log = logging.getLogger(__name__)

_REASON = "withdrawn by the operator"


def withdraw_batch(settings: Settings, batch_id: str) -> dict[str, Any]:
    """Remove a batch, and what was replayed of it, from raw, quarantine and clear text.

    The entries stay, with the status `withdrawn`: the file is not landed again until it is
    replaced or touched. The next build is a full one and knows nothing of the batch; a snapshot
    feed falls back to the snapshot before. Running it again finishes what a kill interrupted.

    Returns:
        {batch_ids withdrawn, file_name, row_count: loaded rows taken out}.

    Raises:
        ConfigError: no such batch, or it is not in use.
        SaydoError: the candidate is being built, maybe from this batch.
        HomeBusy: somebody else changes the home.
    """
    with hold_home(settings, f"withdrawal of {batch_id}"):
        return _withdraw_batch(settings, batch_id)


def _withdraw_batch(settings: Settings, batch_id: str) -> dict[str, Any]:
    feed = _in_use(settings, batch_id).feed
    with feed_lock(settings, feed):
        _check_not_building(settings)
        recover(settings, feed)
        batch = _in_use(settings, batch_id)  # as it is now that nobody else changes it
        entries = [
            entry
            for entry in read_ledger(settings, feed)
            if entry.content_hash == batch.content_hash and _can_go(entry)
        ]
        taken = _take_out(settings, entries)
    return {"file_name": batch.file_name} | taken


def withdraw_feed(settings: Settings, feed: str, source: str | None = None) -> dict[str, Any]:
    """Remove every batch of a feed, whether feeds.yml still names it or not.

    Args:
        settings: where the ledger is.
        feed: its name.
        source: only its batches of this canonical table, if it fed several over time.

    Returns:
        {batch_ids withdrawn, row_count: loaded rows taken out}.

    Raises:
        ConfigError: the ledger knows no such batch.
        SaydoError, HomeBusy: as for one batch.
    """
    known = {(batch.feed, batch.source) for batch in read_ledger(settings)}
    if not any(name == feed and source in (None, table) for name, table in known):
        of = f" of {source}" if source else ""
        raise ConfigError(f"no batch{of} was ever landed of a feed {feed!r}")
    with hold_home(settings, f"withdrawal of {feed}"), feed_lock(settings, feed):
        _check_not_building(settings)
        recover(settings, feed)
        wanted = [b for b in read_ledger(settings, feed) if source in (None, b.source)]
        return _take_out(settings, [entry for entry in wanted if _can_go(entry)])


def _can_go(batch: Batch) -> bool:
    return batch.is_in_use or batch.status == "withdrawn"


def _take_out(settings: Settings, entries: list[Batch]) -> dict[str, Any]:
    for entry in entries:
        # The ledger first: killed in between, the data is removed by the next check.
        change_held_entry(
            settings,
            entry,
            _as_withdrawn,
            "withdrawn",
            then=lambda gone: remove_batch(settings, gone.source, gone.batch_id),
        )
    taken = [entry for entry in entries if entry.status != "withdrawn"]
    log.info("withdrawn: %s", ", ".join(entry.batch_id for entry in taken) or "nothing more")
    return {
        "batch_ids": [entry.batch_id for entry in taken],
        "row_count": sum(entry.loaded_count for entry in taken),
    }


def _in_use(settings: Settings, batch_id: str) -> Batch:
    batch = read_entry(settings, batch_id)
    if batch is None:
        raise ConfigError(f"there is no batch {batch_id!r}; landing logs each batch with its file")
    if batch.status == "replaced":
        raise ConfigError(f"batch {batch_id} was {batch.refused_reason}: withdraw that one")
    if not _can_go(batch):
        raise ConfigError(f"batch {batch_id} is {batch.status}: nothing of it is in use")
    return batch


def _check_not_building(settings: Settings) -> None:
    if not settings.warehouse.exists():
        return
    try:
        open_database(settings, settings.warehouse).close()
    except duckdb.IOException as error:
        raise SaydoError(
            f"{settings.warehouse.name} is being built; withdraw when the build has ended"
        ) from error


def _as_withdrawn(batch: Batch) -> dict[str, Any]:
    """Known and not loaded; its rows still add up to what was delivered."""
    if batch.status == "withdrawn":
        return {}
    return {
        "status": "withdrawn",
        "refused_reason": _REASON,
        "loaded_count": 0,
        "quarantined_count": 0,
        "duplicate_count": 0,
        "filtered_count": batch.delivered_count,
        "reason_counts": {"withdrawn": batch.delivered_count},
    }
