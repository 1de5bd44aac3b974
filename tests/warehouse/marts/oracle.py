"""The figures of customer_months computed again from staged rows: plain Python, exact fractions.

Written from the definitions, apart from the models: one fact at a time, no summing in stages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Rows = Callable[[str], list[dict[str, Any]]]
Figures = dict[tuple[str, date], Any]

PER_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
SIGN = {"charge": 1, "one_off": 1, "refund": -1, "credit": -1, "payment": 0}


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up, away from zero."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


class Oracle:
    """Recomputes from `rows(sql)`: staging, and who owned which identifier when."""

    def __init__(self, rows: Rows, zone: str, as_of: date):
        self.rows = rows
        self.zone = ZoneInfo(zone)
        self.as_of = as_of
        self.spans: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for span in rows("select * from intermediate.int_identifiers_resolved where not is_shared"):
            self.spans[span["id_type"], span["id_key"]].append(span)

    def local(self, instant: datetime) -> datetime:
        return instant.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)

    def owner(self, row: dict[str, Any], at: datetime) -> str | None:
        for span in self.spans[row["id_type"], row["id_key"]]:
            since, until = span["valid_from_at"], span["valid_to_at"]
            if (since is None or since <= at) and (until is None or at < until):
                return span["customer_id"]
        return None

    def owner_on(self, row: dict[str, Any], day: date) -> str | None:
        for span in self.spans[row["id_type"], row["id_key"]]:
            if span["valid_from_date"] <= day < span["valid_to_date"]:
                return span["customer_id"]
        return None

    def closing_mrr(self, months: list[date]) -> Figures:
        """Monthly price of what is active at each month's end."""
        figures: Figures = defaultdict(Decimal)
        for row in self.rows("select * from staging.stg_transactions__subscriptions"):
            customer = self.owner(row, row["started_at"])
            price = rounded(
                Fraction(row["recurring_amount"])
                * Fraction(PER_YEAR[row["billing_interval"]], 12 * (row["interval_count"] or 1)),
                2,
            )
            started, ended = self.local(row["started_at"]), row["ended_at"]
            for month in months:
                last = min(
                    (month + timedelta(days=31)).replace(day=1) - timedelta(days=1), self.as_of
                )
                end = datetime.combine(last + timedelta(days=1), datetime.min.time())
                if customer and started < end and (ended is None or self.local(ended) >= end):
                    figures[customer, month] += price
        return figures

    def revenue(self) -> Figures:
        figures: Figures = defaultdict(Decimal)
        for row in self.rows("select * from staging.stg_transactions__transactions"):
            customer = self.owner(row, row["occurred_at"])
            month = self.local(row["occurred_at"]).date().replace(day=1)
            if customer and SIGN[row["transaction_type"]]:
                figures[customer, month] += SIGN[row["transaction_type"]] * row["amount"]
        return figures

    def satisfaction(self) -> Figures:
        answers: dict[tuple[str, date], list[Fraction]] = defaultdict(list)
        for row in self.rows(
            "select * from staging.stg_survey__responses "
            "where question_role = 'overall_satisfaction' and score is not null"
        ):
            customer = self.owner(row, row["responded_at"])
            month = self.local(row["responded_at"]).date().replace(day=1)
            answers[customer, month].append(Fraction(row["score"]))
        return {key: rounded(sum(v) / len(v), 4) for key, v in answers.items() if key[0]}

    def experience(self) -> dict[tuple[str, date], Experience]:
        """What the rows of each customer's month come to."""
        usage: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows("select * from staging.stg_network__usage_daily"):
            customer = self.owner_on(row, row["usage_date"])
            if customer:
                usage[customer, row["usage_date"].replace(day=1)].append(row)
        return {key: experience(rows) for key, rows in usage.items()}


@dataclass(frozen=True)
class Experience:
    """What rows of usage of one customer come to: built-in KPIs, and minutes without service."""

    scores: dict[str, Fraction | None]
    outages: dict[date, Fraction]  # by day, of the identifier that had most of them

    @property
    def mean(self) -> Decimal | None:
        known = [score for score in self.scores.values() if score is not None]
        return rounded(sum(known) / len(known), 4) if known else None

    def fault_days(self, least: int) -> int:
        return sum(minutes >= least for minutes in self.outages.values())


def experience(rows: list[dict[str, Any]]) -> Experience:
    """The KPIs of a customer's rows of usage, whatever span they are of."""

    def total(name: str) -> Fraction | None:
        known = [Fraction(row[name]) for row in rows if row[name] is not None]
        return sum(known, Fraction(0)) if known else None

    def mean(name: str) -> Fraction | None:
        known = [row for row in rows if row[name] is not None and row["session_count"] is not None]
        weight = sum(Fraction(row["session_count"]) for row in known)
        weighted = sum(Fraction(row[name]) * Fraction(row["session_count"]) for row in known)
        return weighted / weight if weight else None

    def ratio(over: Fraction | None, under: Fraction | None) -> Fraction | None:
        return over / under if over is not None and under else None

    lines: dict[tuple[date, str], Fraction] = defaultdict(Fraction)
    for row in rows:  # outages at several sites follow each other, those of several lines may not
        lines[row["usage_date"], row["id_key"]] += Fraction(row["outage_minutes"] or 0)
    outages: dict[date, Fraction] = defaultdict(Fraction)
    for (day, _), minutes in lines.items():
        outages[day] = max(outages[day], min(minutes, Fraction(24 * 60)))
    is_measured = total("outage_minutes") is not None
    hours, days = total("usage_minutes"), len(outages)
    kpis = {  # value, good, poor
        "failed_sessions": (
            ratio(total("failed_session_count"), total("session_count")), 0, Fraction(1, 10)
        ),
        "dropped_sessions": (
            ratio(total("dropped_session_count"), total("session_count")), 0, Fraction(1, 10)
        ),
        "stalling": (ratio(total("stall_seconds"), hours and hours / 60), 0, 120),
        "throughput": (mean("throughput_mbps"), 30, 2),
        "latency": (mean("latency_ms"), 20, 150),
        "outages": (
            ratio(sum(outages.values()) if is_measured else None, Fraction(days)), 0, 60
        ),
    }  # fmt: skip
    return Experience(
        {
            name: None
            if value is None
            else min(Fraction(100), max(Fraction(0), 100 * (value - poor) / (good - poor)))
            for name, (value, good, poor) in kpis.items()
        },
        outages,
    )
