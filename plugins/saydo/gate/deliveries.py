"""The small database that the source suites look at: the new batches, and how they compare.

Beside one view per source it holds four tables, all without a personal value:

- `deliveries`: one row per new batch. feed, rows, share of orphans, the end of the day it was
  landed, and its rows a day beside the usual, the least and the most of the feed's other batches.
- `delivery_columns`: one row per new batch and column. Null ratio and magnitude beside the usual.
- `delivery_categories`: one row per new batch, code column and value that no other batch has, with
  the logarithm of the chance that rows shuffled among all batches would give that.
- `delivery_doubts`: one row per new batch and way in which it is unlike its feed's past, or
  contradicts another feed or the dictionaries, see `saydo.gate.past`.

The other batches are accepted ones and the new ones beside it, the nearest in load order: of many
files landed together, the first may be the odd one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow

from saydo.engine import open_database
from saydo.gate.facts import Facts, load, measure
from saydo.gate.past import (
    HISTORY,
    LEAST_DAYS,
    Delivered,
    around,
    beside_other_feeds,
    compare,
)
from saydo.landing.ledger import Batch
from saydo.settings import Settings
from saydo.sql import literal, quoted

_LEAST_OTHERS = 3

_TABLES = {
    "deliveries": {
        "_batch_id": pyarrow.string(),
        "feed": pyarrow.string(),
        "source": pyarrow.string(),
        "row_count": pyarrow.int64(),
        "landed_day_ends_at": pyarrow.timestamp("us"),
        "landed_date": pyarrow.date32(),
        "orphan_ratio": pyarrow.float64(),
        "is_rhythm_known": pyarrow.bool_(),
        "rows_per_day": pyarrow.float64(),
        "usual_rows_per_day": pyarrow.float64(),
        "least_rows_per_day": pyarrow.float64(),
        "most_rows_per_day": pyarrow.float64(),
    },
    "delivery_columns": {
        "_batch_id": pyarrow.string(),
        "column_name": pyarrow.string(),
        "row_count": pyarrow.int64(),
        "other_batch_count": pyarrow.int64(),
        "null_ratio": pyarrow.float64(),
        "usual_null_ratio": pyarrow.float64(),
        "magnitude": pyarrow.float64(),
        "usual_magnitude": pyarrow.float64(),
    },
    "delivery_categories": {
        "_batch_id": pyarrow.string(),
        "column_name": pyarrow.string(),
        "new_value": pyarrow.string(),
        "row_count": pyarrow.int64(),
        "chance_log10": pyarrow.float64(),
    },
    "delivery_doubts": {
        "_batch_id": pyarrow.string(),
        "doubt": pyarrow.string(),
        "seen": pyarrow.string(),
        "advice": pyarrow.string(),
        "is_grave": pyarrow.bool_(),
    },
}


def history_folder(settings: Settings) -> Path:
    """Where the measurements of accepted batches are kept."""
    return settings.state / "gate" / "history"


def build_database(
    database: Path, settings: Settings, batches: Sequence[Batch], earlier: Sequence[Batch]
) -> dict[str, Facts]:
    """Write the database of views and tables described above.

    Args:
        database: file to create.
        batches: the new ones, each with at least one row.
        earlier: the accepted ones, of any feed.

    Returns:
        batch_id to the measurements of each new batch.
    """
    by_source = defaultdict(list)
    for batch in batches:
        by_source[batch.source].append(batch)
    facts: dict[str, Facts] = {}
    with open_database(settings, database) as connection:
        _create_known_identifiers(connection, settings, [*batches, *earlier])
        for source, members in by_source.items():
            # A view: raw is read where it lies, and no row of it is copied into this file.
            _create_view(connection, settings, source, members)
            empty = {batch.batch_id: Facts(batch.batch_id, 0) for batch in members}
            facts |= empty | measure(connection, source, settings.feeds.business.timezone)
        rows = _compare(settings, batches, earlier, facts)
        for source, members in by_source.items():
            accepted = [batch for batch in earlier if batch.source == source]
            doubts = beside_other_feeds(connection, settings, source, members, accepted)
            rows["delivery_doubts"] += [doubt.row for doubt in doubts]
        for table, columns in _TABLES.items():
            content = pyarrow.Table.from_pylist(rows[table], pyarrow.schema(columns.items()))
            connection.register("content", content)
            connection.execute(f"create table {quoted(table)} as select * from content")
            connection.unregister("content")
    return facts


def _create_view(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    batches: Sequence[Batch],
) -> None:
    connection.execute(
        f"create view {quoted(source)} as select * from {_parquet(settings, source, batches)}"
    )


def _parquet(settings: Settings, source: str, batches: Sequence[Batch]) -> str:
    folder = settings.raw.absolute() / source
    files = ", ".join(
        literal(folder / f"batch={b.batch_id}" / "month=*" / "data.parquet") for b in batches
    )
    return f"read_parquet([{files}], union_by_name = true, hive_partitioning = false)"


def _create_known_identifiers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, batches: Sequence[Batch]
) -> None:
    """Every identifier that any account has had, at any time."""
    connection.execute("create table known_identifiers (id_type varchar, id_key varchar)")
    for source, columns in (
        ("accounts", "'account_id', account_key"),
        ("account_identifiers", "id_type, id_key"),
        ("account_identifiers", "'account_id', account_key"),
    ):
        folder = settings.raw / source
        # Retention may have taken an accepted batch's data away.
        members = [b for b in batches if (folder / f"batch={b.batch_id}").exists()]
        if members:
            connection.execute(
                f"insert into known_identifiers select distinct {columns} "
                f"from {_parquet(settings, source, members)}"
            )
    # Each insert is distinct by itself alone, and a join with repeated keys would count rows twice.
    connection.execute(
        "create or replace table known_identifiers as select distinct * from known_identifiers"
    )


def _compare(
    settings: Settings,
    batches: Sequence[Batch],
    earlier: Sequence[Batch],
    facts: dict[str, Facts],
) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in _TABLES}
    feeds = {
        batch.feed: _delivered(settings, batch.feed, batches, earlier, facts) for batch in batches
    }
    last_days = {
        feed: max((item.last_day for item in items if item.last_day), default=None)
        for feed, items in feeds.items()
    }
    for feed, items in sorted(feeds.items()):
        for position, item in enumerate(items):
            if item.is_new:
                others = [other.facts for other in around(items, position)]
                rows["deliveries"].append(_delivery(settings, item.batch, item.facts, others))
                rows["delivery_columns"] += _columns(item.facts, others)
                rows["delivery_categories"] += _categories(item.facts, others)
        # How far the other feeds have come: what a feed alone cannot know of its own missing days.
        elsewhere = max((d for f, d in last_days.items() if f != feed and d), default=None)
        doubts = compare(items, settings.policy, elsewhere)
        rows["delivery_doubts"] += [doubt.row for doubt in doubts]
    return rows


def _delivered(
    settings: Settings,
    feed: str,
    batches: Sequence[Batch],
    earlier: Sequence[Batch],
    facts: dict[str, Facts],
) -> list[Delivered]:
    """A feed's batches in load order: a year of accepted ones with measurements, and the new."""
    accepted = {b.batch_id: b for b in sorted(earlier, key=_sequence) if b.feed == feed}
    past = load(history_folder(settings), list(accepted)[-HISTORY:])
    new = sorted((batch for batch in batches if batch.feed == feed), key=_sequence)
    return [
        *(Delivered(accepted[fact.batch_id], fact, False) for fact in past),
        *(Delivered(batch, facts[batch.batch_id], True) for batch in new),
    ]


def _sequence(batch: Batch) -> int:
    return batch.sequence


def _delivery(
    settings: Settings, batch: Batch, mine: Facts, others: Sequence[Facts]
) -> dict[str, Any]:
    # A snapshot holds everything each time: its size is its volume.
    is_snapshot = batch.delivery == "snapshot"
    volumes = [fact.row_count if is_snapshot else fact.rows_per_day for fact in others]
    known = [float(volume) for volume in volumes if volume is not None]
    days = LEAST_DAYS if is_snapshot else sum(fact.day_count or 0 for fact in others)
    zone = settings.feeds.business.zone
    landed = datetime.fromisoformat(str(batch.landed_at))
    # An instant of the ledger that names no zone is UTC.
    landed = landed.replace(tzinfo=landed.tzinfo or UTC)
    last_date = landed.astimezone(zone).date() + timedelta(
        days=settings.policy.gate.max_future_days
    )
    ends = datetime.combine(last_date + timedelta(days=1), time(), zone).astimezone(UTC)
    return {
        "_batch_id": batch.batch_id,
        "feed": batch.feed,
        "source": batch.source,
        "row_count": mine.row_count,
        "landed_day_ends_at": ends.replace(tzinfo=None),
        "landed_date": last_date,
        "orphan_ratio": mine.orphan_ratio,
        "is_rhythm_known": len(known) >= _LEAST_OTHERS and days >= LEAST_DAYS,
        "rows_per_day": mine.row_count if is_snapshot else mine.rows_per_day,
        "usual_rows_per_day": median(known) if known else None,
        "least_rows_per_day": min(known, default=None),
        "most_rows_per_day": max(known, default=None),
    }


def _columns(mine: Facts, others: Sequence[Facts]) -> list[dict[str, Any]]:
    rows = []
    for column, null_ratio in mine.null_ratios.items():
        nulls = [fact.null_ratios[column] for fact in others if column in fact.null_ratios]
        magnitudes = [fact.magnitudes[column] for fact in others if column in fact.magnitudes]
        rows.append(
            {
                "_batch_id": mine.batch_id,
                "column_name": column,
                "row_count": mine.row_count,
                "other_batch_count": len(nulls),
                "null_ratio": null_ratio,
                "usual_null_ratio": median(nulls) if nulls else None,
                "magnitude": mine.magnitudes.get(column),
                "usual_magnitude": median(magnitudes) if magnitudes else None,
            }
        )
    return rows


def _categories(mine: Facts, others: Sequence[Facts]) -> list[dict[str, Any]]:
    """Values no other batch has: of a code column, and of the scale of a question others have."""
    rows: list[tuple[str, str, int | None, float | None]] = []
    total = mine.row_count + sum(fact.row_count for fact in others)
    is_rhythm_known = (
        len(others) >= _LEAST_OTHERS and sum(fact.day_count or 0 for fact in others) >= LEAST_DAYS
    )
    for column, counts in mine.categories.items():
        known = {value for fact in others for value in fact.categories.get(column, ())}
        for value, count in counts.items():
            if is_rhythm_known and known and value not in known:
                # Of rows shuffled among all batches, each is here with the share of this batch: so
                # likely is it that all `count` of a value are. Logarithms, as it underflows.
                chance_log10 = count * math.log10(mine.row_count / total)
                rows.append((column, value, count, chance_log10))
    for question, scales in mine.scales.items():
        known = {scale for fact in others for scale in fact.scales.get(question, ())}
        rows += [
            ("scale", f"{question} {scale}", None, None)
            for scale in scales
            if known and scale not in known
        ]
    names = ("column_name", "new_value", "row_count", "chance_log10")
    return [{"_batch_id": mine.batch_id} | dict(zip(names, row, strict=True)) for row in rows]
