"""Staged rows made into a batch: written beside, renamed into place."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES
from saydo.durable import replace_with, sync_path, sync_tree
from saydo.landing import staged
from saydo.landing.contacts import contacts_sql
from saydo.landing.judging import Tally, judge_keys
from saydo.landing.labels import question_texts
from saydo.landing.ledger import Batch, write_entry
from saydo.landing.mapping import Mapping
from saydo.landing.packing import pack
from saydo.landing.relations import Relation
from saydo.landing.repeats import drop_repeats, has_repeats, key_hashes
from saydo.landing.spans import month_name, month_sql, span_of
from saydo.settings import Settings
from saydo.sql import literal

_ROW_GROUP = 1 << 20
# What seldom repeats within a row group is written as it is: trying a dictionary is wasted work.
_PARQUET = (
    f"format parquet, parquet_version v2, row_group_size {_ROW_GROUP}, dictionary_size_limit 5000"
)


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

    Raises:
        DeliveryRefused: the key of the rows is no key; nothing was written.
    """
    # Every row holds its line number now: the order of the rows in the file is free.
    connection.execute("set preserve_insertion_order = false")
    span = span_of(connection, feed)
    files = len(span.months) if SOURCES[feed.source].monthly else 1
    # Whether keys repeat and which columns can be packed are told apart from each other, so the
    # rows are looked at for both at once.
    with ThreadPoolExecutor(1) as pool:
        may_repeat = pool.submit(has_repeats, key_hashes(connection, feed))
        lists = files * settings.threads + rows.canonical // _ROW_GROUP
        pack(connection, feed, mapping, lists)
    repeats = drop_repeats(connection, feed, mapping, may_repeat.result())
    told = judge_keys(connection, settings, feed, batch.file_name, found, repeats, rows)
    measures = tuple(measure.name for measure in settings.feeds.all_measures)
    select = staged.loaded_sql(connection, found, feed, measures, batch.batch_id, batch.sequence)
    clear = staged.restricted_sql(connection, feed) or contacts_sql(connection, settings, feed)
    if before:
        select = _repeated(settings, batch, before, select)
        clear = _repeated_clear(settings, before, clear)
        span = span.with_batch(before)
    _write_data(connection, feed, select, span.months, work / "data")
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
            "delivered_count": rows.delivered + (0 if found.shape else already),
            "canonical_count": rows.canonical + already,
            "empty_count": rows.empty,
            "is_reshaped": found.shape is not None,
            "loaded_count": rows.good - rows.beside - repeats.dropped + already,
            "quarantined_count": rows.quarantined,
            "duplicate_count": repeats.dropped,
            "filtered_count": rows.filtered,
            "reason_counts": rows.reasons,
            "warnings": [*batch.warnings, *told],
            **span.entry(),
            "file_columns": list(found.file_types),
            "question_texts": question_texts(connection, feed, found),
        }
    )
    for number, (query, _) in enumerate(writes):
        write_private(connection, query, work / f"private-{number}.parquet")
    # The order makes a kill harmless. Leftovers of this very batch go first; then come the files
    # beside the data, then the data, and the entry last: what has no entry is swept away by the
    # next run, and an entry without data would count rows that are not there.
    remove_batch(settings, feed.source, batch.batch_id)
    for number, (_, target) in enumerate(writes):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_with(work / f"private-{number}.parquet", target)
    target = batch_folder(settings, feed.source, batch.batch_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_with(work / "data", target)
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
        month = month_sql(str(source.event_time))
        # A month's rows are held until they fill a row group, and no month's file is closed before
        # the end: else one month would become many small files.
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
            written.rename(folder / f"month={month_name(number)}")
    else:
        for month in months if source.monthly else ["all"]:
            (folder / f"month={month}").mkdir()
            file = folder / f"month={month}" / "data.parquet"
            connection.execute(f"copy ({select}) to {literal(str(file))} ({_PARQUET})")
    sync_tree(folder)


def write_private(connection: duckdb.DuckDBPyConnection, select: str, file: Path) -> None:
    """Write a file that may hold personal data: readable by its owner only, from the start."""
    # Made by us, because what the engine makes can be read by everybody.
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection.execute(f"copy ({select}) to {literal(str(file))} (format parquet)")
    # And once more: over a file that exists the engine writes beside and renames.
    file.chmod(0o600)
    sync_path(file)
