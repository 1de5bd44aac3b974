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
from saydo.landing.fingerprint import stamp
from saydo.landing.ledger import Batch, next_sequence, read_ledger, utc_now
from saydo.landing.manifest import SUFFIX
from saydo.landing.mapping import parse_mapping
from saydo.landing.pseudonyms import pseudonym_key
from saydo.landing.raw import feed_lock, prepare_raw, recover
from saydo.landing.reader import check_options, refusal
from saydo.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
_COUNTS = ("delivered", "loaded", "quarantined", "duplicate", "filtered")


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

    Args:
        settings: where things are.
        feed_name: a feed of feeds.yml.
        now: the landing clock (UTC), for tests; events after it are in the future.

    Returns:
        {feed, landed: [batch_id], delivered_count, loaded_count, quarantined_count,
        duplicate_count, filtered_count} of this call.

    Raises:
        ConfigError: the mapping or the pseudonym key is wrong; nothing was read.
        DeliveryRefused: after the good files are landed, naming each bad one.
    """
    feed = settings.feeds.feed(feed_name)
    check_options(feed)
    parse_mapping(feed)
    pseudonym_key(settings)
    summary: dict[str, Any] = {"feed": feed_name, "landed": []}
    summary |= {f"{count}_count": 0 for count in _COUNTS}
    refused: list[DeliveryRefused] = []
    with feed_lock(settings, feed_name):
        for batch_id in recover(settings, feed_name):
            log.warning("feed %s: removed the unfinished batch %s", feed_name, batch_id)
        ledger = read_ledger(settings, feed_name)
        for name, path in delivered_files(settings, feed):
            try:
                batch = _land_one(settings, feed, name, path, ledger, now or utc_now())
            except DeliveryRefused as error:
                log.error("%s", error)
                refused.append(error)
                continue
            if batch is None:
                continue
            ledger.append(batch)
            if batch.status == "landed":
                summary["landed"].append(batch.batch_id)
            for count in _COUNTS:
                summary[f"{count}_count"] += getattr(batch, f"{count}_count")
    if refused:
        raise DeliveryRefused("\n".join(str(error) for error in refused))
    return summary


def _land_one(
    settings: Settings, feed: Feed, name: str, path: Path, ledger: list[Batch], now: datetime
) -> Batch | None:
    """The batch of one file, or nothing when the ledger has already seen the file as it is."""
    before = stamp(path)
    seen = (name, before.size, before.mtime_ns)
    known = [b for b in ledger if (b.file_name, b.file_size, b.file_mtime_ns) == seen]
    if any(batch.status != "refused" for batch in known):
        return None
    started = time.monotonic()
    sequence = next_sequence(ledger)
    try:
        batch = land_file(settings, feed, path, name, before, sequence, ledger, now)
    except DeliveryRefused as error:
        record_refusal(settings, feed, path, name, before, sequence, error)
        raise
    for warning in batch.warnings:
        log.warning("feed %s: file %r: %s", feed.name, name, warning)
    log.info(
        "feed %s: file %r: batch %s %s: %d rows = %d loaded + %d quarantined + %d duplicate + "
        "%d filtered, %.1f s",
        feed.name,
        name,
        batch.batch_id,
        batch.status,
        batch.delivered_count,
        batch.loaded_count,
        batch.quarantined_count,
        batch.duplicate_count,
        batch.filtered_count,
        time.monotonic() - started,
    )
    return batch


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
