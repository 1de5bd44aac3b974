"""The raw store kept sound: leftovers of a killed run removed, every source readable when empty."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from saydo.contract import SOURCES, landed_columns
from saydo.durable import replace_with, temporary
from saydo.engine import open_database
from saydo.landing.commit import incoming, remove_batch, side_files
from saydo.landing.ledger import (
    TAKEN_OUT,
    Batch,
    change_held_entry,
    ledger_folder,
    read_entry,
    write_entry,
)
from saydo.settings import Settings
from saydo.sql import literal, quoted

_CONTENT = re.compile(r"[a-z][a-z0-9_]*-[0-9a-f]{12}")
_OUT = ("withdrawn", "replaced")  # of which nothing is left
# The feed, the content, which landing of it (from the second on), and which replay of that.
_BATCH_ID = re.compile(r"(?P<feed>[a-z][a-z0-9_]*)-[0-9a-f]{12}(-\d+)?(-r\d+)?")


@contextmanager
def feed_lock(settings: Settings, feed: str, wait: bool = True) -> Iterator[bool]:
    """Hold a feed for one process; a killed process lets go. False: another has it, and no wait."""
    folder = settings.state / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / f"landing-{feed}", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def change_entry(
    settings: Settings,
    decided: Batch,
    change: Callable[[Batch], dict[str, Any]],
    doing: str,
    then: Callable[[Batch], None] | None = None,
) -> Batch | None:
    """Hold the feed and change an entry, if it still is what was decided on.

    Arguments and result are those of `change_held_entry`, which is for who holds the feed already:
    the lock waits for its own process too.
    """
    with feed_lock(settings, decided.feed):
        return change_held_entry(settings, decided, change, doing, then)


def recover(settings: Settings, feed: str) -> list[str]:
    """Remove what a killed run left of a feed: data, quarantine and clear text without an entry.

    So goes what an accepted batch was landed in place of. The caller holds the feed's lock. Returns
    the batch ids removed.
    """
    work = incoming(settings, feed)
    if work.exists():
        shutil.rmtree(work)
    for pending in settings.quarantine.glob(f"*/.replay-{feed}-*"):
        finish_replay(settings, pending)
    known = {file.stem for file in ledger_folder(settings).glob(f"{feed}-*.json")}
    removed = []
    landings: dict[str, set[str]] = {}
    for source, batch_id in _left(settings, feed):
        if batch_id not in known:
            remove_batch(settings, source, batch_id)
            removed.append(batch_id)
        else:
            landings.setdefault(_CONTENT.match(batch_id)[0], set()).add(batch_id)  # type: ignore[index]
    for batch_id in {one for ids in landings.values() if len(ids) > 1 for one in ids}:
        removed += retire_replaced(settings, read_entry(settings, batch_id))
    return sorted(set(removed))


def retire_replaced(settings: Settings, new: Batch | None) -> list[str]:
    """Take out what an accepted batch was landed in place of, with what was replayed of it.

    The acceptance is what made it count no longer, so this may be done at any time, and again. The
    caller holds the feed's lock. Returns the batch ids taken out.
    """
    if new is None or new.status != "accepted" or new.replaces is None:
        return []
    reason = f"landed again as {new.batch_id}, under the mapping as it was then"
    replays = sorted(ledger_folder(settings).glob(f"{new.replaces}-r*.json"))
    taken = []
    for batch_id in [new.replaces, *(file.stem for file in replays)]:
        old = read_entry(settings, batch_id)
        if old is None or not old.is_in_use:
            continue
        write_entry(
            settings, old.model_copy(update={"status": "replaced", "refused_reason": reason})
        )
        remove_batch(settings, old.source, batch_id)
        taken.append(batch_id)
    return taken


def pending_replay(settings: Settings, source: str, batch_id: str) -> Path:
    """Where a replay keeps what its old batch will be, until the new batch is committed."""
    return settings.quarantine / source / f".replay-{batch_id}"


def finish_replay(settings: Settings, pending: Path) -> None:
    """Complete a replay whose new batch is in the ledger; undo one whose batch is not.

    Every step can be done again, so a kill in the middle is mended by the next call. The old batch
    may have been accepted, refused or expired since that kill: it keeps what it became. The caller
    holds the feed's lock.
    """
    new = read_entry(settings, pending.name.removeprefix(".replay-"))
    planned = Batch.model_validate_json((pending / "entry.json").read_bytes())
    now = read_entry(settings, planned.batch_id)
    if new and now and now.sequence == planned.sequence and now.status not in _OUT:
        quarantine, _ = side_files(settings, now.source, now.batch_id)
        remaining = pending / "remaining.parquet"
        if planned.quarantined_count == 0:
            quarantine.unlink(missing_ok=True)
        elif remaining.exists() and now.status != "refused":
            replace_with(remaining, quarantine)
        change_held_entry(settings, now, lambda entry: _less_replayed(entry, planned), "replayed")
    shutil.rmtree(pending)


def _less_replayed(now: Batch, planned: Batch) -> dict[str, Any]:
    """What a replay changes in the entry of its old batch; nothing of it hangs on the rest."""
    taken_out = {why: count for why, count in now.reason_counts.items() if why in TAKEN_OUT}
    return {
        "delivered_count": planned.delivered_count,
        "canonical_count": planned.canonical_count,
        "empty_count": planned.empty_count,
        "quarantined_count": planned.quarantined_count,
        "reason_counts": planned.reason_counts | taken_out,
        "warnings": [*now.warnings, *(w for w in planned.warnings if w not in now.warnings)],
    }


def _left(settings: Settings, feed: str) -> set[tuple[str, str]]:
    left = {
        (folder.parent.name, folder.name.removeprefix("batch="))
        for folder in settings.raw.glob(f"*/batch={feed}-*")
    }
    for store in (settings.quarantine, settings.restricted):
        left |= {(file.parent.name, file.stem) for file in store.glob(f"*/{feed}-*.parquet")}
    return {(source, name) for source, name in left if _BATCH_ID.fullmatch(name)}


def prepare_raw(settings: Settings) -> None:
    """Make the home ready for a run: folders, an empty file per source, no leftovers.

    The empty files give every glob over raw/ a schema; they are written anew when the declared
    measures change. Feeds that another process is landing are left to it.
    """
    settings.landing.mkdir(parents=True, exist_ok=True)
    ledger_folder(settings).mkdir(parents=True, exist_ok=True)
    for private in (settings.restricted, settings.quarantine):
        private.mkdir(parents=True, exist_ok=True, mode=0o700)
        private.chmod(0o700)
    recover_all(settings)
    measures = tuple(measure.name for measure in settings.feeds.all_measures)
    with open_database(settings) as connection:
        for name in SOURCES:
            _write_empty(connection, settings, name, measures)


def recover_all(settings: Settings) -> list[str]:
    """`recover` every feed that nobody is landing, those that left feeds.yml too."""
    found = {match["feed"] for match in map(_BATCH_ID.fullmatch, _every_batch(settings)) if match}
    working = settings.raw / "_incoming"
    found |= {folder.name for folder in working.iterdir()} if working.exists() else set()
    removed = []
    for feed in sorted(found | {feed.name for feed in settings.feeds.feeds}):
        with feed_lock(settings, feed, wait=False) as is_ours:
            if is_ours:
                removed += recover(settings, feed)
    return removed


def _every_batch(settings: Settings) -> set[str]:
    names = {folder.name.removeprefix("batch=") for folder in settings.raw.glob("*/batch=*")}
    for store in (settings.quarantine, settings.restricted):
        names |= {file.stem for file in store.glob("*/*.parquet")}
    return names


def _write_empty(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    measures: tuple[str, ...],
) -> None:
    columns = landed_columns(SOURCES[source], measures)
    file = settings.raw / source / "batch=none" / "month=none" / "data.parquet"
    if file.is_file() and _schema(connection, file) == columns:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f"cast(null as {type_}) as {quoted(n)}" for n, type_ in columns.items())
    beside = temporary(file)
    connection.execute(f"copy (select {listed} limit 0) to {literal(str(beside))} (format parquet)")
    replace_with(beside, file)


def _schema(connection: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    found = f"read_parquet({literal(str(file))}, hive_partitioning = false)"
    try:
        rows = connection.execute(f"describe select * from {found}").fetchall()
    except duckdb.Error:
        return {}
    return {row[0]: row[1].lower() for row in rows}
