"""Three figures that say what a release holds, each with the SQL that gives it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

from saydo.engine import open_database
from saydo.release.database import DATABASE
from saydo.release.store import release_dir
from saydo.settings import Settings


class Headline(NamedTuple):
    """A figure for people: its label, its value as text, and one line of SQL that reproduces it."""

    label: str
    value: str
    sql: str


_CUSTOMERS = (
    "select count(*) as customer_count, count(*) filter (where customer_status = 'active') "
    "as active_count from customer_profiles"
)
_REVENUE = (
    "select sum(monthly_recurring_revenue) as mrr, max(currency_code) as currency_code "
    "from customer_profiles"
)
_SATISFACTION = (
    "select month_start_date, avg(satisfaction_score) as mean_score, count(satisfaction_score) "
    "as customer_count from customer_months where satisfaction_score is not null "
    "group by month_start_date order by month_start_date desc limit 1"
)


def headline(settings: Settings, release_id: str) -> list[Headline]:
    """Customers, monthly recurring revenue and the latest month's satisfaction of a release.

    Every SQL runs as it is on the release's marts.duckdb.

    Raises:
        ConfigError: there is no such release.
    """
    file = release_dir(settings, release_id) / DATABASE
    with open_database(settings, file, read_only=True) as connection:
        customers, active = _row(connection, _CUSTOMERS)
        revenue, currency = _row(connection, _REVENUE)
        month, mean, answered = _row(connection, _SATISFACTION) or (None, None, 0)
    score = "no answer yet" if mean is None else f"{mean:.2f} of 10, from {answered:,} customers"
    return [
        Headline("Customers", f"{customers:,}, of whom {active:,} active", _CUSTOMERS),
        Headline(
            "Monthly recurring revenue",
            f"{revenue or Decimal(0):,.2f} {currency or ''}".strip(),
            _REVENUE,
        ),
        Headline("Mean satisfaction" + (f", {month:%B %Y}" if month else ""), score, _SATISFACTION),
    ]


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return connection.execute(sql).fetchone()
