"""Staged rows made into a batch: judged as a whole, written beside, renamed into place."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES
from saydo.landing import staged
from saydo.landing.engine import literal, quoted
from saydo.landing.ledger import Batch, sync_file, sync_folder, write_entry
from saydo.landing.mapping import FILTERED, Mapping
from saydo.landing.packing import pack
from saydo.landing.reader import Relation, refusal
from saydo.settings import Settings

_SHOWN_REASONS = 5
_ROW_GROUP = 1 << 20
# What seldom repeats within a row group is written as it is: trying a dictionary is wasted work.
_PARQUET = (
    f"format parquet, parquet_version v2, row_group_size {_ROW_GROUP}, dictionary_size_limit 5000"
)


@dataclass(frozen=True)
class Tally:
    """Rows of a delivery: all, left out by `where`, and quarantined by reason code."""

    delivered: int
    filtered: int
    reasons: dict[str, int]

    @property
    def quarantined(self) -> int:
        """Rows that go to quarantine."""
        return sum(self.reasons.values())


def incoming(settings: Settings, feed: str) -> Path:
    """Where a feed's batch is made complete; on the same disk as raw/, outside every source."""
    return settings.raw / "_incoming" / feed


def batch_folder(settings: Settings, source: str, batch_id: str) -> Path:
    """The data of a batch; if it is there, it is whole."""
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


def tally(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> Tally:
    """Count the staged rows and the lines set aside."""
    counts = dict(
        connection.execute("select _error, count(*) from staged group by _error").fetchall()
    )
    row = connection.execute("select count(*) from rejected_lines").fetchone()
    lines = int(row[0]) if row else 0
    reasons: dict[str, int] = {"unreadable_line": lines} if lines else {}
    for number, check in enumerate(mapping.checks, FILTERED + 1):
        if counts.get(number):
            reasons[check.code] = reasons.get(check.code, 0) + counts[number]
    return Tally(sum(counts.values()) + lines, counts.get(FILTERED, 0), reasons)


def judge(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    file_name: str,
    found: Relation,
    mapping: Mapping,
    rows: Tally,
) -> None:
    """Refuse a delivery with too few rows or too many bad ones.

    Raises:
        DeliveryRefused: the message counts the rows and gives the first line of each reason.
    """
    if rows.delivered < feed.expect.min_rows:
        raise refusal(
            feed,
            file_name,
            f"it holds {rows.delivered} rows, fewer than the {feed.expect.min_rows} expected",
            f"deliver it again, or lower feeds.{feed.name}.expect.min_rows",
        )
    wanted = rows.delivered - rows.filtered
    if rows.quarantined <= feed.expect.max_reject_ratio * wanted:
        return
    quarantine = staged.quarantine_sql(connection, found, mapping, feed, file_name, "")
    first = connection.execute(
        "select min(line_number) as line, reason, count(*) "
        f"from ({quarantine}) group by reason order by line limit {_SHOWN_REASONS}"
    ).fetchall()
    reasons = "; ".join(f"line {line}: {reason} ({count} rows)" for line, reason, count in first)
    raise refusal(
        feed,
        file_name,
        f"{rows.quarantined} of {wanted} rows are bad, more than max_reject_ratio "
        f"{feed.expect.max_reject_ratio:g} allows. {reasons}",
        f"correct the file, or feeds.{feed.name}.columns if the file is right",
    )


def commit(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    batch: Batch,
    found: Relation,
    mapping: Mapping,
    work: Path,
    rows: Tally,
    before: Batch | None = None,
) -> Batch:
    """Write the staged rows as `batch`; the rename of its folder is the commit, the entry follows.

    Args:
        connection: holds `staged` and the key tables.
        settings: where things are.
        feed: the mapping.
        batch: identity and warnings of the batch; the counts are filled in here.
        found: the file.
        mapping: how it was read.
        work: an empty-enough folder on the same disk.
        rows: what was staged.
        before: a batch whose loaded rows this one repeats (a snapshot that is replayed).
    """
    # Every row holds its line number now: the order of the rows in the file is free.
    connection.execute("set preserve_insertion_order = false")
    months, first, last = _span(connection, feed)
    files = len(months) if SOURCES[feed.source].monthly else 1
    with ThreadPoolExecutor(1) as pool:
        may_repeat = pool.submit(staged.has_repeats, staged.key_hashes(connection, feed))
        lists = files * settings.threads + rows.delivered // _ROW_GROUP
        pack(connection, feed, mapping, lists)
    repeats, changed = staged.drop_repeats(connection, feed, mapping, may_repeat.result())
    measures = tuple(measure.name for measure in settings.feeds.all_measures)
    select = staged.loaded_sql(connection, found, feed, measures, batch.batch_id, batch.sequence)
    clear = staged.restricted_sql(connection, feed)
    if before:
        select = _repeated(settings, batch, before, select)
        clear = _repeated_clear(settings, before, clear)
        first = min((d for d in (first, before.first_event_date) if d), default=None)
        last = max((d for d in (last, before.last_event_date) if d), default=None)
        months = sorted({*months, *before.months})
    _write_data(connection, feed, select, months, work / "data")
    quarantine_file, restricted_file = side_files(settings, feed.source, batch.batch_id)
    writes = []
    if rows.quarantined:
        quarantine = staged.quarantine_sql(
            connection, found, mapping, feed, batch.file_name, batch.batch_id
        )
        writes.append((quarantine, quarantine_file))
    if clear:
        writes.append((clear, restricted_file))
    already = before.loaded_count if before else 0
    batch = batch.model_copy(
        update={
            "delivered_count": rows.delivered + already,
            "loaded_count": rows.delivered - rows.filtered - rows.quarantined - repeats + already,
            "quarantined_count": rows.quarantined,
            "duplicate_count": repeats,
            "filtered_count": rows.filtered,
            "reason_counts": rows.reasons,
            "warnings": [*batch.warnings, *_repeat_warning(feed, changed)],
            "first_event_date": first,
            "last_event_date": last,
            "months": months,
            "file_columns": list(found.types),
        }
    )
    for number, (query, _) in enumerate(writes):
        write_private(connection, query, work / f"private-{number}.parquet")
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


def _repeated(settings: Settings, batch: Batch, before: Batch, select: str) -> str:
    """The rows of `select` and those that `before` loaded, all under the new batch."""
    folder = batch_folder(settings, batch.source, before.batch_id)
    files = literal(f"{folder}/*/data.parquet")
    return (
        f"select * from ({select} union all by name "
        f"select * replace ({literal(batch.batch_id)} as _batch_id, "
        f"cast({batch.sequence} as bigint) as _batch_sequence) "
        f"from read_parquet({files}, hive_partitioning = false))"
    )


def _repeated_clear(settings: Settings, before: Batch, clear: str | None) -> str | None:
    _, file = side_files(settings, before.source, before.batch_id)
    if not clear or not file.is_file():
        return clear
    return f"{clear} union all by name select * from read_parquet({literal(str(file))})"


def _repeat_warning(feed: Feed, changed: int) -> list[str]:
    if not changed:
        return []
    key = ", ".join(SOURCES[feed.source].key)
    return [f"{changed} rows repeat a key ({key}) with other values: the newest of each was kept"]


def _span(
    connection: duckdb.DuckDBPyConnection, feed: Feed
) -> tuple[list[str], date | None, date | None]:
    """Months, first and last day of the good rows' events; nothing for sources without events."""
    event = SOURCES[feed.source].event_time
    if not event:
        return [], None, None
    spans = connection.execute(
        f"select {_month_sql(event)} as month, min({quoted(event)})::date, "
        f"max({quoted(event)})::date from staged where _error = 0 and {quoted(event)} is not null "
        "group by month order by month"
    ).fetchall()
    months = [_month_name(month) for month, _, _ in spans]
    first = min((span[1] for span in spans), default=None)
    last = max((span[2] for span in spans), default=None)
    return months, first, last


def _month_sql(event: str) -> str:
    """The months since the year 0 of an event: a number is grouped faster than a date."""
    return f"(year({quoted(event)}) * 12 + month({quoted(event)}) - 1)"


def _month_name(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _write_data(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    select: str,
    months: list[str],
    folder: Path,
) -> None:
    """Write the good rows, one file a month for monthly sources."""
    source = SOURCES[feed.source]
    folder.mkdir()
    if source.monthly and len(months) > 1:
        month = _month_sql(str(source.event_time))
        connection.execute(f"set partitioned_write_flush_threshold = {_ROW_GROUP}")
        connection.execute(f"set partitioned_write_max_open_files = {len(months)}")
        connection.execute(
            f"copy (select *, {month} as month from ({select})) to {literal(str(folder))} "
            f"({_PARQUET}, partition_by (month))"
        )
        for written in list(folder.iterdir()):
            (file,) = written.iterdir()
            file.rename(written / "data.parquet")
            number = int(written.name.removeprefix("month="))
            written.rename(folder / f"month={_month_name(number)}")
    else:
        for month in months if source.monthly else ["all"]:
            (folder / f"month={month}").mkdir()
            file = folder / f"month={month}" / "data.parquet"
            connection.execute(f"copy ({select}) to {literal(str(file))} ({_PARQUET})")
    for written in folder.iterdir():
        sync_file(written / "data.parquet")
        sync_folder(written)


def write_private(connection: duckdb.DuckDBPyConnection, select: str, file: Path) -> None:
    """Write a file that may hold personal data: readable by its owner only, from the start."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection.execute(f"copy ({select}) to {literal(str(file))} (format parquet)")
    file.chmod(0o600)
    sync_file(file)
