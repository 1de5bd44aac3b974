"""What the report reads from a release: a few small aggregates of the marts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

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
    """A month of the business: means over customers (null: nobody), money in total."""

    month_start_date: date
    mean_satisfaction_score: float | None
    mean_experience_score: float | None
    closing_mrr: Decimal
    response_count: int


class Band(NamedTuple):
    """The customers of one satisfaction band (null: no answer) at the as-of date."""

    satisfaction_band: str | None
    customer_count: int
    active_count: int
    total_mrr: Decimal
    revenue_90d: Decimal
    mean_experience_score: float | None


def months(connection: duckdb.DuckDBPyConnection) -> list[Month]:
    """The last two years by month, oldest first."""
    rows = connection.execute(
        "select month_start_date, avg(satisfaction_score), avg(experience_score), "
        "coalesce(sum(closing_mrr), 0), count(satisfaction_score) from customer_months "
        "group by month_start_date order by month_start_date desc limit ?",
        [MONTHS_SHOWN],
    ).fetchall()
    return [Month(*row) for row in reversed(rows)]


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
