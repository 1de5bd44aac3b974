"""Landing a feed: find what is new below landing/, and make each file a batch."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from saydo.config import Feed
from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing.batch import land_file, record_refusal
from saydo.landing.fingerprint import Stamp, stamp
from saydo.landing.ledger import Batch, next_sequence, read_ledger, utc_now
from saydo.landing.manifest import SUFFIX
from saydo.landing.mapping import parse_mapping
from saydo.landing.options import check_options
from saydo.landing.pseudonyms import pseudonym_key
from saydo.landing.raw import feed_lock, prepare_raw, recover
from saydo.landing.refusals import hold_or_go_on
from saydo.landing.relanding import (
    look_back,
    make_way,
    outdated,
    settle,
    stop_to_ask,
    tell_landed_again,
)
from saydo.landing.relations import refusal
from saydo.landing.snapshots import check_days
from saydo.landing.telling import batch_notices
from saydo.notices import tell
from saydo.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
_COUNTS = ("delivered", "loaded", "quarantined", "duplicate", "filtered")
_OF_SHAPES = ("canonical", "empty")  # of a feed that unpivots or unnests


def delivered_files(settings: Settings, feed: Feed) -> list[tuple[str, Path]]:
    """The feed's files as (name below landing/, path), by name.

    Hidden files and manifests are not deliveries.

    Raises:
        ConfigError: the path is an object-store address.
        DeliveryRefused: a name leads out of landing/.
    """
    if "://" in feed.path:
        raise ConfigError(
            f"feeds.{feed.name}.path: {feed.path!r} is an object-store address; copy or mount its "
            "files below landing/ and give the path there"
        )
    base = settings.landing.resolve()
    files = []
    for path in sorted(settings.landing.glob(feed.path)):
        name = path.relative_to(settings.landing).as_posix()
        if any(part.startswith(".") for part in Path(name).parts) or path.is_dir():
            continue
        if name.endswith(SUFFIX):
            continue
        if not path.resolve().is_relative_to(base):
            raise refusal(
                feed,
                name,
                "it leads out of landing/",
                "deliver the file itself, not a link to another place",
            )
        if path.is_file():
            files.append((name, path))
    return files


def land_feed(settings: Settings, feed_name: str, now: datetime | None = None) -> dict[str, Any]:
    """Land every new file of a feed, in the order of the names. Running it again changes nothing.

    Before them are landed, again, the files that were landed under another mapping.

    Args:
        settings: where things are.
        feed_name: a feed of feeds.yml.
        now: the landing clock (UTC), for tests; events after it are in the future.

    Returns:
        {feed, landed: [batch_id], delivered_count, loaded_count, quarantined_count,
        duplicate_count, filtered_count} of this call.

    Raises:
        ConfigError: the mapping or the pseudonym key is wrong, or policy asks before files are
            landed again; nothing was landed.
        DeliveryRefused: after the good files are landed, naming each bad one; where policy is to go
            on without them they are told instead.
        ConfigError: the mapping or the pseudonym key is wrong; nothing was read.
        DeliveryRefused: after the good files are landed, naming each bad one.
        OutOfRoom: memory or the disk ran out; files before are landed, and the next call goes on.
    """
    feed = settings.feeds.feed(feed_name)
    check_options(feed)
    parse_mapping(feed)
    check_days(feed)
    pseudonym_key(settings)
    summary: dict[str, Any] = {"feed": feed_name, "landed": []}
    counts = (*_COUNTS, *(_OF_SHAPES if feed.unpivot or feed.unnest else ()))
    summary |= {f"{count}_count": 0 for count in counts}
    refused: list[DeliveryRefused] = []
    skipped: list[Batch] = []
    with feed_lock(settings, feed_name):
        for batch_id in recover(settings, feed_name):
            log.warning("feed %s: removed the unfinished batch %s", feed_name, batch_id)
        ledger = settle(settings, feed)
        before = outdated(settings, feed, ledger)
        stop_to_ask(settings, [(feed_name, len(before.again))])
        again = 0
        for old, path in before.again:
            make_way(settings, feed, old)
            ledger = read_ledger(settings, feed_name)
            try:
                batch = _land_again(settings, feed, old, path, ledger)
            except DeliveryRefused as error:
                refused.append(error)
                continue
            again += 1
            _count(summary, batch)
        if before.again:
            ledger = read_ledger(settings, feed_name)
        for name, path in delivered_files(settings, feed):
            try:
                batch = _land_one(settings, feed, name, path, ledger, now or utc_now())
            except DeliveryRefused as error:
                refused.append(error)
                continue
            if batch is None:
                continue
            ledger.append(batch)
            _count(summary, batch)
            skipped += [] if batch.status == "landed" else [batch]
        tell_landed_again(settings, feed, again, before.kept)
    # Of what was landed, the run tells that accepts it.
    tell(settings, f"land {feed_name}", batch_notices(skipped))
    for error in refused:
        log.error("%s", error)
    hold_or_go_on(settings, feed_name, [str(error) for error in refused])
    return summary


def _count(summary: dict[str, Any], batch: Batch) -> None:
    if batch.status == "landed":
        summary["landed"].append(batch.batch_id)
    for count in summary.keys() - {"feed", "landed"}:
        summary[count] += getattr(batch, count)


def _land_one(
    settings: Settings, feed: Feed, name: str, path: Path, ledger: list[Batch], now: datetime
) -> Batch | None:
    """The batch of one file, or nothing when the ledger has already seen the file as it is."""
    before = stamp(path)
    mine = [batch for batch in ledger if batch.file_name == name]
    known = [batch for batch in mine if batch.status != "refused"]
    newest = max((batch.sequence for batch in known), default=None)
    if any(batch.sequence == newest and _is_as_seen(before, batch) for batch in known):
        return None
    # A refused file that is tried again keeps its place: it is no newer than it was.
    tried = [
        batch.sequence
        for batch in mine
        if batch.status == "refused" and not batch.replaces and _is_as_seen(before, batch)
    ]
    sequence = max(tried, default=next_sequence(ledger))
    started = time.monotonic()
    try:
        batch = land_file(settings, feed, path, name, before, sequence, ledger, now)
    except DeliveryRefused as error:
        record_refusal(settings, feed, path, name, before, sequence, error)
        raise
    _log(batch, time.monotonic() - started)
    return batch


def _is_as_seen(now: Stamp, batch: Batch) -> bool:
    return (now.size, now.mtime_ns) == (batch.file_size, batch.file_mtime_ns)


def _land_again(
    settings: Settings, feed: Feed, old: Batch, path: Path, ledger: list[Batch]
) -> Batch:
    """The batch of a file under the mapping as it is now, with the place and day of the old one.

    A time in the future is one after the file was landed, or its rows were replayed.
    """
    started = time.monotonic()
    before = stamp(path)
    landings = [batch for batch in ledger if old.batch_id in (batch.batch_id, batch.replay_of)]
    now = max(datetime.fromisoformat(batch.landed_at) for batch in landings)
    try:
        batch = land_file(
            settings, feed, path, old.file_name, before, old.sequence, ledger, now, old
        )
    except DeliveryRefused as error:
        record_refusal(settings, feed, path, old.file_name, before, old.sequence, error, old)
        kept = "; what was loaded of it before counts on" if old.status == "accepted" else ""
        raise DeliveryRefused(f"{error} (to be landed again: the mapping changed{kept})") from error
    _log(batch, time.monotonic() - started)
    return batch


def _log(batch: Batch, seconds: float) -> None:
    for warning in batch.warnings:
        log.warning("feed %s: file %r: %s", batch.feed, batch.file_name, warning)
    log.info(
        "feed %s: file %r: batch %s %s%s: %s%d rows = %d loaded + %d quarantined + %d duplicate + "
        "%d filtered, %.1f s",
        batch.feed,
        batch.file_name,
        batch.batch_id,
        batch.status,
        f" in place of {batch.replaces}" if batch.replaces else "",
        f"{batch.delivered_count} delivered rows, {batch.empty_count} of them empty, made "
        if batch.is_reshaped
        else "",
        batch.canonical_count,
        batch.loaded_count,
        batch.quarantined_count,
        batch.duplicate_count,
        batch.filtered_count,
        seconds,
    )


def land_all(settings: Settings, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Prepare raw/ and land every feed.

    Args:
        settings: where things are.
        progress: called with (feed, how many are done, how many there are).

    Returns:
        What `land_feed` gives, by feed.

    Raises:
        DeliveryRefused: after every feed was tried, naming each bad file.
    """
    look_back(settings)
    prepare_raw(settings)
    feeds = settings.feeds.feeds
    summaries, refused = [], []
    for done, feed in enumerate(feeds):
        if progress:
            progress(feed.name, done, len(feeds))
        try:
            summaries.append(land_feed(settings, feed.name))
        except DeliveryRefused as error:
            refused.append(error)
    if progress:
        progress("", len(feeds), len(feeds))
    if refused:
        raise DeliveryRefused("\n".join(str(error) for error in refused))
    return summaries
