"""Measure each new batch once, and keep the measurements of accepted ones to compare with.

Comparing a delivery with earlier ones must cost what is new, not what was ever loaded: an accepted
batch leaves a small file of its measurements, and nothing is read again.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import duckdb

from saydo.contract import PLUMBING, SOURCES, Source
from saydo.durable import replace_text
from saydo.gate.profiles import profile
from saydo.gate.samples import showable
from saydo.sql import quoted

# A code list is short; a column with more values than this is no category.
_MAX_CATEGORIES = 200
# Site codes are many, and come and go with the network.
_NO_CATEGORY = {"site_code"}


@dataclass(frozen=True)
class Facts:
    """Measurements of one batch; nothing of it names a person.

    Attributes:
        rows_per_day: rows on a typical event day, weighted by rows, so that a few late rows of
            other days do not hide the day that was delivered; null for a source of records.
        null_ratios: column to its share of nulls.
        magnitudes: numeric column to the geometric mean of its non-zero absolute values, which
            moves by exactly the factor of a changed unit and little by an outlier.
        categories: code column to its values and their rows.
        scales: question code to its scales, as `1-5`.
        days: day of the business to the rows of its events, the newest of them, as `2025-03-01`.
        hours: rows of each hour of the business's day; empty for a source of dates.
        late_in_month: of a source of records, the share of rows dated after the 12th of a month.
        signs: amount or measure to its values below zero and to those that are not zero.
        scores: question code to the rows of each of 21 steps from its worst answer to its best.
        shared: id_type to the most accounts that one identifier of it has in this batch.
        keys: the smallest hashes of the rows' keys: two batches share them as they share rows.
    """

    batch_id: str
    row_count: int
    day_count: int | None = None
    rows_per_day: float | None = None
    orphan_ratio: float | None = None
    null_ratios: dict[str, float] = field(default_factory=dict)
    magnitudes: dict[str, float] = field(default_factory=dict)
    categories: dict[str, dict[str, int]] = field(default_factory=dict)
    scales: dict[str, list[str]] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    hours: list[int] = field(default_factory=list)
    late_in_month: float | None = None
    signs: dict[str, list[int]] = field(default_factory=dict)
    scores: dict[str, dict[str, int]] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)
    keys: list[int] = field(default_factory=list)


def measure(
    connection: duckdb.DuckDBPyConnection, source_name: str, zone: str = "UTC"
) -> dict[str, Facts]:
    """Measure every batch in the view named as the source, beside the table known_identifiers.

    Args:
        connection: holds them.
        source_name: a canonical table.
        zone: the business's, for its days and hours.

    Returns:
        batch_id to its facts.
    """
    source = SOURCES[source_name]
    types = {
        row[0]: row[1]
        for row in connection.execute(f"describe {quoted(source_name)}").fetchall()
        if row[0] not in PLUMBING
    }
    numeric = [column for column, kind in types.items() if kind.startswith("DECIMAL")]
    parts = ["count(*)", *(f"count({quoted(column)})" for column in types)]
    # The geometric mean: a unit changed by 1,000 moves it by 1,000, whatever the outliers.
    parts += [f"exp(avg(ln(nullif(abs({quoted(c)}), 0))))" for c in numeric]
    rows = connection.execute(
        f"select _batch_id, {', '.join(parts)} from {quoted(source_name)} group by _batch_id"
    ).fetchall()
    days = _days(connection, source)
    orphans = _orphan_ratios(connection, source)
    categories = _categories(connection, source)
    scales = _scales(connection, source)
    profiles = profile(connection, source, numeric, zone)
    facts = {}
    for batch_id, row_count, *values in rows:
        filled, magnitudes = values[: len(types)], values[len(types) :]
        facts[batch_id] = Facts(
            batch_id,
            row_count,
            *days.get(batch_id, (None, None)),
            orphans.get(batch_id),
            {c: 1 - n / row_count for c, n in zip(types, filled, strict=True)},
            {
                # Threads sum in any order: the last digits of a mean are not the same on each run.
                c: float(f"{m:.6g}")
                for c, m in zip(numeric, magnitudes, strict=True)
                if m is not None
            },
            categories.get(batch_id, {}),
            scales.get(batch_id, {}),
            **profiles.get(batch_id, {}),
        )
    return facts


def _days(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[str, tuple[int, float]]:
    """batch_id to the fewest days that hold four fifths of its rows, and the mean of those."""
    # A source with versions holds records of any age, not the events of a day.
    if source.event_time is None or source.version_column:
        return {}
    rows = connection.execute(
        f"""
        with days as (
            select
                _batch_id,
                cast({quoted(source.event_time)} as date) as event_date,
                count(*) as row_count
            from {quoted(source.name)}
            group by all
        ),
        running as (
            select
                _batch_id,
                row_count,
                sum(row_count) over busiest - row_count as rows_before,
                sum(row_count) over (partition by _batch_id) as total
            from days
            window busiest as (
                partition by _batch_id order by row_count desc, event_date
                rows unbounded preceding
            )
        )
        select _batch_id, count(*), cast(avg(row_count) as double)
        from running
        -- The busiest days that hold four fifths: a few late rows of many days count for nothing.
        where rows_before < 0.8 * total
        group by _batch_id
        """
    ).fetchall()
    return {batch_id: (days, per_day) for batch_id, days, per_day in rows}


def _orphan_ratios(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[str, float]:
    """batch_id to the share of rows with an identifier that no account has had, of any it names.

    None if no identifier is known.
    """
    if source.family == "identity" or not source.identifiers:
        return {}
    if not connection.execute("select 1 from known_identifiers limit 1").fetchall():
        return {}
    names = ", ".join(f"{id_type}, {id_key}" for id_type, id_key in source.identifiers)
    unknown = " or ".join(f"known_{id_key}.id_key is null" for _, id_key in source.identifiers)
    joins = " ".join(
        f"left join known_identifiers as known_{id_key} on facts.{id_type} = known_{id_key}.id_type"
        f" and facts.{id_key} = known_{id_key}.id_key"
        for id_type, id_key in source.identifiers
    )
    return dict(
        connection.execute(
            f"""
            with facts as (
                select _batch_id, {names}, count(*) as row_count
                from {quoted(source.name)}
                group by all
            )
            select
                _batch_id,
                cast(sum(case when {unknown} then row_count else 0 end) as double)
                / sum(row_count)
            from facts {joins}
            group by _batch_id
            """
        ).fetchall()
    )


def _categories(
    connection: duckdb.DuckDBPyConnection, source: Source
) -> dict[str, dict[str, dict[str, int]]]:
    """batch_id to column to value to its number of rows."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for column in source.columns:
        # A value outside an enumeration of the contract never gets here.
        if not column.name.endswith(("_code", "_type")) or column.allowed:
            continue
        if column.name in _NO_CATEGORY:
            continue
        rows = connection.execute(
            f"select _batch_id, {quoted(column.name)}, count(*) from {quoted(source.name)} "
            f"where {quoted(column.name)} is not null group by all order by all"
        ).fetchall()
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for batch_id, value, count in rows:
            counts[batch_id][showable(value)] += count
        for batch_id, values in counts.items():
            if len(values) <= _MAX_CATEGORIES:
                found[batch_id][column.name] = dict(values)
    return found


def _scales(
    connection: duckdb.DuckDBPyConnection, source: Source
) -> dict[str, dict[str, list[str]]]:
    if source.name != "survey_responses":
        return {}
    found: dict[str, dict[str, list[str]]] = {}
    rows = connection.execute(
        """
        select distinct
            _batch_id,
            question_code,
            cast(scale_min as double)::varchar || '-' || cast(scale_max as double)::varchar
        from survey_responses
        where scale_min is not null and scale_max is not null
        order by all
        """
    ).fetchall()
    for batch_id, question, scale in rows:
        found.setdefault(batch_id, {}).setdefault(question, []).append(scale)
    return found


def save(folder: Path, facts: Facts) -> None:
    """Keep the measurements of an accepted batch."""
    replace_text(folder / f"{facts.batch_id}.json", json.dumps(asdict(facts)))


def load(folder: Path, batch_ids: Iterable[str]) -> list[Facts]:
    """The kept measurements of these batches; one that left none is passed over.

    A file of before lacks what was not measured then, which is not compared.
    """
    files = (folder / f"{batch_id}.json" for batch_id in batch_ids)
    return [_read(file) for file in files if file.exists()]


def _read(file: Path) -> Facts:
    kept = json.loads(file.read_text("utf-8"))
    return Facts(**{item.name: kept[item.name] for item in fields(Facts) if item.name in kept})
