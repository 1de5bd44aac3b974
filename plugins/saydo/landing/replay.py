"""Quarantined rows landed again, through the mapping as it is now.

The rows that now pass become the batch `<batch>-r<n>`; what still fails stays in quarantine. The
rows leave the old batch's entry for the new one's, so that every delivered row stays counted once.
For a snapshot feed the new batch repeats the old one's rows too: it replaces the snapshot.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

from saydo.config import Feed
from saydo.durable import replace_folder, replace_text
from saydo.errors import ConfigError
from saydo.home_lock import hold_home
from saydo.landing import staged
from saydo.landing.commit import commit, incoming, side_files, write_private
from saydo.landing.delivered_columns import check_columns
from saydo.landing.engine import connect
from saydo.landing.judging import Tally
from saydo.landing.ledger import (
    Batch,
    next_sequence,
    read_entry,
    read_ledger,
    utc_now,
)
from saydo.landing.mapping import FILTERED, build_mapping, parse_mapping
from saydo.landing.mapping_hash import mapping_hash
from saydo.landing.paths import with_paths
from saydo.landing.places import with_places
from saydo.landing.raw import feed_lock, finish_replay, pending_replay, recover
from saydo.landing.replayed import check_replayed, replayed_rows
from saydo.settings import Settings
from saydo.sql import literal


def replay_batch(settings: Settings, batch_id: str) -> dict[str, Any]:
    """Land a batch's quarantined rows again.

    Returns:
        {batch_id of the new batch or None, replayed_count, loaded_count, duplicate_count,
        filtered_count, still_quarantined_count}.

    Raises:
        ConfigError: no such batch, it was refused, its feed is gone or it has no quarantined rows.
        HomeBusy: somebody else changes the home.
    """
    with hold_home(settings, f"replay of {batch_id}"):
        return _replay_batch(settings, batch_id)


def _replay_batch(settings: Settings, batch_id: str) -> dict[str, Any]:
    feed = settings.feeds.feed(_in_use(settings, batch_id).feed)
    with feed_lock(settings, feed.name):
        # A replay that was killed is finished first: it may be this very one.
        recover(settings, feed.name)
        batch = _in_use(settings, batch_id)  # as it is now that nobody else changes it
        if batch.source != feed.source:
            raise ConfigError(
                f"batch {batch_id} is of {batch.source}, which its feed no longer maps to; the "
                "next run lands its file again"
            )
        quarantine, _ = side_files(settings, batch.source, batch_id)
        if not quarantine.is_file():
            raise ConfigError(f"batch {batch_id} has no quarantined rows")
        return _replay(settings, feed, batch, quarantine)


def _in_use(settings: Settings, batch_id: str) -> Batch:
    batch = read_entry(settings, batch_id)
    if batch is None:
        raise ConfigError(
            f"there is no batch {batch_id!r}; `saydo quarantine` lists feeds and files"
        )
    if batch.status == "replaced":
        raise ConfigError(f"batch {batch_id} was {batch.refused_reason}: replay that one")
    if not batch.is_in_use:
        raise ConfigError(
            f"batch {batch_id} is {batch.status}: nothing of it is in quarantine; correct the feed "
            "or the file and run again"
        )
    return batch


def _replay(settings: Settings, feed: Feed, batch: Batch, quarantine: Path) -> dict[str, Any]:
    ledger = read_ledger(settings, feed.name)
    work = incoming(settings, feed.name)
    work.mkdir(parents=True)
    parsed = parse_mapping(feed)
    folders = [work, settings.quarantine, settings.restricted, settings.raw / batch.source]
    try:
        with connect(settings, folders) as connection:
            found, unreadable = replayed_rows(connection, feed, batch, quarantine, work)
            if feed.format == "json":
                found, parsed = with_paths(found, parsed)
            check_columns(feed, batch.file_name, found, parsed)
            found = with_places(connection, found, parsed, batch.file_name, work, lambda: 0)
            mapping = build_mapping(connection, settings, feed, found, parsed, utc_now())
            staged.stage(connection, found, mapping)
            emptied = check_replayed(connection, batch, found)
            staged.make_keys(connection, settings, feed)
            kept = staged.quarantine_sql(
                connection, found, mapping, feed, batch.file_name, batch.batch_id
            )
            kept = f"select * from ({kept}) union all by name select * from ({unreadable})"
            remaining = dict(
                connection.execute(
                    f"select reason_code, count(*) from ({kept}) group by 1 order by 1"
                ).fetchall()
            )
            (held,) = connection.execute(
                f"select count(*) from read_parquet({literal(str(quarantine))})"
            ).fetchone()
            counts = dict(
                connection.execute(
                    f"select _error, count(*) from staged where _error <= {FILTERED} group by 1"
                ).fetchall()
            )
            # Good rows, and those that the feed filters out: both leave quarantine.
            moved = sum(counts.values())
            still = sum(remaining.values())
            if not moved:
                return _answer(None, 0, still)
            new = _new_entry(settings, feed, batch, ledger)
            # What the old batch will be is kept ready before the new one counts. Killed between the
            # two, `recover` sees by the ledger whether to finish or to undo.
            pending = _prepare(
                connection,
                settings,
                batch,
                new,
                kept,
                remaining,
                moved,
                held - still,
                emptied,
                work,
            )
            connection.execute(f"delete from staged where _error > {FILTERED}")
            delivered = 0 if found.shape else moved
            rows = Tally(moved, counts.get(FILTERED, 0), {}, delivered, batch.loaded_count)
            whole = batch if batch.delivery == "snapshot" else None
            new = commit(connection, settings, feed, new, found, mapping, work, rows, whole)
            finish_replay(settings, pending)
            return _answer(new, moved, still)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _answer(new: Batch | None, moved: int, still: int) -> dict[str, Any]:
    gone = new.duplicate_count + new.filtered_count if new else 0
    return {
        "batch_id": new.batch_id if new else None,
        "replayed_count": moved,
        "loaded_count": moved - gone,
        "duplicate_count": new.duplicate_count if new else 0,
        "filtered_count": new.filtered_count if new else 0,
        "still_quarantined_count": still,
    }


def _new_entry(settings: Settings, feed: Feed, batch: Batch, ledger: list[Batch]) -> Batch:
    """The entry of the replay: after its batch, and before whatever was delivered later."""
    taken = {entry.batch_id for entry in ledger}
    number = 1
    while f"{batch.batch_id}-r{number}" in taken:
        number += 1
    # Right behind its batch: what was delivered later goes on overruling these rows.
    sequence = batch.sequence + 1
    while sequence in {entry.sequence for entry in ledger}:
        sequence += 1
    return batch.model_copy(
        update={
            "batch_id": f"{batch.batch_id}-r{number}",
            "status": "landed",
            "sequence": min(sequence, next_sequence(ledger)),
            "landed_at": utc_now().isoformat(),
            "mapping_hash": mapping_hash(settings, feed),
            "replaces": None,
            "warnings": [f"rows of {batch.batch_id} that were in quarantine"],
        }
    )


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    batch: Batch,
    new: Batch,
    kept: str,
    remaining: dict[str, int],
    moved: int,
    left: int,
    emptied: int,
    work: Path,
) -> Path:
    """Write beside what the old batch will be once the new one is committed.

    Args:
        connection: holds what `kept` selects.
        settings: where things are.
        batch: the old batch.
        new: the replay.
        kept: select of what stays in quarantine.
        remaining: its rows by reason code.
        moved: canonical rows of the replay.
        left: rows that are in quarantine no longer: a line that can be split now makes several.
        emptied: lines that can be split now, and make none.
        work: an empty-enough folder on the same disk.
    """
    still = sum(remaining.values())
    entry = batch.model_copy(
        update={
            "delivered_count": batch.delivered_count - (0 if batch.is_reshaped else left),
            "canonical_count": batch.canonical_count - left,
            "empty_count": batch.empty_count + emptied,
            "quarantined_count": still,
            "reason_counts": remaining,
            "warnings": [
                *batch.warnings,
                f"{moved} quarantined rows were replayed: {new.batch_id}",
            ],
        }
    )
    folder = work / "pending"
    folder.mkdir(mode=0o700)
    if still:
        write_private(connection, f"{kept} order by line_number", folder / "remaining.parquet")
    replace_text(folder / "entry.json", entry.model_dump_json(), 0o600)
    target = pending_replay(settings, batch.source, new.batch_id)
    replace_folder(folder, target)
    return target
