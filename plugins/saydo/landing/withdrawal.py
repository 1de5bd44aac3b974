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
    """Remove a batch, and what was replayed of it, from raw, quarantine and clear names.

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
            if entry.content_hash == batch.content_hash
            and entry.status in ("landed", "accepted", "withdrawn")
        ]
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
        "file_name": batch.file_name,
        "row_count": sum(entry.loaded_count for entry in taken),
    }


def _in_use(settings: Settings, batch_id: str) -> Batch:
    batch = read_entry(settings, batch_id)
    if batch is None:
        raise ConfigError(f"there is no batch {batch_id!r}; landing logs each batch with its file")
    if batch.status not in ("landed", "accepted", "withdrawn"):
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
