"""Two feeds of one table whose rows share a key: the newer row takes the older one's place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import duckdb

from saydo.config import Feeds
from saydo.contract import PLUMBING, SOURCES, Source
from saydo.gate.past.doubt import Doubt
from saydo.landing.judging import delivered_key
from saydo.landing.ledger import Batch
from saydo.settings import Settings
from saydo.sql import literal, quoted


def shared_numbering(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source_name: str,
    new: Sequence[Batch],
    accepted: Sequence[Batch],
) -> Iterator[Doubt]:
    """Compare the keys of new batches with those of other feeds of the same table.

    Costs nothing where a table has one feed. Else keys alone are read, of a table by month only
    those of the same months, but of all months when a feed's first file comes: two systems that
    count from one may have reached the same number in different years. The values are read where
    keys are shared.

    Two systems may list one account, each with what it knows: of the tables of accounts and
    identifiers no file is refused, and only what both say, and say differently, is told, once, with
    the feed's first file.

    Args:
        connection: holds a view of the new batches, named as the table.
        settings: policy, feeds and where raw is.
        source_name: the canonical table.
        new: its new batches.
        accepted: its accepted ones.
    """
    source = SOURCES[source_name]
    if len({batch.feed for batch in (*new, *accepted)}) < 2:
        return
    known_feeds = {batch.feed for batch in accepted}
    accepted = _counting(accepted)
    for batch in new:
        is_first = batch.feed not in known_feeds
        if source.family == "identity" and not is_first:
            continue
        earlier = [b for b in new if b.feed != batch.feed and b.sequence < batch.sequence]
        others = [b for b in accepted if b.feed != batch.feed] + earlier
        months = None if is_first or not source.monthly else batch.months
        if files := _files(settings, source, others, months):
            for other, count in _conflicts(connection, source, batch, files):
                yield _doubt(settings, source, batch, other, count)


def _files(
    settings: Settings, source: Source, others: Sequence[Batch], months: Sequence[str] | None
) -> list[str]:
    folder = settings.raw.absolute() / source.name
    return [
        str(file)
        for other in others
        for file in sorted((folder / f"batch={other.batch_id}").glob("month=*/data.parquet"))
        if months is None or file.parent.name.removeprefix("month=") in months
    ]


def _conflicts(
    connection: duckdb.DuckDBPyConnection, source: Source, batch: Batch, files: list[str]
) -> list[tuple[str, int]]:
    """(other feed, rows of the batch whose key it has with other values)."""
    listed = ", ".join(literal(file) for file in files)
    theirs = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    mine = f"(select * from {quoted(source.name)} where _batch_id = {literal(batch.batch_id)})"
    same = " and ".join(
        f"mine.{quoted(k)} is not distinct from theirs.{quoted(k)}" for k in source.key
    )
    keys = ", ".join(quoted(k) for k in source.key)
    is_any = connection.execute(
        f"select 1 from (select {keys} from {mine}) as mine "
        f"semi join (select {keys} from {theirs}) as theirs on {same} limit 1"
    ).fetchone()
    if not is_any:
        return []
    known = {r[0] for r in connection.execute(f"describe select * from {theirs}").fetchall()}
    columns = [
        row[0]
        for row in connection.execute(f"describe {quoted(source.name)}").fetchall()
        if row[0] in known and row[0] not in PLUMBING and row[0] not in source.key
    ]
    # Of an account each system knows a part: only what both say can contradict.
    operator = "<>" if source.family == "identity" else "is distinct from"
    differs = (
        " or ".join(f"mine.{quoted(c)} {operator} theirs.{quoted(c)}" for c in columns) or "false"
    )
    return connection.execute(
        f"select theirs._feed, count(distinct mine._line_number) from {mine} as mine "
        f"inner join {theirs} as theirs on {same} where {differs} group by all order by all"
    ).fetchall()


def _doubt(settings: Settings, source: Source, batch: Batch, other: str, count: int) -> Doubt:
    limit = settings.policy.landing.max_key_conflict_ratio
    key = ", ".join(delivered_key(source))
    is_identity = source.family == "identity"
    if is_identity:
        advice = (
            "Of each the row loaded last counts, or that with the newest updated_at. If the two "
            "systems mean one account, map `updated_at`, or leave the columns out of the feed that "
            "knows them less well; if they number different accounts alike, "
        )
    else:
        advice = (
            "One row would take the other's place, and its value be gone. If the two systems "
            "number on their own, "
        )
    advice += (
        f"make the key tell them apart in feed {batch.feed}: {_key_advice(settings.feeds, batch)}. "
        "If one corrects the other's rows, make them one feed whose `path` matches both files"
    )
    advice += "." if is_identity else "; if each knows a part of a row, join them before delivery."
    return Doubt(
        batch.batch_id,
        "two feeds do not share a key with different values",
        f"{count} of {batch.loaded_count} rows of feed {batch.feed} have a key ({key}) that feed "
        f"{other} gave with other values",
        advice,
        not is_identity and count > limit * batch.loaded_count,
    )


def _key_advice(feeds: Feeds, batch: Batch) -> str:
    wanted = delivered_key(SOURCES[batch.source])
    column = next((c for c in wanted if c.endswith("_id")), wanted[0])
    given = {feed.name: feed.columns for feed in feeds.feeds}.get(batch.feed, {}).get(
        column, column
    )
    return f"`{column}: \"'{batch.feed[0]}:' || {given}\"`"


def _counting(batches: Sequence[Batch]) -> list[Batch]:
    """The accepted batches whose rows count: of a feed of snapshots, the newest."""
    newest: dict[str, int] = defaultdict(int)
    for batch in batches:
        if batch.delivery == "snapshot":
            newest[batch.feed] = max(newest[batch.feed], batch.sequence)
    return [batch for batch in batches if batch.sequence >= newest[batch.feed]]
