"""Worlds in which the chain is known: months of customers as intermediate models measure them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from saydo.config import BUILT_IN_KPIS

FIRST_MONTH = np.datetime64("2023-01", "M")
EDGE = 6.0
KPI_EFFECTS = {"failed_sessions": -4.0, "dropped_sessions": -2.0}  # on service, a unit of the KPI


@dataclass(frozen=True)
class World:
    """What is planted; effects of service are per ten points of the experience score.

    Chances of leaving and of a new service are linear in what moves them. `tilt_by_trait` and
    `tilt_by_score` are log odds of answering, a unit of the trait and a point of the score.
    """

    customers: int = 2000
    months: int = 12
    service_now: float = 0.6
    service_before: float = 0.2
    below: float = 2.0
    above: float = 0.5
    direct: float = 0.5
    churn_below: float = -0.010
    churn_above: float = -0.001
    churn_direct: float = -0.002
    new_below: float = 0.006
    new_above: float = 0.002
    trait_on_spend: float = 3.0
    answer_log_odds: float = 0.0
    tilt_by_trait: float = 0.35
    tilt_by_score: float = 0.0
    invited_share: float = 0.6

    @property
    def as_of(self) -> date:
        """The last day of the last month."""
        return (FIRST_MONTH + self.months).astype("datetime64[D]").astype(date) - date.resolution


def plant(seed: int, world: World) -> pa.Table:
    """Rows of int_customer_months_measured, one per customer and month up to the as-of month."""
    rng = np.random.default_rng(seed)
    size = (world.customers, world.months)
    trait = rng.normal(0, 1, (world.customers, 1))
    season = rng.normal(0, 1, (3, world.months))
    kpis = {kpi.name: np.abs(rng.normal(1, 0.5, size)) for kpi in BUILT_IN_KPIS}
    service = 60 + 4 * trait + 2 * season[0] + rng.normal(0, 7, size)
    for name, effect in KPI_EFFECTS.items():
        service += effect * (kpis[name] - 1)
    earlier = _before(service)
    score = (
        6.2 + trait + 0.3 * season[1] + world.service_now * (service - 60) / 10
        + world.service_before * np.nan_to_num((earlier - 60) / 10) + rng.normal(0, 0.8, size)
    )  # fmt: skip
    below, above = np.minimum(score - EDGE, 0), np.maximum(score - EDGE, 0)
    moved = (service - 60) / 10
    spend = world.below * below + world.above * above + world.direct * moved
    revenue = 30 + world.trait_on_spend * trait + season[2] + rng.normal(0, 3, size)
    revenue += np.nan_to_num(_before(spend))
    buys = 0.03 + world.new_below * below + world.new_above * above
    bought = rng.random(size) < np.nan_to_num(_before(np.clip(buys, 0, 1)))
    risk = 0.02 + world.churn_below * below + world.churn_above * above
    risk += world.churn_direct * moved
    leaves = rng.random(size) < np.nan_to_num(_before(np.clip(risk, 0, 1)))
    is_gone = np.maximum.accumulate(leaves, axis=1)
    was_gone = np.zeros(size, bool)
    was_gone[:, 1:] = is_gone[:, :-1]
    log_odds = (
        world.answer_log_odds + world.tilt_by_trait * trait + world.tilt_by_score * (score - 6.2)
    )
    is_invited = (rng.random(size) < world.invited_share) & ~is_gone
    answers = is_invited & (rng.random(size) < 1 / (1 + np.exp(-log_odds)))
    person = np.repeat(np.arange(world.customers), world.months)
    month = np.tile(FIRST_MONTH + np.arange(world.months), world.customers)
    tenure = rng.integers(1, 60, world.customers)
    price = np.repeat(rng.choice([10.0, 16.0, 24.0], world.customers), world.months)

    def cells(values: np.ndarray, scale: int, hidden: np.ndarray | None = None) -> pa.Array:
        return pa.array(np.round(values.ravel(), scale), mask=None if hidden is None else hidden)

    return pa.table(
        {
            "customer_id": pa.array([f"C{n}" for n in range(world.customers)]).take(
                pa.array(person)
            ),
            "month_start_date": pa.array(month.astype("datetime64[D]")),
            "acquisition_month_start_date": pa.array(
                (FIRST_MONTH - tenure).astype("datetime64[D]")[person]
            ),
            "plan_code": pa.array(np.array(["S", "M", "L"])[person % 3]),
            "region_code": pa.array(np.array(["N", "E", "S", "W"])[person % 4]),
            "tenure_band": pa.array(np.where(tenure < 12, "new", "settled")[person]),
            "latest_satisfaction_band": pa.array(
                np.where(trait.ravel() < 0, "low", "high")[person]
            ),
            "satisfaction_score": cells(score, 4, ~answers.ravel()),
            "experience_score": cells(service, 4, is_gone.ravel()),
            "revenue": cells(np.where(is_gone, 0, revenue), 2),
            "new_service_count": pa.array((bought & ~is_gone).ravel().astype(np.int64)),
            "opening_mrr": pa.array(np.where(was_gone.ravel(), 0, price)),
            "closing_mrr": pa.array(np.where(is_gone.ravel(), 0, price)),
            "is_churned": pa.array((is_gone & ~was_gone).ravel()),
            "was_invited": pa.array(is_invited.ravel()),
            **{f"kpi_{name}": cells(values, 6) for name, values in kpis.items()},
        }
    )


def _before(values: np.ndarray) -> np.ndarray:
    """Each customer's value of the month before; nan in the first."""
    shifted = np.full(values.shape, np.nan)
    shifted[:, 1:] = values[:, :-1]
    return shifted
