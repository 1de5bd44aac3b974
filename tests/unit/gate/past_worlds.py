"""Made-up feeds with a past, measured as the gate does, without landing or Great Expectations.

A world is a feed of one table delivered in one shape; every row is drawn from its seed. Its batches
are measured at once; a fault changes the rows of the newest one, which is measured again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.contract import SOURCES, landed_columns
from saydo.gate.facts import Facts, measure
from saydo.gate.past import Delivered, Doubt, compare
from saydo.landing.ledger import Batch

ZONE = "Europe/London"
MEASURES = ("session_count", "traffic_mb", "balance_change")
# Christmas, New Year, Easter, May, August: days on which little happens.
HOLIDAYS = {(12, 25), (12, 26), (1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25)}
_DAYTIME = np.array(
    [1, 1, 0, 0, 0, 1, 3, 6, 10, 12, 12, 11, 9, 9, 10, 11, 12, 11, 9, 7, 5, 4, 3, 2]
)
_ANSWERS = np.array([1, 1, 2, 2, 3, 6, 8, 16, 24, 20, 17])  # of 0 to 10


@dataclass(frozen=True)
class Shape:
    """How a feed is delivered. `period` is what one file holds."""

    source: str = "transactions"
    rows: int = 200  # a day
    days: int = 365
    last: date = date(2025, 10, 3)
    period: str = "day"
    weekend: float = 1.0
    holiday: float = 1.0
    growth: float = 1.0
    files: int = 1
    is_midnight: bool = False
    late: float = 0.005
    history_days: int = 0  # in one file at first
    billing: float = 0.0  # more rows on the first of a month
    delivery: str = "incremental"


SHAPES = {
    "daily": Shape(),
    "daily, busier on weekdays": Shape(weekend=0.3),
    "no rows at weekends": Shape(weekend=0.0),
    "two months of days": Shape(days=60),
    "tiny": Shape(rows=3),
    "tiny, by the month": Shape(rows=3, period="month", last=date(2025, 9, 30)),
    "weekly": Shape(period="week", days=364, last=date(2025, 10, 5)),
    "monthly": Shape(period="month", rows=60, last=date(2025, 9, 30)),
    "monthly, on the first only": Shape(period="month", rows=0, billing=900),
    "the month is not over": Shape(period="month", rows=60),
    "a billing day a month": Shape(billing=1500),
    "the first file": Shape(days=1),
    "a history, then days": Shape(history_days=320),
    "two files a day": Shape(files=2),
    "holidays": Shape(holiday=0.35, last=date(2025, 12, 26)),
    "closed on holidays": Shape(holiday=0.0, last=date(2025, 12, 31)),
    "clocks go back": Shape(last=date(2025, 10, 26), days=120),
    "clocks go forward": Shape(last=date(2025, 3, 30), days=120),
    "only dates": Shape(is_midnight=True),
    "growing": Shape(growth=4.0),
    "a leap day": Shape(last=date(2024, 2, 29)),
    "usage": Shape("network_usage_daily", rows=150, weekend=1.3),
    "answers": Shape("survey_responses", rows=40),
    "answers by the month": Shape(
        "survey_responses", rows=8, period="month", last=date(2025, 9, 30)
    ),
    "contacts": Shape("interactions", rows=30, weekend=0.5),
    "contact points": Shape("account_identifiers", rows=25, late=0),
    "accounts, whole each day": Shape("accounts", rows=400, days=40, delivery="snapshot", late=0),
    "subscriptions": Shape("subscriptions", rows=30, late=0),
}


def make(shape: Shape, seed: int) -> dict[str, dict[str, Any]]:
    """Batch to its columns as arrays, in load order."""
    random = np.random.default_rng([seed, shape.rows, shape.days])
    first = shape.last - timedelta(days=shape.days - 1)
    if shape.delivery == "snapshot":
        everything = _rows(shape, random, np.full(shape.rows, np.datetime64(first)))
        return {
            f"{first + timedelta(days=n)}": {k: v[: shape.rows + n] for k, v in everything.items()}
            for n in range(shape.days)
        }
    days = []
    for offset in range(shape.days):
        day = first + timedelta(days=offset)
        usual = shape.rows * shape.growth ** (offset / shape.days)
        usual *= shape.weekend if day.weekday() >= 5 else 1
        usual *= shape.holiday if (day.month, day.day) in HOLIDAYS else 1
        usual += shape.billing if day.day == 1 else 0
        days.append(np.full(random.poisson(usual), np.datetime64(day)))
    day = np.concatenate(days)
    lag = np.where(random.random(len(day)) < shape.late, random.integers(1, 5, len(day)), 0)
    arrived = np.minimum(day + lag.astype("timedelta64[D]"), np.datetime64(shape.last))
    offset = (arrived - np.datetime64(first)).astype(int)
    period = {
        "day": np.maximum(offset, shape.history_days),
        "week": offset // 7,
        "month": arrived.astype("datetime64[M]").astype(int),
    }[shape.period]
    part = period * shape.files + (random.random(len(day)) < 0.4) * (shape.files - 1)
    columns = _rows(shape, random, day)
    return {
        f"{number:06d}": {k: v[part == number] for k, v in columns.items()}
        for number in np.unique(part)
    }


def _rows(shape: Shape, random: np.random.Generator, day: np.ndarray) -> dict[str, Any]:
    count = len(day)
    who = random.integers(0, 2000, count)
    seconds = 3600 * random.choice(24, count, p=_DAYTIME / _DAYTIME.sum())
    seconds = seconds + random.integers(0, 3600, count)
    local = day.astype("datetime64[s]") + (0 if shape.is_midnight else 1) * seconds
    rows: dict[str, Any] = {
        "id": np.arange(count).astype(str),
        "who": who.astype(str),
        "day": day,
        "local": local,
        "amount": np.exp(random.normal(3, 0.8, count)).round(2),
        "code": np.where(random.random(count) < 0.02, None, random.choice(["a", "b", "c"], count)),
        "kind": random.choice(["charge", "payment"], count),
        "sessions": random.poisson(12, count) + 1,
        "traffic": np.exp(random.normal(6, 1, count)).round(3),
        "change": np.exp(random.normal(2, 1, count)).round(3)
        * np.where(random.random(count) < 0.3, -1, 1),
        "score": random.choice(11, count, p=_ANSWERS / _ANSWERS.sum()).astype(float),
        "opened": np.datetime64("2018-01-01T10:00:00") + random.integers(0, 2200 * 86400, count),
        "account": np.array([f"a{n}" for n in random.integers(0, 10**9, count)]),
    }
    # A twentieth of contact points is a couple's.
    pairs = random.random(count) < 0.05
    rows["point"] = np.where(pairs, np.roll(rows["id"], 1), rows["id"])
    return rows


_SQL = {
    "transactions": "id as transaction_id, 'email' as id_type, who as id_key, utc as occurred_at, "
    "kind as transaction_type, code as product_code, amount, 'GBP' as currency",
    "interactions": "id as interaction_id, 'email' as id_type, who as id_key, utc as occurred_at, "
    "'chat' as channel_code, 'question' as interaction_type, code as topic_code",
    "network_usage_daily": "'imsi' as id_type, who || id as id_key, day as usage_date, code as "
    "site_code, sessions as session_count, traffic as traffic_mb, change as balance_change",
    "survey_responses": "id as response_id, 'tracker' as survey_code, 'email' as id_type, who as "
    "id_key, utc as responded_at, 'overall' as question_code, score, 0 as scale_min, "
    "10 as scale_max",
    "account_identifiers": "account as account_key, 'email' as id_type, point as id_key, utc as "
    "valid_from_at",
    "accounts": "id as account_key, opened as opened_at, code as region_code",
    "subscriptions": "id as subscription_id, 'account_id' as id_type, who as id_key, 'p' as "
    "product_code, 'add_on' as product_type, change as recurring_amount, 'GBP' as currency, "
    "'month' as billing_interval, utc as started_at, code as end_reason_code",
}


def measured(shape: Shape, batches: dict[str, dict[str, Any]]) -> dict[str, Facts]:
    """Batch to its measurements."""
    types = landed_columns(SOURCES[shape.source], MEASURES)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("create table known_identifiers (id_type varchar, id_key varchar)")
        tables = [
            pa.table({k: pa.array(v) for k, v in rows.items()}).append_column(
                "batch", pa.array([batch] * len(rows["id"]), pa.string())
            )
            for batch, rows in batches.items()
        ]
        connection.register("made", pa.concat_tables(tables, promote_options="default"))
        connection.execute(
            f"create table mapped as select batch as _batch_id, {_SQL[shape.source]} from "
            "(select *, timezone('UTC', timezone('Europe/London', local)) as utc from made)"
        )
        mapped = [row[0] for row in connection.execute("describe mapped").fetchall()]
        listed = ", ".join(
            f'cast({c if c in mapped else "null"} as {kind}) as "{c}"' for c, kind in types.items()
        )
        connection.execute(f"create table {shape.source} as select {listed} from mapped")
        return measure(connection, shape.source, ZONE)


class World:
    """A feed's past, and what the gate says of a batch with a fault in place of the newest."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self.shape, self.random = shape, np.random.default_rng(seed)
        self.batches = make(shape, seed)
        self.facts = measured(shape, self.batches)
        self.newest = list(self.batches)[-1]

    def doubts(
        self,
        fault: Callable[[World, dict[str, Any]], dict[str, Any]] | None = None,
        all_new: bool = False,
    ) -> list[Doubt]:
        """What is said of the newest batch, or of all of them where the whole past is new."""
        facts = dict(self.facts)
        if fault:
            changed = fault(self, dict(self.batches[self.newest]))
            facts |= measured(self.shape, {self.newest: changed})
        items = [
            Delivered(self._batch(name, at), facts[name], all_new or name == self.newest)
            for at, name in enumerate(self.batches)
            if name in facts
        ]
        return compare(items, Policy(), self.shape.last)

    def _batch(self, name: str, at: int) -> Batch:
        return Batch(
            batch_id=name,
            feed="feed",
            source=self.shape.source,
            delivery=self.shape.delivery,  # type: ignore[arg-type]
            file_name=f"{name}.csv",
            content_hash=name,
            file_size=1,
            file_mtime_ns=1,
            status="landed",
            sequence=at,
            landed_at="2025-10-01T06:00:00+00:00",
        )
