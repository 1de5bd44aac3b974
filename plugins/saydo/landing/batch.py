"""One delivered file made into one batch: all of its good rows, or none."""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.errors import DeliveryRefused
from saydo.landing import staged
from saydo.landing.commit import commit, incoming
from saydo.landing.engine import connect
from saydo.landing.fingerprint import Stamp, check_unchanged, content_hash
from saydo.landing.judging import judge, tally
from saydo.landing.ledger import Batch, read_entry, utc_now, write_entry
from saydo.landing.lines import number_lines
from saydo.landing.mapping import build_mapping, check_columns, parse_mapping
from saydo.landing.places import with_places
from saydo.landing.reader import Relation, check_options, relation, unreadable
from saydo.settings import Settings


def land_file(
    settings: Settings,
    feed: Feed,
    file: Path,
    file_name: str,
    before: Stamp,
    sequence: int,
    earlier: list[Batch],
    now: datetime,
) -> Batch:
    """Read one file through the feed's mapping and commit its batch.

    Args:
        settings: home, policy, identifier types.
        feed: the mapping.
        file: the delivered file.
        file_name: its name below landing/.
        before: its stamp when it was found.
        sequence: load order of the batch.
        earlier: the feed's ledger.
        now: the landing clock.

    Returns:
        The entry of the batch, already in the ledger: `landed`, or `duplicate` when the same
        content was loaded before.

    Raises:
        DeliveryRefused: the file may not go in; nothing of it is loaded.
    """
    check_options(feed)
    parsed = parse_mapping(feed)
    work = incoming(settings, feed.name)
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    # The engine reads by a name of ours: a delivered name is data, and may be a glob or a quote.
    link = work / ("delivered" + _plain_suffix(file))
    link.symlink_to(file.resolve())
    base = Batch(
        batch_id="",
        feed=feed.name,
        source=feed.source,
        delivery=feed.delivery,
        file_name=file_name,
        content_hash="",
        file_size=before.size,
        file_mtime_ns=before.mtime_ns,
        status="landed",
        sequence=sequence,
        landed_at=now.isoformat(),
    )
    may_repeat = any(batch.file_size == before.size for batch in earlier)
    try:
        with (
            ThreadPoolExecutor(1) as pool,
            connect(settings, [work], [link, file.resolve()]) as connection,
        ):
            hashing = pool.submit(content_hash, feed, file, file_name)
            if may_repeat and (same := _same_content(earlier, hashing.result()[0])):
                return _record_duplicate(settings, feed, base, same)
            found = relation(connection, feed, link, file_name)
            check_columns(feed, file_name, found, parsed)
            try:
                found = with_places(
                    connection, found, parsed, file_name, link, lambda: hashing.result()[1]
                )
                mapping = build_mapping(connection, settings, feed, found, parsed, now)
                staged.stage(connection, found, mapping)
                connection.execute("drop table if exists delivered")
                staged.make_keys(connection, settings, feed)
            except duckdb.Error as error:
                hashing.result()
                raise unreadable(feed, file_name, error) from None
            digest, newlines = hashing.result()
            number_lines(connection, found, link, newlines)
            check_unchanged(feed, file, file_name, before)
            rows = tally(connection, mapping)
            judge(connection, feed, file_name, found, mapping, rows)
            batch = base.model_copy(
                update={
                    "batch_id": f"{feed.name}-{digest[:12]}",
                    "content_hash": digest,
                    "warnings": _new_columns(found, earlier),
                }
            )
            return commit(connection, settings, feed, batch, found, mapping, work, rows)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _new_columns(found: Relation, earlier: list[Batch]) -> list[str]:
    known = {name.lower() for batch in earlier for name in batch.file_columns}
    new = [name for name in found.types if name.lower() not in known]
    return [f"new columns, not mapped and ignored: {', '.join(new)}"] if known and new else []


def _plain_suffix(file: Path) -> str:
    suffix = file.suffix.lower()
    return suffix if suffix in (".gz", ".zst") else ".data"


def _same_content(earlier: list[Batch], digest: str) -> Batch | None:
    for batch in earlier:
        if batch.content_hash == digest and batch.status in ("landed", "accepted"):
            return batch
    return None


def _record_duplicate(settings: Settings, feed: Feed, base: Batch, same: Batch) -> Batch:
    """Note that this file brings nothing new, so that it is not read again."""
    mark = hashlib.sha256(f"{base.file_name}\0{base.file_mtime_ns}".encode()).hexdigest()[:8]
    warning = f"the same content as {same.file_name!r}, loaded as {same.batch_id}"
    if feed.delivery == "snapshot":
        warning += "; a newer snapshot, if there is one, stays in force"
    batch = base.model_copy(
        update={
            "batch_id": f"{same.batch_id}-d{mark}",
            "content_hash": same.content_hash,
            "status": "duplicate",
            "delivered_count": same.delivered_count,
            "duplicate_count": same.delivered_count,
            "warnings": [warning],
        }
    )
    write_entry(settings, batch)
    return batch


def record_refusal(
    settings: Settings,
    feed: Feed,
    file: Path,
    file_name: str,
    before: Stamp,
    sequence: int,
    error: DeliveryRefused,
) -> None:
    """Note a refused file in the ledger, by its content; it is tried again on the next run.

    The caller holds the feed's lock: what is read here is still so when it is written.
    """
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    batch_id = f"{feed.name}-{digest[:12]}"
    known = read_entry(settings, batch_id)
    if known and known.status in ("landed", "accepted"):
        return
    write_entry(
        settings,
        Batch(
            batch_id=batch_id,
            feed=feed.name,
            source=feed.source,
            delivery=feed.delivery,
            file_name=file_name,
            content_hash=digest,
            file_size=before.size,
            file_mtime_ns=before.mtime_ns,
            status="refused",
            refused_reason=str(error),
            sequence=sequence,
            landed_at=utc_now().isoformat(),
        ),
    )
