"""What the report reads from a release: a few small aggregates of the marts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

from saydo.release import has_metrics

MONTHS_SHOWN = 24
READINESS = (
    "source",
    "feature",
    "grade",
    "why",
    "loaded_count",
    "quarantined_count",
    "match_ratio",
    "coverage_ratio",
    "last_event_at",
)


class Month(NamedTuple):
    """A month of the business: the day its metrics are known by, and they by code, where known."""

    day_date: date
    metrics: dict[str, Decimal]
    answer_count: Decimal


class Band(NamedTuple):
    """The customers of one satisfaction band (null: no answer) at the as-of date."""

    satisfaction_band: str | None
    customer_count: int
    active_count: int
    total_mrr: Decimal
    revenue_90d: Decimal
    mean_experience_score: float | None


def months(connection: duckdb.DuckDBPyConnection) -> list[Month]:
    """The headline metrics of the last two years by month, oldest first."""
    if not has_metrics(connection):
        return []
    found: dict[date, Month] = {}
    for day, code, value, base in connection.execute(
        "select day_date, metric_code, value, denominator from metrics_daily "
        "where segment_type = 'all' order by day_date, metric_code"
    ).fetchall():
        month = found.setdefault(day, Month(day, {}, Decimal(0)))
        month.metrics[code] = value
        if code == "satisfaction_score":
            found[day] = month._replace(answer_count=base)
    return list(found.values())[-MONTHS_SHOWN:]


def bands(connection: duckdb.DuckDBPyConnection) -> list[Band]:
    """One row per satisfaction band, least satisfied first, without an answer last."""
    rows = connection.execute(
        "select satisfaction_band, count(*), count(*) filter (customer_status = 'active'), "
        "coalesce(sum(monthly_recurring_revenue), 0), coalesce(sum(revenue_90d), 0), "
        "avg(experience_score_30d) from customer_profiles group by satisfaction_band"
    ).fetchall()
    order = {"dissatisfied": 0, "neutral": 1, "fan": 2, None: 4}
    return sorted((Band(*row) for row in rows), key=lambda band: order.get(band[0], 3))


def readiness(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], list[tuple[Any, ...]]]:
    """What the data can bear: names and rows of the columns of data_readiness that say it."""
    listed = ", ".join(READINESS)
    rows = connection.execute(f"select {listed} from data_readiness order by source, feature")
    return list(READINESS), rows.fetchall()
