"""Quarantined rows landed again, through the mapping as it is now.

The rows that now pass become the batch `<batch>-r<n>`; what still fails stays in quarantine. The
rows leave the old batch's entry for the new one's, so that every delivered row stays counted once.
For a snapshot feed the new batch repeats the old one's rows too: it replaces the snapshot.
"""

from __future__ import annotations

import json
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
from saydo.landing.engine import connect
from saydo.landing.judging import Tally
from saydo.landing.ledger import (
    Batch,
    next_sequence,
    read_entry,
    read_ledger,
    utc_now,
)
from saydo.landing.mapping import FILTERED, build_mapping, check_columns, parse_mapping
from saydo.landing.mapping_hash import mapping_hash
from saydo.landing.places import with_places
from saydo.landing.raw import feed_lock, finish_replay, pending_replay, recover
from saydo.landing.reader import Relation, relation
from saydo.settings import Settings
from saydo.sql import literal, quoted

_LINE = "saydo line"


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
            unreadable = _collect(connection, feed, batch, quarantine, work)
            types = dict(_columns(connection, "replayed"))
            types.pop(_LINE)
            found = Relation("replayed", types, 0, False, line_column=_LINE)
            check_columns(feed, batch.file_name, found, parsed)
            found = with_places(connection, found, parsed, batch.file_name, work, lambda: 0)
            mapping = build_mapping(connection, settings, feed, found, parsed, utc_now())
            staged.stage(connection, found, mapping)
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
            pending = _prepare(connection, settings, batch, new, kept, remaining, moved, work)
            connection.execute(f"delete from staged where _error > {FILTERED}")
            rows = Tally(moved, counts.get(FILTERED, 0), {}, batch.loaded_count)
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


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    rows = connection.execute(f"describe {table}").fetchall()
    return [(row[0], row[1]) for row in rows]


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


def _collect(
    connection: duckdb.DuckDBPyConnection, feed: Feed, batch: Batch, quarantine: Path, work: Path
) -> str:
    """Fill `replayed` with the quarantined rows as the file had them, each with its line number.

    Returns:
        Select of the lines that still cannot be split into columns, as they are in quarantine.
    """
    source = f"read_parquet({literal(str(quarantine))}, hive_partitioning = false)"
    (types_json,) = connection.execute(f"select any_value(_file_columns) from {source}").fetchone()
    structure = literal(types_json)
    connection.execute(
        f"create temp table replayed as select line_number as {quoted(_LINE)}, "
        f"unnest(from_json(raw_text, {structure})) from {source} "
        "where reason_code <> 'unreadable_line'"
    )
    lines = connection.execute(
        f"select line_number, raw_text from {source} where reason_code = 'unreadable_line' "
        "order by line_number"
    ).fetchall()
    read: list[int] = []
    if lines and feed.format == "csv":
        read = _split_again(connection, feed, batch, json.loads(types_json), lines, work)
    listed = ", ".join(map(str, read)) or "null"
    return (
        f"select * from {source} where reason_code = 'unreadable_line' "
        f"and coalesce(line_number not in ({listed}), true)"
    )


def _split_again(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    batch: Batch,
    types: dict[str, str],
    lines: list[tuple[int, str]],
    work: Path,
) -> list[int]:
    """Read set-aside lines through the feed's reader options as they are now.

    Returns:
        The line numbers that could be read; their rows are in `replayed`.
    """
    # Lines that were set aside are UTF-8, whatever the file was, and hold no header.
    options = {k: v for k, v in feed.options.items() if k not in ("header", "skip", "encoding")}
    plain = feed.model_copy(update={"options": {**options, "header": False, "names": list(types)}})
    file = work / "lines.data"
    file.write_text("".join(f"{text}\n" for _, text in lines), encoding="utf-8")
    found = relation(connection, plain, file, batch.file_name)
    connection.execute(f"create temp table split as select * from {found.sql}")
    bad = {row[0] for row in connection.execute("select line from reject_errors").fetchall()}
    good = [line for position, (line, _) in enumerate(lines, 1) if position not in bad]
    (rows,) = connection.execute("select count(*) from split").fetchone()
    if rows != len(good):  # a line held several records: it stays where it is
        return []
    connection.execute("create temp table good (position bigint, line bigint)")
    if good:
        connection.executemany("insert into good values (?, ?)", list(enumerate(good)))
    connection.execute(
        f"insert into replayed by name select good.line as {quoted(_LINE)}, split.* "
        "from split join good on good.position = split.rowid"
    )
    return good


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    batch: Batch,
    new: Batch,
    kept: str,
    remaining: dict[str, int],
    moved: int,
    work: Path,
) -> Path:
    """Write beside what the old batch will be once the new one is committed."""
    still = sum(remaining.values())
    entry = batch.model_copy(
        update={
            "delivered_count": batch.delivered_count - moved,
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
