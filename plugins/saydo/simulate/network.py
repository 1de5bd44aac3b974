"""Daily usage rows of one month, and the experience that each customer really had in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from saydo.config import BUILT_IN_KPIS
from saydo.simulate.clock import Window
from saydo.simulate.columns import category, dates
from saydo.simulate.identifiers import Identifiers
from saydo.simulate.parameters import EFFECTS, TRAFFIC_SEASON, stream
from saydo.simulate.people import People
from saydo.simulate.sites import Sites

_KPIS = {kpi.name: kpi for kpi in BUILT_IN_KPIS}


@dataclass
class Lines:
    """How each person uses the network; fixed for the whole window."""

    offset: np.ndarray  # added to the site's badness: the walls of the house, mostly
    sessions: np.ndarray  # a day
    home: np.ndarray
    moved_to: np.ndarray
    moved_day: np.ndarray  # past the window: never


def make_lines(people: People, sites: Sites, moved_day: np.ndarray, seed: int) -> Lines:
    """Draw them. The offset goes with the stable trait: what misleads a pooled estimate."""
    rng = stream(seed, "lines")
    count = people.count
    rho = EFFECTS.trait_experience_correlation
    noise = rng.normal(0, 1, count)
    offset = 0.06 * (rho * people.trait / EFFECTS.trait_sd + np.sqrt(1 - rho**2) * noise)
    regions = int(sites.region.max()) + 1
    per_region = sites.count // regions
    home = people.region + regions * rng.integers(0, per_region, count)
    return Lines(
        offset=offset,
        sessions=np.clip(rng.lognormal(2.2, 0.35, count), 4, 30),
        home=home,
        moved_to=(home + 1 + rng.integers(0, sites.count - 1, count)) % sites.count,
        moved_day=moved_day,
    )


def site_on(lines: Lines, person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The home site of a person on a day."""
    return np.where(day >= lines.moved_day[person], lines.moved_to[person], lines.home[person])


@dataclass
class MonthOfUsage:
    """Rows for delivery, the day of each, and E per person (nan: no usage in the month)."""

    table: pa.Table
    day: np.ndarray
    experience: np.ndarray


def _grid(
    rng: np.random.Generator, active: np.ndarray, first: np.ndarray, last: np.ndarray, days: range
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(person, day, is it the second site of that day) of every row, in order of day."""
    day = np.arange(days.start, days.stop)[:, None]
    present = (day >= first[active]) & (day <= last[active])
    present &= rng.random(present.shape, dtype=np.float32) < 0.985
    at, position = np.nonzero(present)
    repeat = 1 + (rng.random(len(at), dtype=np.float32) < 0.15)
    second = np.zeros(repeat.sum(), dtype=bool)
    second[np.cumsum(repeat)[repeat == 2] - 1] = True
    return (
        np.repeat(active[position], repeat),
        np.repeat(at + days.start, repeat),
        second,
    )


def experience(
    person: np.ndarray, measures: dict[str, np.ndarray], day_count: np.ndarray, count: int
) -> np.ndarray:
    """E per person: (100 − experience score − mean) / unit, from the rates that were measured.

    The score is that of the built-in KPIs: each rate between its good and its poor value, equal
    weights. nan where a person has no session in the month.
    """

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(person, values, count)

    sessions = total(measures["sessions"])
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = {
            "failed_sessions": total(measures["failed"]) / sessions,
            "dropped_sessions": total(measures["dropped"]) / sessions,
            "stalling": total(measures["stall_ms"] / 1000) / (total(measures["minutes"]) / 60),
            "throughput": total(measures["kbps"] / 1000 * measures["sessions"]) / sessions,
            "latency": total(measures["latency_ms"] * measures["sessions"]) / sessions,
            "outages": total(measures["outage"]) / day_count,
        }
    badness = [
        np.clip((rates[name] - kpi.good) / (kpi.poor - kpi.good), 0, 1)
        for name, kpi in _KPIS.items()
    ]
    points = 100 * np.mean(badness, axis=0)
    return (points - EFFECTS.badness_mean) / EFFECTS.badness_unit


def make_month(
    month: int,
    first: np.ndarray,
    last: np.ndarray,
    people: People,
    lines: Lines,
    sites: Sites,
    identifiers: Identifiers,
    window: Window,
    seed: int,
) -> MonthOfUsage:
    """One month of daily rows for the persons on the network from day `first` to day `last`."""
    rng = stream(seed, f"network {month}")
    begin, end = int(window.month_starts[month]), int(window.month_starts[month + 1])
    active = np.flatnonzero((last >= begin) & (first < end) & (first <= last))
    person, day, second = _grid(rng, active, first, last, range(begin, end))
    rows = len(person)
    season = TRAFFIC_SEASON[window.calendar_month(month) - 1]

    def normal(scale: float) -> np.ndarray:
        return rng.standard_normal(rows, dtype=np.float32) * np.float32(scale)

    site = (site_on(lines, person, day) + second) % sites.count
    own = rng.normal(0, 0.04, people.count) + lines.offset
    bad = np.clip(sites.badness[month, site] + own[person] + normal(0.04), 0.01, 0.95)
    bad = bad.astype(np.float32)
    outage = np.where(rng.random(rows, dtype=np.float32) < 0.8, sites.outage[day, site], 0)
    outage = np.where(second, np.minimum(outage, 30), outage)
    sessions = 1 + rng.poisson(lines.sessions[person] * season * np.where(second, 0.3, 1.0))
    failed = np.minimum(rng.poisson(sessions * 0.1 * bad), sessions)
    dropped = np.minimum(rng.poisson(sessions * 0.1 * bad), sessions - failed)
    minutes = np.round(sessions * 7 * np.exp(normal(0.3)), 1) + 0.1
    stall_ms = np.round(minutes / 60 * 120_000 * bad * np.exp(normal(0.15) - 0.011))
    kbps = np.round(np.clip(30 - 28 * bad + normal(1.0), 0.5, 60) * 1000)
    latency = np.round(np.clip(20 + 130 * bad + normal(5.0), 8, 400), 1)
    measures = {
        "sessions": sessions,
        "failed": failed,
        "dropped": dropped,
        "stall_ms": stall_ms,
        "minutes": minutes,
        "kbps": kbps,
        "latency_ms": latency,
        "outage": np.round(outage),
    }
    day_count = np.bincount(person, ~second, people.count)
    swapped = day >= identifiers.sim_day[person]
    days_1970 = window.start_second // 86_400 + day
    table = pa.table(
        {
            "subscriber_imsi": category(identifiers.sim_codes, person + people.count * swapped),
            "usage_day": dates(days_1970),
            "cell_site": category(sites.codes, site),
            "sessions": pa.array(sessions.astype(np.int32)),
            "sessions_failed": pa.array(failed.astype(np.int32)),
            "sessions_dropped": pa.array(dropped.astype(np.int32)),
            "stall_ms": pa.array(stall_ms.astype(np.int64)),
            "active_seconds": pa.array(np.round(minutes * 60).astype(np.int32)),
            "volume_kb": pa.array(
                np.round(minutes * season * 6000 * np.exp(normal(0.4))).astype(np.int64)
            ),
            "throughput_kbps": pa.array(kbps.astype(np.int32)),
            "latency_ms": pa.array(np.round(latency.astype(np.float64), 1)),
            "outage_seconds": pa.array((np.round(outage) * 60).astype(np.int32)),
        }
    )
    return MonthOfUsage(table, day, experience(person, measures, day_count, people.count))
