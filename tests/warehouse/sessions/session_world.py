"""Random sessions as delivered files, and the days they roll up to by an oracle in pandas."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import yaml

from saydo.build.prepare import batches_table
from saydo.build.variables import rule_variables
from saydo.config import Policy
from saydo.landing import land_feed, prepare_raw, read_ledger
from saydo.settings import Settings

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
HOURS = 168  # policy landing.max_session_hours
SUMS = ("session_count", "dropped_session_count", "usage_minutes", "traffic_mb", "outage_minutes")
DURATIONS = ("usage_minutes", "call_minutes")
MEASURES = [
    {"name": "call_minutes", "is_duration": True},
    {"name": "peak_mbps", "aggregate": "max"},
    {"name": "jitter_ms", "aggregate": "mean", "weight": "traffic_mb"},
]
DELIVERED = (*SUMS, "throughput_mbps", "call_minutes", "peak_mbps", "jitter_ms")
COLUMNS = ("session_id", "imsi", "started_at", "ended_at", "site_code", *DELIVERED)
MEANS = {"throughput_mbps": "session_count", "jitter_ms": "traffic_mb"}


class Sessions:
    """Files of sessions, each a list of rows as text, whose times lie about the days `around`."""

    def __init__(self, seed: str, zone: str, around: list[str]):
        self.draw = random.Random(seed)
        self.zone = ZoneInfo(zone)
        self.around = [datetime.fromisoformat(day) for day in around]

    def file(self, first: int, count: int, again: int = 0) -> list[dict[str, str]]:
        """`count` sessions numbered from `first`, and corrections of `again` before them."""
        numbers = [*range(first, first + count), *self.draw.sample(range(first or 1), again)]
        return [self._session(number) for number in numbers]

    def _session(self, number: int) -> dict[str, str]:
        draw = self.draw
        local = draw.choice(self.around) + timedelta(minutes=draw.randrange(4 * 24 * 60))
        start = local.replace(tzinfo=self.zone, fold=draw.randrange(2)).astimezone(UTC)
        hours = draw.choice((0, 0.01, 0.5, 2, 8, 30, 72, HOURS, HOURS + 0.001, 800, -1))
        exact = draw.choice((True, False))
        if exact:  # to the midnight that comes next
            day = start.astimezone(self.zone).date() + timedelta(days=1)
            end = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
        else:
            end = start + timedelta(hours=hours, microseconds=draw.randrange(3))
        row = {
            "session_id": f"s{number}",
            "imsi": f"i{draw.randrange(4)}",
            "started_at": f"{start:%Y-%m-%d %H:%M:%S.%f}",
            "ended_at": f"{end:%Y-%m-%d %H:%M:%S.%f}" if draw.random() < 0.9 else "",
            "site_code": draw.choice(("a", "b", "")),
        }
        return row | {
            name: f"{draw.choice((0, 1, 3, 7.5, 61.123457, 10000.000001))}"
            if draw.random() < 0.9
            else ""
            for name in DELIVERED
        }


class SessionHome:
    """A SmallHome whose sessions, and the accounts that own them, are landed from CSV files."""

    def __init__(self, home: Any, zone: str, totals: str | None = None):
        """`totals`: a CSV of daily usage (imsi, usage_date, site_code, …) to land as well."""
        self.home, self.files = home, 0
        feeds = home.root / "feeds.yml"
        columns = dict.fromkeys(COLUMNS) | {"id_type": "'imsi'", "id_value": "imsi"}
        del columns["imsi"]
        feed = {
            "name": "sessions", "source": "network_sessions", "path": "sessions*.csv",
            "format": "csv", "timezone": "UTC", "expect": {"max_reject_ratio": 1},
            "columns": {name: text or name for name, text in columns.items()},
        }  # fmt: skip
        accounts = {
            "name": "accounts", "source": "accounts", "path": "accounts.csv", "format": "csv",
            "columns": {"account_id": "imsi", "opened_at": "'2025-01-01'"},
        }  # fmt: skip
        owned = accounts | {"name": "cards", "source": "account_identifiers"}
        owned["columns"] = {"account_id": "imsi", "id_type": "'imsi'", "id_value": "imsi"}
        feeds_of = [feed, accounts, owned]
        if totals:
            daily = feed | {"name": "totals", "source": "network_usage_daily", "path": "totals.csv"}
            whose = {"id_type": "'imsi'", "id_value": "imsi"}
            told = {name: name for name in totals.partition("\n")[0].split(",") if name != "imsi"}
            feeds_of.append(daily | {"columns": whose | told})
        config = {"business": {"timezone": zone}, "measures": MEASURES, "feeds": feeds_of}
        feeds.write_text(yaml.safe_dump(config))
        self.settings = Settings(
            home=home.root, feeds_file=feeds, threads=2, memory_limit="1GB", pseudonym_key="a key"
        )
        (home.root / "landing").mkdir()
        (home.root / "landing" / "accounts.csv").write_text("imsi\ni0\ni1\ni2\ni3\n")
        if totals:
            (home.root / "landing" / "totals.csv").write_text(totals)
        rules = self.settings.feeds
        self.variables = rule_variables(rules, rules.all_kpis, Policy())

    def land(self, rows: list[dict[str, str]]) -> None:
        """Deliver and land one file, and let it in."""
        lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]
        self.files += 1
        Path(self.home.root / "landing" / f"sessions{self.files}.csv").write_text("\n".join(lines))
        prepare_raw(self.settings)
        for feed in self.settings.feeds.feeds:
            land_feed(self.settings, feed.name, now=NOW + timedelta(hours=self.files))
        accepted = [b.model_copy(update={"status": "accepted"}) for b in read_ledger(self.settings)]
        self.home.batches = batches_table(self.settings, accepted).to_pylist()
        self.home._write_batches()

    def build(self, dbt: Any, *select: str, **variables: Any) -> None:
        """Build models and what they read, seeds included."""
        kinds = ("--resource-type", "seed", "--resource-type", "model")
        statuses = dbt(self.home, "build", *select, *kinds, **self.variables, **variables)
        broken = {n: dbt.failures.get(n) for n, s in statuses.items() if s != "success"}
        assert statuses and not broken, broken

    def days(self, model: str = "int_network_sessions_summarised_to_identifier_days") -> list[Any]:
        """What came out, in the shape of `rolled_up`, whoever the keys stand for."""
        parts = [p for name in DELIVERED for p in _parts(name)]
        rows = self.home.rows(
            f"select id_key, usage_date, site_code, {', '.join(parts)} from intermediate.{model}"
        )
        return sorted((tuple(map(_plain, row.values())) for row in rows), key=repr)


def rolled_up(files: list[list[dict[str, str]]], zone: str, keys: dict[str, str]) -> list[Any]:
    """The days of the sessions that count, by pandas: the newest good row of each session."""
    rows = pd.DataFrame([row for file in files for row in file])
    for name in ("started_at", "ended_at"):
        rows[name] = pd.to_datetime(rows[name], utc=True, format="ISO8601")
    lasts = rows.ended_at - rows.started_at
    rows = rows[~((lasts < pd.Timedelta(0)) | (lasts > pd.Timedelta(hours=HOURS)))]
    rows = rows.drop_duplicates("session_id", keep="last")
    days = pd.DataFrame([day for row in rows.to_dict("records") for day in _days(row, zone)])
    found = []
    for (key, day, site), group in days.groupby(["imsi", "day", "site_code"]):
        values: list[Any] = []
        for name in DELIVERED:
            held = group[name].dropna()
            if name in MEANS:
                both = group[group[name].notna() & group[MEANS[name]].notna()]
                pairs = zip(both[name], both[MEANS[name]], strict=True)
                weights = group[group[name].notna()][MEANS[name]].dropna()
                values += [
                    sum(v * w for v, w in pairs) if len(both) else None,
                    sum(weights) if len(weights) else None,
                ]
            elif name == "peak_mbps":
                values.append(max(held) if len(held) else None)
            else:
                values.append(sum(held) if len(held) else None)
        found.append((keys[key], day, site or None, *values))
    return sorted(found, key=repr)


def _days(row: dict[str, Any], zone: str) -> list[dict[str, Any]]:
    measures = {name: Fraction(row[name]) if row[name] else None for name in DELIVERED}
    if measures["session_count"] is None:
        measures["session_count"] = Fraction(1)
    start, end = row["started_at"], row["ended_at"]
    end = start if pd.isna(end) else end
    first, last = (at.tz_convert(zone).date() for at in (start, end))
    whose = {"imsi": row["imsi"], "site_code": row["site_code"]}
    if last <= first:
        return [whose | {"day": first} | measures]
    cuts = [start]
    for ago in range(1, (last - first).days + 1):
        midnight = datetime.combine(first + timedelta(days=ago), datetime.min.time())
        cuts.append(pd.Timestamp(midnight.replace(tzinfo=ZoneInfo(zone), fold=0)).tz_convert(UTC))
    cuts.append(end)
    found = []
    for number, (begin, until) in enumerate(pairwise(cuts)):
        if number and until <= begin:
            continue
        part = dict.fromkeys(DELIVERED) if number else dict(measures)
        for name in DURATIONS:
            if measures[name] is not None:
                run_up = [
                    int(measures[name] * 10**6 * _us(at - start) / _us(end - start))
                    for at in (begin, until)
                ]
                part[name] = Fraction(run_up[1] - run_up[0], 10**6)
        found.append(whose | {"day": first + timedelta(days=number)} | part)
    return found


def _us(span: pd.Timedelta) -> int:
    return int(span.value // 1000)


def _parts(name: str) -> list[str]:
    return [f"{name}__weighted", f"{name}__weight"] if name in MEANS else [name]


def _plain(value: Any) -> Any:
    return Fraction(value) if hasattr(value, "as_tuple") else value
