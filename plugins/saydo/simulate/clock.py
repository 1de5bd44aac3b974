"""The window of time that is simulated. Instants are whole seconds since 1970 in UTC (int64)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from saydo.simulate.parameters import LAST_DATE

LOCAL_ZONE = "Europe/London"
NEVER = np.iinfo(np.int64).min  # numpy's own "not a time"
DAY = 86_400


@dataclass(frozen=True)
class Window:
    """`months` calendar months that end on LAST_DATE. Days are counted from `start` (day 0)."""

    months: int

    @cached_property
    def start(self) -> date:
        """First day of the first month."""
        index = LAST_DATE.year * 12 + LAST_DATE.month - self.months
        return date(index // 12, index % 12 + 1, 1)

    @cached_property
    def start_second(self) -> int:
        """The instant day 0 begins."""
        return (self.start - date(1970, 1, 1)).days * DAY

    @cached_property
    def month_starts(self) -> np.ndarray:
        """Day on which each month begins; one more than there are months."""
        base = self.start.year * 12 + self.start.month - 1
        firsts = [date((base + k) // 12, (base + k) % 12 + 1, 1) for k in range(self.months + 1)]
        return np.array([(first - self.start).days for first in firsts])

    @property
    def days(self) -> int:
        """Days in the window."""
        return int(self.month_starts[-1])

    def calendar_month(self, month: int) -> int:
        """1–12 for a month of the window."""
        return (self.start.month - 1 + month) % 12 + 1

    def date_of(self, day: int) -> date:
        """The calendar date of a day."""
        return self.start + timedelta(days=int(day))

    def second(self, day: np.ndarray | int, second: np.ndarray | int = 0) -> np.ndarray:
        """The instant of a day and a second within it."""
        return self.start_second + np.asarray(day, dtype=np.int64) * DAY + second

    def midnight(self, day: np.ndarray | int) -> np.ndarray:
        """The instant a day begins on the wall clock of the business."""
        wall = pd.DatetimeIndex(self.second(day).ravel().astype("datetime64[s]"))
        utc = wall.tz_localize(LOCAL_ZONE).tz_convert("UTC").tz_localize(None)
        return utc.to_numpy().astype("datetime64[s]").astype(np.int64).reshape(np.shape(day))

    def day_of(self, instant: np.ndarray) -> np.ndarray:
        """The day an instant falls on."""
        return (instant - self.start_second) // DAY

    def month_of(self, day: np.ndarray) -> np.ndarray:
        """The month of the window a day falls in; −1 before it."""
        return np.searchsorted(self.month_starts, day, side="right") - 1


def office_hours(rng: np.random.Generator, count: int) -> np.ndarray:
    """Seconds within a day, between 07:00 and 22:00: no clock change moves them to another date."""
    return rng.integers(7 * 3600, 22 * 3600, count)
