"""Headline metrics of the current release, by MetricFlow, in the words that people use.

`month` and `region_code` mean the same for every metric, whichever table it is defined on:
MetricFlow has a name of its own for each table's, and scores are published by segment already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from saydo.config.types import unknown
from saydo.errors import ConfigError
from saydo.metrics import definitions
from saydo.metrics.tables import MetricTable, metric_tables
from saydo.release.store import read_manifest
from saydo.serve.ask.metric_flow import metric_sql
from saydo.serve.ask.reading import Limits, asked
from saydo.settings import Settings
from saydo.sql import literal, quoted

_DECIMALS = 6  # those of metrics_daily
_NOT_KNOWN = "unknown"  # whom no segment is known of, as metrics_daily calls them


class AskableMetric(NamedTuple):
    """A headline metric of a release, and what it can be asked by."""

    code: str
    label: str
    unit: str
    description: str
    table_name: str
    group_by: tuple[str, ...]


class MetricAnswer(NamedTuple):
    """Figures by group: `rows` have the columns in order; a metric without a figure is None."""

    release_id: str
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]


def list_metrics(settings: Settings, limits: Limits | None = None) -> list[AskableMetric]:
    """Every headline metric, in the order of its definitions.

    Raises:
        ConfigError: nothing is published, or the release is of a version without these tables.
    """
    release_id = read_manifest(settings)["release_id"]
    names, units = _known(settings, metric_tables(), release_id, limits)
    table_of = {code: table for table in metric_tables() for code in table.metrics}
    return [
        AskableMetric(
            metric.code,
            metric.label,
            units.get(metric.code, metric.unit).replace("money", "the reporting currency"),
            metric.description,
            table.name,
            (*table.grains, *names[table.name]),
        )
        for metric in definitions()
        for table in [table_of[metric.code]]
    ]


def query_metrics(
    settings: Settings,
    metrics: Sequence[str],
    by: Sequence[str] = (),
    where: Mapping[str, Iterable[str]] | None = None,
    start: date | None = None,
    end: date | None = None,
    limits: Limits | None = None,
) -> MetricAnswer:
    """Ask headline metrics of the current release, side by side in one table.

    Over several months, what stands at a month's end is that of the last one, and everything else
    is taken together by what it is a share or a mean of.

    Args:
        settings: the home.
        metrics: codes, as `list_metrics` has them.
        by: spans of time (day, month, quarter, year) and names of segments.
        where: name of a segment to the codes that count.
        start, end: the first and the last day that count.
        limits: of each table's query.

    Raises:
        ConfigError: a name is unknown (the nearest is named), a metric is not known by it, or
            nothing is published.
        QueryRefused: it takes more than its limits.
    """
    where = {name: tuple(codes) for name, codes in (where or {}).items()}
    _check(metrics, by, where, start, end)
    release_id = read_manifest(settings)["release_id"]
    tables = [table for table in metric_tables() if set(metrics) & set(table.metrics)]
    known, _ = _known(settings, tables, release_id, limits)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for table in tables:
        codes = [code for code in metrics if code in table.metrics]
        sql = _sql(table, codes, by, where, known[table.name], start, end)
        _check_codes(settings, table, where, release_id, limits)
        for group, figures in _figures(settings, sql, codes, len(by), release_id, limits):
            found.setdefault(group, {}).update(figures)
    rows = [
        dict(zip(by, group, strict=True)) | {code: figures.get(code) for code in metrics}
        for group, figures in sorted(found.items(), key=lambda item: item[0])
        if any(value is not None for value in figures.values())
    ]
    return MetricAnswer(release_id, (*by, *metrics), rows)


def _check(
    metrics: Sequence[str],
    by: Sequence[str],
    where: Mapping[str, Sequence[str]],
    start: date | None,
    end: date | None,
) -> None:
    known = [metric.code for metric in definitions()]
    for code in metrics:
        if code not in known:
            raise ConfigError(unknown("metric", code, known))
    if not metrics:
        raise ConfigError(f"name at least one metric: {', '.join(known)}")
    twice = {name for name in (*by, *metrics) if [*by, *metrics].count(name) > 1}
    if twice:
        raise ConfigError(f"named twice: {', '.join(sorted(twice))}")
    # MetricFlow reads conditions as templates.
    odd = [code for codes in where.values() for code in codes if set("{}") & set(code)]
    if odd:
        raise ConfigError(f"no segment's code holds a brace: {', '.join(odd)}")
    if start and end and start > end:
        raise ConfigError(f"the first day {start} is after the last day {end}")


def _known(
    settings: Settings, tables: Sequence[MetricTable], release_id: str, limits: Limits | None
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """What each table's metrics can be told apart by in this release, and each metric's unit."""
    parts = [
        "select 'unit' as of, metric_code as name, max(unit) as unit "
        "from metrics_daily group by all"
    ]
    parts += [
        f"select {literal(table.name)}, segment_type, null from {quoted(table.name)} "
        "where segment_type <> 'all' group by all"
        for table in tables
        if table.is_segmented
    ]
    rows = _rows(settings, f"{' union all '.join(parts)} order by 1, 2", release_id, limits)
    names = {
        table.name: (*table.dimensions, *(name for of, name, _ in rows if of == table.name))
        for table in tables
    }
    return names, {name: unit for of, name, unit in rows if of == "unit"}


def _check_codes(
    settings: Settings,
    table: MetricTable,
    where: Mapping[str, Sequence[str]],
    release_id: str,
    limits: Limits | None,
) -> None:
    """A code that nobody has would leave out figures without a word."""
    for name, codes in where.items():
        is_segment = name not in table.dimensions
        column = "segment_code" if is_segment else name
        sql = (
            f"select distinct coalesce(cast({quoted(column)} as varchar), {literal(_NOT_KNOWN)}) "
            f"from {quoted(table.name)}"
        )
        if is_segment:
            sql += f" where segment_type = {literal(name)}"
        valid = sorted(code for (code,) in _rows(settings, sql, release_id, limits))
        for code in codes:
            if code not in valid:
                raise ConfigError(f"{unknown(name, code, valid)} (in {table.name})")


def _sql(
    table: MetricTable,
    codes: Sequence[str],
    by: Sequence[str],
    where: Mapping[str, Sequence[str]],
    known: Sequence[str],
    start: date | None,
    end: date | None,
) -> str:
    """The table's figures: the groups in the order of `by`, then the metrics."""
    of = ", ".join(codes)
    for names, valid in ((by, (*table.grains, *known)), (where, known)):
        for name in names:
            if name not in valid:
                raise ConfigError(f"{unknown('name', name, valid)} ({of} of {table.name})")
    segments = {n for n in (*by, *where) if n not in (*table.grains, *table.dimensions)}
    if len(segments) > 1:
        raise ConfigError(f"{of}: known by one of {', '.join(sorted(segments))} at a time")
    columns, conditions = [], []
    for name in by:
        if name in table.grains:
            columns.append(f"metric_time__{name}")
        else:
            columns.append(table.in_metricflow("segment_code" if name in segments else name))
    if table.is_segmented:
        kind = next(iter(segments), "all")
        conditions.append(_condition(table.in_metricflow("segment_type"), (kind,)))
    for name, allowed in where.items():
        column = "segment_code" if name in segments else name
        conditions.append(_condition(table.in_metricflow(column), allowed))
    asked_for = metric_sql(codes, columns, conditions, start, end)
    shown = [f"cast({quoted(c)} as date)" if c.startswith("metric_time__")
             else f"coalesce(cast({quoted(c)} as varchar), {literal(_NOT_KNOWN)})"
             for c in columns]  # fmt: skip
    return f"select {', '.join([*shown, *map(quoted, codes)])} from (\n{asked_for}\n)"


def _condition(column: str, codes: Sequence[str]) -> str:
    listed = ", ".join(map(literal, codes))
    of = f"cast({{{{ Dimension('{column}') }}}} as varchar)"
    return f"coalesce({of}, {literal(_NOT_KNOWN)}) in ({listed})"


def _figures(
    settings: Settings,
    sql: str,
    codes: Sequence[str],
    group_size: int,
    release_id: str,
    limits: Limits | None,
) -> Iterable[tuple[tuple[Any, ...], dict[str, Decimal | None]]]:
    for row in _rows(settings, sql, release_id, limits):
        figures = map(_rounded, row[group_size:])
        yield row[:group_size], dict(zip(codes, figures, strict=True))


def _rounded(value: Any) -> Decimal | None:
    return None if value is None else round(Decimal(str(value)), _DECIMALS)


def _rows(
    settings: Settings, sql: str, release_id: str, limits: Limits | None
) -> list[tuple[Any, ...]]:
    with asked(settings, sql, limits=limits, release_id=release_id) as answer:
        rows = list(answer.rows())
    if answer.is_cut:
        raise ConfigError("too many groups; ask for fewer at a time")
    return rows
