"""What is planted: the effects, the rates and the catalogue of the simulated telco.

Every number here is copied into `truth.json`, so that an estimate can be held against it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np

LAST_DATE = date(2025, 12, 31)  # fixed: the same seed must give the same bytes on any day


def stream(seed: int, name: str) -> np.random.Generator:
    """A random stream of its own for each part, so that changing one part leaves the others."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


@dataclass(frozen=True)
class Effects:
    """The chain service → satisfaction → behaviour, per customer and month.

    E is badness in units of `badness_unit` points of (100 − experience score); S the 0–10 score.
    S(t) = mean + trait + tau(t) + now·E(t) + lag·E(t−1) + noise, rounded and kept in 0–10.
    Spend(t+1) = base + trait + season + below·min(S−edge, 0) + above·max(S−edge, 0) + direct·E(t).
    Churn and new service in t+1 are linear probabilities of the same two pieces.
    """

    satisfaction_mean: float = 6.2
    satisfaction_noise: float = 0.8
    experience_now: float = -0.60
    experience_lag: float = -0.20
    trait_sd: float = 1.0
    badness_mean: float = 24.5  # points
    badness_unit: float = 10.0  # points for one unit of E
    trait_experience_correlation: float = -0.5  # those better served are happier by nature, too
    edge: int = 6
    spend_base: float = 22.0
    spend_trait: float = 3.0
    spend_noise: float = 3.0
    spend_slope_below: float = 2.0
    spend_slope_above: float = 0.5
    spend_direct: float = -0.50
    churn_base: float = 0.010
    churn_slope_below: float = -0.010
    churn_slope_above: float = -0.001
    churn_direct: float = 0.002
    new_service_base: float = 0.030
    new_service_slope_below: float = 0.006
    new_service_slope_above: float = 0.002
    answer_intercept: float = -0.20  # log odds
    answer_trait: float = 0.35
    answer_score: float = 0.10
    answer_service: float = 0.0  # a unit of E
    experiment_satisfaction: float = 0.25
    experiment_churn: float = -0.010
    experiment_months: int = 3

    def spend(self, score: np.ndarray, experience: np.ndarray) -> np.ndarray:
        """The part of a month's spend that last month's score and experience explain."""
        return (
            self.spend_slope_below * np.minimum(score - self.edge, 0)
            + self.spend_slope_above * np.maximum(score - self.edge, 0)
            + self.spend_direct * experience
        )

    def churn(self, score: np.ndarray, experience: np.ndarray) -> np.ndarray:
        """Probability of leaving in the next month."""
        return (
            self.churn_base
            + self.churn_slope_below * np.minimum(score - self.edge, 0)
            + self.churn_slope_above * np.maximum(score - self.edge, 0)
            + self.churn_direct * experience
        )

    def new_service(self, score: np.ndarray) -> np.ndarray:
        """Probability of buying an add-on in the next month."""
        return (
            self.new_service_base
            + self.new_service_slope_below * np.minimum(score - self.edge, 0)
            + self.new_service_slope_above * np.maximum(score - self.edge, 0)
        )


@dataclass(frozen=True)
class Rates:
    """How often the rest happens; shares of persons, or of active customers a month."""

    joins_in_window: float = 0.10
    household_persons: float = 0.15
    second_account: float = 0.12
    third_account: float = 0.10  # of those with a second one
    shares_nothing: float = 0.03  # of second and third accounts: only name and address tell whose
    attribute_filled: float = 0.97
    business: float = 0.04
    number_changes: float = 0.04
    recycled: float = 0.25  # of the numbers given up
    recycled_early: float = 0.25  # of those, within the 30-day quarantine
    sim_swaps: float = 0.08
    moves: float = 0.06
    erased: float = 0.001
    pause: float = 0.008
    back: float = 0.06  # return in each of the two months after leaving
    tariff_change: float = 0.012
    add_on_ends: float = 0.03
    broadband_ends: float = 0.004
    one_off: float = 0.03
    refund: float = 0.005
    credit: float = 0.010
    sampled: float = 0.60
    sampled_small_region: float = 0.80
    late: float = 0.005
    very_late: float = 0.0002
    variant: float = 0.20  # identifiers written in another way than the usual one


WAVE_DAY = 22  # of the month: after most of its service, before all of next month's spend
EFFECTS = Effects()
RATES = Rates()
TWINS = 0.02  # of the second members of households
MISTAKEN_TWINS = 0.10  # where mistakes are asked for: enough of them to be mistaken for one

REGIONS = ("LON", "SE", "NW", "MID", "SCO", "YRK", "WAL", "NI")
REGION_SHARES = (0.22, 0.20, 0.15, 0.15, 0.10, 0.10, 0.05, 0.03)
SMALL_REGIONS = (6, 7)
# Calendar month 1–12: seasonality of traffic (factor), spend (GBP) and mood (points).
TRAFFIC_SEASON = (0.95, 0.94, 0.97, 1.0, 1.0, 1.02, 1.06, 1.08, 1.0, 0.99, 1.02, 1.15)
SPEND_SEASON = (-1.0, -0.6, 0.0, 0.2, 0.0, 0.5, 1.5, 1.8, 0.2, 0.0, 0.6, 3.0)
MOOD_SEASON = (-0.15, -0.10, 0.0, 0.05, 0.10, 0.10, 0.10, 0.05, 0.0, 0.0, -0.05, -0.10)


@dataclass(frozen=True)
class Product:
    """A product of the catalogue; `share` among its kind at the start."""

    code: str
    kind: str  # plan | add_on | device
    price: float
    interval: str
    interval_count: int = 1
    share: float = 0.0


PLANS = (
    Product("SIM-S", "plan", 10.0, "month", 1, 0.22),
    Product("SIM-M", "plan", 16.0, "month", 1, 0.30),
    Product("SIM-L", "plan", 24.0, "month", 1, 0.24),
    Product("SIM-XL", "plan", 34.0, "month", 1, 0.13),
    Product("WEEK-FLEX", "plan", 4.5, "week", 1, 0.05),
    Product("WEEK-FOUR", "plan", 14.0, "week", 4, 0.02),
    Product("SIM-YEAR", "plan", 120.0, "year", 1, 0.04),
)
BROADBAND = (
    Product("FIBRE-100", "plan", 29.0, "month", 1, 0.8),
    Product("FIBRE-Q", "plan", 81.0, "quarter", 1, 0.2),
)
ADD_ONS = (
    Product("DATA-PLUS", "add_on", 5.0, "month", 1, 0.40),
    Product("STREAM-TV", "add_on", 8.0, "month", 1, 0.30),
    Product("INSURE-YEAR", "add_on", 48.0, "year", 1, 0.15),
    Product("CLOUD-Q", "add_on", 9.0, "quarter", 1, 0.10),
    Product("ROAM-DAY", "add_on", 0.30, "day", 1, 0.05),
)
DEVICES = (
    Product("PHONE-A", "device", 12.0, "month", 1, 0.6),
    Product("PHONE-B", "device", 26.0, "month", 1, 0.4),
)
EXTRAS = (  # of offers.py, on request: each goes with something that others have
    Product("GAMES-PASS", "add_on", 6.0, "month", 1, 1.0),
    Product("MUSIC-PASS", "add_on", 6.0, "month", 1, 1.0),
    Product("CINE-PASS", "add_on", 7.0, "month", 1, 1.0),
    Product("KIDS-SAFE", "add_on", 5.0, "month", 1, 1.0),
    Product("SCREEN-CARE", "add_on", 7.0, "month", 1, 1.0),
    Product("UPGRADE-CLUB", "add_on", 8.0, "month", 1, 1.0),
)
CATALOGUE = PLANS + BROADBAND + ADD_ONS + DEVICES + EXTRAS
USAGE_PRODUCT = "USAGE"
