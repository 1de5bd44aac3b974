"""What has been kept long enough: releases, quarantine, the outbox and, if so asked, raw."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

from saydo.actions.forgetting import expire_hand_overs
from saydo.contract import SOURCES
from saydo.home_lock import hold_home
from saydo.landing.ledger import Batch, change_held_entry, current_batches, read_ledger
from saydo.landing.raw import feed_lock
from saydo.landing.snapshots import newest_snapshot
from saydo.release import apply_retention as retain_releases
from saydo.release import current_release_id
from saydo.serve.following import serve
from saydo.settings import Settings

log = logging.getLogger(__name__)

EXPIRED = "expired"  # key of reason_counts in the entry of a batch whose raw rows were removed


def apply_retention(settings: Settings, now: datetime | None = None) -> dict[str, Any]:
    """Remove releases, rejected rows, hand-overs and raw that policy.retention no longer keeps.

    Ages are counted from landing. Raw is kept for good unless `keep_raw_days` is set. Of a snapshot
    feed the newest stays whatever its age, and so do erasure requests: they are what is true now.
    Where a snapshot's silence ends what it leaves out, all of them stay: the last one that lists an
    account, and the one that does not, are its history. A raw batch goes with its clear text; its
    ledger entry stays, as of one not loaded, so that a file still under landing/ is not landed
    again. What serves releases beside their files lets go of the removed ones, too.

    Args:
        settings: its policy decides.
        now: the instant ages are counted from (UTC); by default the present.

    Returns:
        removed and kept_open (release ids), quarantine_file_count, raw_batch_ids,
        hand_over_count.

    Raises:
        HomeBusy: somebody else changes the home.
        SaydoError: a place that serves releases beside their files has not followed.
    """
    with hold_home(settings, "retention"):
        outcome = _apply_retention(settings, now)
        if current_release_id(settings):
            serve(settings)
    return outcome


def _apply_retention(settings: Settings, now: datetime | None) -> dict[str, Any]:
    now = now or datetime.now(UTC)
    outcome: dict[str, Any] = retain_releases(settings, now)
    outcome |= {"quarantine_file_count": 0, "raw_batch_ids": []}
    policy = settings.policy.retention
    quarantine_from = now - timedelta(days=policy.keep_quarantine_days)
    for feed in sorted({batch.feed for batch in read_ledger(settings)}):
        # A batch withdrawn or landed again meanwhile may leave another one the newest.
        with feed_lock(settings, feed):
            batches = read_ledger(settings, feed)
            outcome["quarantine_file_count"] += _expire_quarantine(
                settings, batches, quarantine_from
            )
            if policy.keep_raw_days:
                raw_from = now - timedelta(days=policy.keep_raw_days)
                outcome["raw_batch_ids"] += _expire_raw(settings, batches, raw_from)
    utc = now.astimezone(UTC).replace(tzinfo=None)
    kept_from = utc - timedelta(days=policy.keep_outbox_days)
    outcome["hand_over_count"] = expire_hand_overs(settings, kept_from, utc)
    log.info("retention: %s", outcome)
    return outcome


def _landed_at(batch: Batch) -> datetime:
    landed_at = datetime.fromisoformat(str(batch.landed_at))
    return landed_at if landed_at.tzinfo else landed_at.replace(tzinfo=UTC)


def _expire_quarantine(settings: Settings, batches: list[Batch], oldest: datetime) -> int:
    count = 0
    for batch in batches:
        file = settings.quarantine / batch.source / f"{batch.batch_id}.parquet"
        if _landed_at(batch) < oldest and file.is_file():
            file.unlink()
            count += 1
    return count


def _expire_raw(settings: Settings, batches: list[Batch], oldest: datetime) -> list[str]:
    """Of one feed, whose lock the caller holds."""
    zone = settings.feeds.business.zone
    kept = {b.batch_id for b in batches if _is_history(settings, b)}
    if newest := newest_snapshot(batches, zone):
        kept.add(newest.batch_id)
    expired = [
        batch
        for batch in current_batches(batches)
        if _landed_at(batch) < oldest
        and batch.source != "erasure_requests"
        and batch.batch_id not in kept
    ]
    for batch in expired:
        change_held_entry(settings, batch, _as_expired, "expired")
    # Those whose entry an interrupted run had changed already are removed too.
    for batch in [*expired, *(b for b in batches if EXPIRED in b.reason_counts)]:
        folder = settings.raw / batch.source / f"batch={batch.batch_id}"
        shutil.rmtree(folder, ignore_errors=True)
        (settings.restricted / batch.source / f"{batch.batch_id}.parquet").unlink(missing_ok=True)
    return [batch.batch_id for batch in expired]


def _is_history(settings: Settings, batch: Batch) -> bool:
    """A snapshot by which things end, or whose rows end when a later one leaves them out."""
    erased = {feed.name for feed in settings.feeds.feeds if feed.absent == "erased"}
    ends = SOURCES[batch.source].silence_ends
    return batch.delivery == "snapshot" and bool(ends) and batch.feed not in erased


def _as_expired(batch: Batch) -> dict[str, Any]:
    """Known and not loaded, as a duplicate is; its rows still add up to what was delivered."""
    return {
        "status": "duplicate",
        "loaded_count": 0,
        "filtered_count": batch.filtered_count + batch.loaded_count,
        "reason_counts": batch.reason_counts | {EXPIRED: batch.loaded_count},
    }
