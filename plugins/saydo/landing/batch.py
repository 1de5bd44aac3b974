"""One delivered file made into one batch: all of its good rows, or none."""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.errors import DeliveryRefused
from saydo.landing import staged
from saydo.landing.commit import commit, incoming
from saydo.landing.delivered_columns import check_columns
from saydo.landing.engine import connect
from saydo.landing.fingerprint import Stamp, check_beginning, check_unchanged, content_hash
from saydo.landing.judging import judge, tally
from saydo.landing.ledger import Batch, read_ledger, utc_now, write_entry
from saydo.landing.lines import number_lines
from saydo.landing.manifest import check_manifest
from saydo.landing.mapping import build_mapping, parse_mapping
from saydo.landing.mapping_hash import mapping_hash
from saydo.landing.options import check_options
from saydo.landing.paths import with_paths
from saydo.landing.places import with_places
from saydo.landing.readable import readable_delivery
from saydo.landing.reader import relation
from saydo.landing.relanding import next_id
from saydo.landing.relations import Relation, lost_lines, refusal, unreadable
from saydo.landing.shapes import shaped
from saydo.landing.snapshots import snapshot_date
from saydo.landing.unpacking import Damaged
from saydo.room import explains
from saydo.settings import Settings


@explains("feed {0.name}: file {2!r}", "nothing of it is landed, and the file may be right")
def land_file(
    settings: Settings,
    feed: Feed,
    file: Path,
    file_name: str,
    before: Stamp,
    sequence: int,
    earlier: list[Batch],
    now: datetime,
    again: Batch | None = None,
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
        again: the batch whose file this is, landed again in its place.

    Returns:
        The entry of the batch, already in the ledger: `landed`, or `duplicate` when the same
        content was loaded before.

    Raises:
        DeliveryRefused: the file may not go in; nothing of it is loaded.
        OutOfRoom: memory or the disk ran out, which says nothing of the file.
    """
    check_options(feed)
    parsed = parse_mapping(feed)
    work = incoming(settings, feed.name)
    # Left by a run that was killed: the feed's lock says that nobody works here now.
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    is_elsewhere = again is not None and file != settings.landing / file_name
    base = Batch(
        batch_id="",
        feed=feed.name,
        source=feed.source,
        delivery=feed.delivery,
        file_name=file_name,
        content_hash="",
        file_size=before.size,
        file_mtime_ns=again.file_mtime_ns if again and is_elsewhere else before.mtime_ns,
        status="landed",
        sequence=sequence,
        landed_at=now.isoformat(),
        snapshot_date=snapshot_date(settings, feed, file_name, now),
        mapping_hash=mapping_hash(settings, feed),
        replaces=_replaced_by(again),
    )
    # Only a file of a known size can repeat one. For such a file alone its hash is waited for
    # before it is read.
    may_repeat = not again and any(batch.file_size == before.size for batch in earlier)
    try:
        with (
            readable_delivery(settings, feed, file, file_name) as (text, copied_newlines),
            ThreadPoolExecutor(1) as pool,
            connect(settings, [work, text.parent], [file.resolve()]) as connection,
        ):
            # At the same time as the engine reads it: what one has read, the other finds in memory.
            hashing = pool.submit(content_hash, feed, file, file_name)
            # A file that is damaged or unpacks without end is not read any further.
            hashing.add_done_callback(lambda done: done.exception() and _stop(connection))

            def newlines() -> int:
                return hashing.result()[1] if copied_newlines is None else copied_newlines

            if may_repeat and (same := _same_content(earlier, hashing.result()[0], file_name)):
                return _record_duplicate(settings, feed, base, same, earlier)
            if feed.format == "json":  # the engine looks through it without a stop
                check_beginning(feed, file, file_name)
            try:
                found = relation(connection, feed, text, file_name)
                found = shaped(connection, feed, found, file_name, text, newlines)
                if feed.format == "json":
                    found, parsed = with_paths(found, parsed)
                check_columns(feed, file_name, found, parsed)
                found = with_places(connection, found, parsed, file_name, text, newlines)
                mapping = build_mapping(connection, settings, feed, found, parsed, now)
                staged.stage(connection, found, mapping)
                if not found.shape:
                    connection.execute("drop table if exists delivered")
                staged.make_keys(connection, settings, feed)
            except duckdb.Error as error:
                # If the stream is damaged, that is the reason, and this raises it.
                hashing.result()
                raise unreadable(feed, file_name, error) from None
            digest = hashing.result()[0]
            if not number_lines(connection, found, text, newlines()):
                raise lost_lines(feed.name, file_name)
            # After everything that reads the file: written to meanwhile, it may be half old and
            # half new.
            check_unchanged(feed, file, file_name, before)
            if again and digest != again.content_hash:
                raise refusal(feed, file_name, "it was changed in place", "deliver it anew")
            rows = tally(connection, found, mapping)
            judge(connection, feed, file_name, found, mapping, rows)
            told = check_manifest(feed, file, file_name, rows.delivered, before.size, digest)
            batch = base.model_copy(
                update={
                    "batch_id": next_id(earlier, feed.name, digest, file_name),
                    "content_hash": digest,
                    "warnings": [*_new_columns(found, earlier), *told],
                }
            )
            return commit(connection, settings, feed, batch, found, mapping, work, rows)
    except Damaged as error:
        raise unreadable(feed, file_name, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _stop(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # it may be closed by now
        connection.interrupt()


def _new_columns(found: Relation, earlier: list[Batch]) -> list[str]:
    known = {name.lower() for batch in earlier for name in batch.file_columns}
    new = [name for name in found.file_types if name.lower() not in known]
    return [f"new columns, not mapped and ignored: {', '.join(new)}"] if known and new else []


def _replaced_by(again: Batch | None) -> str | None:
    """What is replaced by landing a batch again: nothing, if nobody has accepted it yet."""
    return again.batch_id if again and again.status == "accepted" else None


def _same_content(earlier: list[Batch], digest: str, file_name: str) -> Batch | None:
    """The batch that a file only repeats.

    A name that has had this content, and another since, takes that other one back: it does not
    repeat, it is newer.
    """
    own = [batch for batch in earlier if batch.file_name == file_name and batch.status != "refused"]
    last = max(own, key=lambda batch: batch.sequence, default=None)
    if last and last.content_hash != digest and digest in {batch.content_hash for batch in own}:
        return None
    return next((b for b in earlier if b.is_in_use and b.content_hash == digest), None)


def _record_duplicate(
    settings: Settings, feed: Feed, base: Batch, same: Batch, earlier: list[Batch]
) -> Batch:
    """Note that this file brings nothing new, so that it is not read again."""
    mark = hashlib.sha256(f"{base.file_name}\0{base.file_mtime_ns}".encode()).hexdigest()[:8]
    warning = f"the same content as {same.file_name!r}, loaded as {same.batch_id}"
    if feed.delivery == "snapshot":
        warning += "; a newer snapshot, if there is one, stays in force"
    elif any(
        b.is_in_use and b.file_name == base.file_name and b.content_hash != same.content_hash
        for b in earlier
    ):
        warning += "; what came under this name before stays in force where it is newer"
    batch = base.model_copy(
        update={
            "batch_id": f"{same.batch_id}-d{mark}",
            "content_hash": same.content_hash,
            "status": "duplicate",
            "delivered_count": same.delivered_count,
            "canonical_count": same.canonical_count,
            "empty_count": same.empty_count,
            "is_reshaped": same.is_reshaped,
            "duplicate_count": same.canonical_count,
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
    again: Batch | None = None,
) -> None:
    """Note a refused file in the ledger, by its content; it is tried again on the next run.

    The caller holds the feed's lock: what is read here is still so when it is written.
    """
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    earlier = read_ledger(settings, feed.name)
    if not again and _same_content(earlier, digest, file_name):
        return
    write_entry(
        settings,
        Batch(
            batch_id=next_id(earlier, feed.name, digest, file_name),
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
            replaces=_replaced_by(again),
        ),
    )
