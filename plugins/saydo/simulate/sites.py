"""Sites, how badly each serves its customers month by month, and their incidents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from saydo.simulate.clock import Window
from saydo.simulate.columns import codes, iso, pick
from saydo.simulate.parameters import stream

CAUSES = ("power", "fibre_cut", "hardware", "software", "weather")
SEVERITIES = ("minor", "major", "critical")


@dataclass
class Sites:
    """`badness` is (months, sites) in 0–1; `outage` (days, sites) in minutes."""

    count: int
    region: np.ndarray
    badness: np.ndarray
    outage: np.ndarray
    codes: pa.Array
    incident_site: np.ndarray
    incident_started_at: np.ndarray
    incident_ended_at: np.ndarray
    incident_severity: np.ndarray
    incident_cause: np.ndarray


def make_sites(customers: int, regions: int, window: Window, seed: int) -> Sites:
    """Site badness: a level of its own, shocks that last some months, and a common season."""
    rng = stream(seed, "sites")
    count = max(3 * regions, customers // 250)
    level = rng.normal(0.30, 0.07, count)
    shock = np.zeros((window.months, count))
    previous = rng.normal(0, 0.10, count)
    for month in range(window.months):
        previous = 0.3 * previous + rng.normal(0, 0.10, count)
        shock[month] = previous
    badness = np.clip(level + shock, 0.03, 0.85)

    days = window.days
    daily_rate = np.repeat(0.01 + 0.06 * badness, np.diff(window.month_starts), axis=0)
    day, site = np.nonzero(rng.random((days, count)) < daily_rate)
    minutes = np.clip(rng.lognormal(4.2, 0.9, len(day)), 5, 720)
    begin = rng.integers(0, 12 * 3600, len(day))
    started = window.second(day, begin)
    outage = np.zeros((days, count))
    np.add.at(outage, (day, site), minutes)
    return Sites(
        count=count,
        region=np.arange(count) % regions,
        badness=badness,
        outage=outage,
        codes=codes("SITE-", np.arange(count) + 1, 5),
        incident_site=site,
        incident_started_at=started,
        incident_ended_at=started + (minutes * 60).astype(np.int64),
        incident_severity=np.digitize(minutes, (60, 240)),
        incident_cause=rng.integers(0, len(CAUSES), len(day)),
    )


def incident_table(sites: Sites) -> pa.Table:
    """The incidents as network operations writes them."""
    return pa.table(
        {
            "incident": codes("I", np.arange(len(sites.incident_site)) + 1, 8),
            "cell_site": sites.codes.take(pa.array(sites.incident_site)),
            "began": iso(sites.incident_started_at),
            "restored": iso(sites.incident_ended_at),
            "severity": pick(SEVERITIES, sites.incident_severity),
            "cause": pick(CAUSES, sites.incident_cause),
        }
    )
