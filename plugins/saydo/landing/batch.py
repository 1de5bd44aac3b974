"""One delivered file made into one batch: all of its good rows, or none."""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES
from saydo.errors import DeliveryRefused
from saydo.landing import staged
from saydo.landing.engine import connect, literal, quoted
from saydo.landing.fingerprint import Stamp, check_unchanged, content_hash
from saydo.landing.ledger import Batch, read_entry, sync_file, sync_folder, utc_now, write_entry
from saydo.landing.mapping import (
    FILTERED,
    Mapping,
    build_mapping,
    check_columns,
    parse_mapping,
)
from saydo.landing.reader import Relation, check_options, refusal, relation, unreadable
from saydo.settings import Settings

_SHOWN_REASONS = 5


def incoming(settings: Settings, feed: str) -> Path:
    """Where a feed's batch is made complete; on the same disk as raw/, outside every source."""
    return settings.raw / "_incoming" / feed


def batch_folder(settings: Settings, source: str, batch_id: str) -> Path:
    """The data of a batch; there is one when it is loaded whole."""
    return settings.raw / source / f"batch={batch_id}"


def side_files(settings: Settings, source: str, batch_id: str) -> tuple[Path, Path]:
    """The quarantine file and the restricted file of a batch; either may not exist."""
    return (
        settings.quarantine / source / f"{batch_id}.parquet",
        settings.restricted / source / f"{batch_id}.parquet",
    )


def remove_batch(settings: Settings, source: str, batch_id: str) -> None:
    """Remove all that a batch left, the data first; the ledger is not touched."""
    folder = batch_folder(settings, source, batch_id)
    if folder.exists():
        shutil.rmtree(folder)
    for file in side_files(settings, source, batch_id):
        file.unlink(missing_ok=True)


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
            if may_repeat and (same := _same_content(earlier, hashing.result())):
                return _record_duplicate(settings, feed, base, same)
            found = relation(connection, feed, link, file_name)
            check_columns(feed, file_name, found, parsed)
            mapping = build_mapping(connection, settings, feed, found, parsed, now)
            try:
                staged.stage(connection, found, mapping)
            except duckdb.Error as error:
                hashing.result()
                raise unreadable(feed, file_name, error) from None
            digest = hashing.result()
            check_unchanged(feed, file, file_name, before)
            batch = base.model_copy(
                update={"batch_id": f"{feed.name}-{digest[:12]}", "content_hash": digest}
            )
            return commit(connection, settings, feed, batch, found, mapping, work, earlier)
    finally:
        shutil.rmtree(work, ignore_errors=True)


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


def commit(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    batch: Batch,
    found: Relation,
    mapping: Mapping,
    work: Path,
    earlier: list[Batch],
) -> Batch:
    """Judge the staged rows, write them beside, and rename the batch into place."""
    counts = dict(
        connection.execute("select _error, count(*) from staged group by _error").fetchall()
    )
    lines = connection.execute("select count(*) from rejected_lines").fetchone()[0]
    filtered = counts.get(FILTERED, 0)
    reasons: dict[str, int] = {"unreadable_line": lines} if lines else {}
    for number, check in enumerate(mapping.checks, FILTERED + 1):
        if counts.get(number):
            reasons[check.code] = reasons.get(check.code, 0) + counts[number]
    delivered = sum(counts.values()) + lines
    quarantined = sum(reasons.values())
    quarantine = staged.quarantine_sql(
        connection, found, mapping, feed, batch.file_name, batch.batch_id
    )
    _judge(connection, feed, batch, delivered, filtered, quarantined, quarantine)
    staged.make_keys(connection, settings, feed)
    repeats, changed = staged.drop_repeats(connection, feed, mapping)
    measures = tuple(measure.name for measure in settings.feeds.all_measures)
    select = staged.loaded_sql(connection, found, feed, measures, batch.batch_id, batch.sequence)
    months, first, last = _write_data(connection, feed, select, work / "data")
    quarantine_file, restricted_file = side_files(settings, feed.source, batch.batch_id)
    writes = [(quarantine, quarantine_file)] if quarantined else []
    if clear := staged.restricted_sql(connection, feed):
        writes.append((clear, restricted_file))
    batch = batch.model_copy(
        update={
            "delivered_count": delivered,
            "loaded_count": delivered - filtered - quarantined - repeats,
            "quarantined_count": quarantined,
            "duplicate_count": repeats,
            "filtered_count": filtered,
            "reason_counts": reasons,
            "warnings": _warnings(feed, found, earlier, changed),
            "first_event_date": first,
            "last_event_date": last,
            "months": months,
            "file_columns": list(found.types),
            "landed_at": utc_now().isoformat(),
        }
    )
    _write_private(connection, writes, work)
    remove_batch(settings, feed.source, batch.batch_id)
    for number, (_, target) in enumerate(writes):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (work / f"private-{number}.parquet").rename(target)
        sync_folder(target.parent)
    target = batch_folder(settings, feed.source, batch.batch_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    (work / "data").rename(target)
    sync_folder(target.parent)
    write_entry(settings, batch)
    return batch


def _judge(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    batch: Batch,
    delivered: int,
    filtered: int,
    quarantined: int,
    quarantine: str,
) -> None:
    """Refuse a delivery with too few rows or too many bad ones."""
    if delivered < feed.expect.min_rows:
        raise refusal(
            feed,
            batch.file_name,
            f"it holds {delivered} rows, fewer than the {feed.expect.min_rows} expected",
            f"deliver it again, or lower feeds.{feed.name}.expect.min_rows",
        )
    wanted = delivered - filtered
    if quarantined <= feed.expect.max_reject_ratio * wanted:
        return
    rows = connection.execute(
        f"select line_number, reason, count(*) over (partition by reason) from ({quarantine}) "
        "qualify row_number() over (partition by reason order by line_number) = 1 "
        f"order by line_number limit {_SHOWN_REASONS}"
    ).fetchall()
    first = "; ".join(f"line {line}: {reason} ({count} rows)" for line, reason, count in rows)
    raise refusal(
        feed,
        batch.file_name,
        f"{quarantined} of {wanted} rows are bad, more than max_reject_ratio "
        f"{feed.expect.max_reject_ratio:g} allows. {first}",
        f"correct the file, or feeds.{feed.name}.columns if the file is right",
    )


def _warnings(feed: Feed, found: Relation, earlier: list[Batch], changed: int) -> list[str]:
    warnings = []
    known = {name.lower() for batch in earlier for name in batch.file_columns}
    new = [name for name in found.types if name.lower() not in known]
    if known and new:
        warnings.append(f"new columns, not mapped and ignored: {', '.join(new)}")
    if changed:
        key = ", ".join(SOURCES[feed.source].key)
        warnings.append(
            f"{changed} rows repeat a key ({key}) with other values: the newest of each was kept"
        )
    return warnings


def _write_data(
    connection: duckdb.DuckDBPyConnection, feed: Feed, select: str, folder: Path
) -> tuple[list[str], date | None, date | None]:
    """Write the good rows, one file a month for monthly sources; say which days they span."""
    source = SOURCES[feed.source]
    folder.mkdir()
    months: list[str] = []
    first = last = None
    if source.event_time:
        event = f"staged.{quoted(source.event_time)}"
        spans = connection.execute(
            f"select date_trunc('month', {event})::date as month, min({event})::date, "
            f"max({event})::date from staged where _error = 0 and {event} is not null "
            "group by month order by month"
        ).fetchall()
        months = [f"{month:%Y-%m}" for month, _, _ in spans]
        first = min((span[1] for span in spans), default=None)
        last = max((span[2] for span in spans), default=None)
    if not source.monthly:
        _copy(connection, select, folder / "month=all")
        return months, first, last
    for month in months:
        part = select
        if len(months) > 1:
            start = f"date '{month}-01'"
            part += f" and {event} >= {start} and {event} < {start} + interval 1 month"
        _copy(connection, part, folder / f"month={month}")
    return months, first, last


def _copy(connection: duckdb.DuckDBPyConnection, select: str, folder: Path) -> None:
    folder.mkdir()
    file = folder / "data.parquet"
    connection.execute(f"copy ({select}) to {literal(str(file))} (format parquet)")
    sync_file(file)
    sync_folder(folder)


def _write_private(
    connection: duckdb.DuckDBPyConnection, writes: list[tuple[str, Path]], work: Path
) -> None:
    """Write files that may hold personal data, readable by their owner only from the start."""
    for number, (select, _) in enumerate(writes):
        file = work / f"private-{number}.parquet"
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection.execute(f"copy ({select}) to {literal(str(file))} (format parquet)")
        file.chmod(0o600)
        sync_file(file)


def record_refusal(
    settings: Settings,
    feed: Feed,
    file: Path,
    file_name: str,
    before: Stamp,
    sequence: int,
    error: DeliveryRefused,
) -> None:
    """Note a refused file in the ledger, by its content; it is tried again on the next run."""
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
