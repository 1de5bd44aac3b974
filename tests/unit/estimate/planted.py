"""Worlds in which the effects are known: service, answers, and behaviour that follows both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

EDGE = 6.0


@dataclass(frozen=True)
class World:
    """What is planted. Effects of service are per point of the experience score."""

    customers: int = 1500
    months: int = 12
    now: float = 0.06  # service on satisfaction
    before: float = 0.02
    below: float = 2.0  # satisfaction on revenue
    above: float = 0.5
    direct: float = 0.05
    new_above: float = 0.04  # on new services
    churn_below: float = -0.02  # on leaving
    churn_above: float = -0.004
    churn_direct: float = -0.001
    trait: float = 1.0  # of a stable trait on score, spend and service
    answers: float = 0.4  # log odds of answering at the edge
    answers_by_trait: float = 0.8
    answers_by_service: float = 0.0
    answers_by_score: float = 0.0
    noise: float = 1.0
    with_leaving: bool = True


def plant(seed: int, world: World | None = None) -> pd.DataFrame:
    """A panel of answers with what came before and after, one row per customer and month."""
    world = world or World()
    rng = np.random.default_rng(seed)
    people, months = world.customers, world.months
    size = (people, months + 4)  # one month before, and those that follow the last
    trait = rng.normal(size=(people, 1)) * world.trait
    season = rng.normal(size=(3, months + 4))
    drops, speed = np.abs(rng.normal(3, 1.5, size)), rng.normal(20, 3, size)
    service = 70 + 5 * trait + 4 * season[0] - 4 * (drops - 3) + 1.5 * (speed - 20)
    service += rng.normal(0, 3, size)
    score = 5.8 + 0.8 * trait + 0.3 * season[1] + rng.normal(0, world.noise, size)
    score += world.now * (service - 70)
    score[:, 1:] += world.before * (service[:, :-1] - 70)
    below, above = np.minimum(score - EDGE, 0), np.maximum(score - EDGE, 0)
    revenue = 40 + 6 * trait + season[2] + world.below * below + world.above * above
    revenue += world.direct * service + rng.normal(0, 4, size)
    new = 0.3 + 0.05 * trait + world.new_above * above + rng.normal(0, 0.3, size)
    risk = 0.06 + world.churn_below * below + world.churn_above * above
    risk += world.churn_direct * (service - 70) - 0.01 * trait
    leaves = (rng.random(size) < np.clip(risk, 0, 1)) & world.with_leaving
    odds = world.answers + world.answers_by_trait * trait
    odds = odds + world.answers_by_service * (service - 70) / 10
    odds = odds + world.answers_by_score * (score - EDGE)
    answered = rng.random(size) < 1 / (1 + np.exp(-odds))
    gone = np.cumsum(leaves, axis=1) - leaves > 0
    begun = rng.integers(-30, months // 3, people)[:, None] if months > 3 else np.zeros((people, 1))
    number = np.arange(months + 4)[None, :]
    kept = answered & ~gone & (number >= 1) & (number <= months) & (number >= begun)
    person, month = np.nonzero(kept)
    stays = ~leaves[person, month]
    month_starts = pd.date_range("2023-01-01", periods=months + 4, freq="MS").date
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:06d}" for number in person],
            "month_start_date": month_starts[month],
            "satisfaction": score[person, month],
            "service_before": service[person, month - 1],
            "service": service[person, month],
            "service_after": service[person, month + 1],
            "service_later": service[person, month + 2],
            "kpi_drops": drops[person, month],
            "kpi_speed": speed[person, month],
            "revenue": np.where(stays, revenue[person, month], np.nan),
            "new_services": np.where(stays, new[person, month], np.nan),
            "churned": leaves[person, month].astype(float),
            "months_since_acquisition": month - begun[person, 0],
            "plan_code": np.array(["basic", "plus", "max"])[person % 3],
        }
    )
