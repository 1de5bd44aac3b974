"""Credits that the telco gave after faults, some customers left alone, and what they did to churn.

Planted behind an option of its own and drawn from a stream of its own: without it nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.simulate.clock import Window
from saydo.simulate.columns import codes, dates, pick
from saydo.simulate.network import Lines, site_on
from saydo.simulate.parameters import stream
from saydo.simulate.people import People
from saydo.simulate.sites import Sites

BANDS = ("dissatisfied", "neutral", "fan", "never_asked")
ARMS = ("credit", "holdout")
FOLDER = "decided"  # of a landing folder; no feed looks there
_BAND_EDGES = (5, 9)  # of the 0-10 score, as the policy cuts it by default


@dataclass(frozen=True)
class CreditEffects:
    """What a credit adds to the probability of leaving in the month after, by band.

    Every customer is decided on once: on the day after the first fault of `fault_minutes` or more
    at its home site, from the second month to the fifth last, so that 90 days follow.
    """

    dissatisfied: float = -0.03
    neutral: float = -0.01
    fan: float = 0.0
    never_asked: float = 0.0
    holdout_share: float = 0.3
    fault_minutes: int = 60


CREDIT_EFFECTS = CreditEffects()


class Credits:
    """Who was decided on, when, in which arm and band; -1 is not, or not yet."""

    def __init__(
        self,
        people: People,
        lines: Lines,
        sites: Sites,
        window: Window,
        seed: int,
        effects: CreditEffects = CREDIT_EFFECTS,
    ) -> None:
        self.effects, self._lines, self._sites, self._window = effects, lines, sites, window
        count = people.count
        drawn = stream(seed, "credits").random(count)
        self.arm = (drawn < effects.holdout_share).astype(np.int64)
        self.day = np.full(count, -1)
        self.month = np.full(count, -1)
        self.band = np.full(count, -1)
        self.minutes = np.zeros(count)
        self.change = np.zeros(count)  # of the probability of leaving that the credit made

    def close_month(
        self,
        month: int,
        hazard: np.ndarray,
        may_leave: np.ndarray,
        present: tuple[np.ndarray, np.ndarray],
        score_before: np.ndarray | None,
    ) -> np.ndarray:
        """Decide on the month's faults; the probability of leaving with the credits in it.

        Args:
            month: which.
            hazard: probability of leaving next month without any, (persons,); may lie outside 0-1.
            may_leave: who can, (persons,).
            present: first and last day on the network in the month, (persons,) each.
            score_before: satisfaction of the month before; none in the first month.
        """
        if score_before is None or month > self._window.months - 5:
            return hazard
        self._decide(month, present, score_before)
        added = np.array([getattr(self.effects, band) for band in BANDS])[self.band]
        given = (self.month == month) & (self.arm == ARMS.index("credit"))
        changed = np.where(given, hazard + added, hazard)
        before, after = np.clip(hazard, 0, 0.5), np.clip(changed, 0, 0.5)
        with np.errstate(invalid="ignore"):
            self.change = np.where(given & may_leave, after - before, self.change)
        return changed

    def _decide(
        self, month: int, present: tuple[np.ndarray, np.ndarray], score: np.ndarray
    ) -> None:
        begin, end = self._window.month_starts[month], self._window.month_starts[month + 1]
        everybody = np.arange(len(self.day))
        for day in range(int(begin), int(end)):
            site = site_on(self._lines, everybody, np.full(len(everybody), day))
            minutes = self._sites.outage[day, site]
            hit = (self.day < 0) & (minutes >= self.effects.fault_minutes)
            hit &= (present[0] <= day) & (present[1] >= day)
            self.day[hit], self.month[hit] = day + 1, month
            self.minutes[hit] = minutes[hit]
        mine = self.month == month
        band = np.where(
            np.isnan(score), BANDS.index("never_asked"), np.digitize(score, _BAND_EDGES)
        )
        self.band[mine] = band[mine]

    def table(self, people: People) -> pa.Table:
        """One row per customer decided on: its account, when, arm, band and minutes."""
        who = np.flatnonzero(self.day >= 0)
        days_1970 = self._window.start_second // 86_400 + self.day[who]
        return pa.table(
            {
                "account_no": people.account_codes.take(pa.array(who)),
                "decided_on": dates(days_1970),
                "fault_day": dates(days_1970 - 1),
                "decision": pick(ARMS, self.arm[who]),
                "band": pick(BANDS, self.band[who]),
                "fault_minutes": pa.array(np.minimum(np.round(self.minutes[who]), 1440)),
                "person": codes("P", who, 7),
            }
        )

    def truth(self) -> dict[str, Any]:
        """What was planted, and by how much that changed leaving in the 60 days after, by band.

        Of those who leave some come back within the 60 days, and of those who stayed some leave
        after all: what can be measured is about a twentieth less.
        """

        def of(chosen: np.ndarray) -> dict[str, Any]:
            given = chosen & (self.arm == ARMS.index("credit"))
            return {
                "credited_count": int(given.sum()),
                "holdout_count": int((chosen & ~given).sum()),
                "churn_difference_60d": float(self.change[given].mean()) if given.any() else None,
            }

        decided = self.day >= 0
        return {
            "added_to_churn": {band: getattr(self.effects, band) for band in BANDS},
            "holdout_share": self.effects.holdout_share,
            "fault_minutes": self.effects.fault_minutes,
            "bands": {"all": of(decided)}
            | {band: of(decided & (self.band == at)) for at, band in enumerate(BANDS)},
        }
