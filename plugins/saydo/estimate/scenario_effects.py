"""The estimate `scenario_effects`: what a customer is worth more or less if something changes.

Money at stake is a sum over customers, so it is made of these in SQL, with their joint covariance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from saydo.config import Policy
from saydo.config.chain import ChainPolicy
from saydo.estimate.chain.effect import Effect
from saydo.estimate.chain.figures import rounded
from saydo.estimate.chain.jackknife import covariance, multiplier
from saydo.estimate.chain.links import SIDES, Chain
from saydo.estimate.chain.sums import READS
from saydo.estimate.chain.units import unit_of
from saydo.estimate.estimator import Estimate, Estimator

_OUTCOMES = ("revenue", "churn")
SCHEMA = pa.schema(
    [(name, pa.string()) for name in
     ("scenario_code", "outcome_code", "side", "other_outcome_code", "other_side", "unit")]
    + [(name, pa.float64()) for name in
       ("effect", "covariance", "interval_multiplier", "satisfaction_effect", "change_ratio",
        "margin_ratio")]
    + [("is_publishable", pa.bool_()), ("not_publishable_reason", pa.string())]
)  # fmt: skip


@dataclass(frozen=True)
class _Scenario:
    """What changes, by how much satisfaction moves, and effects by outcome and side of the edge."""

    code: str
    per: str
    satisfaction: float | None
    effects: dict[tuple[str, str], Effect]


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per scenario and two of its effects, each by outcome and side of the edge.

    `service_dip` is service falling by policy service_change, `satisfaction_lift` satisfaction
    rising by satisfaction_change, `kpi_<name>` a unit more of the KPI. `effect` is of the first
    outcome and side, for one customer and month; `covariance` is that of both effects.
    `satisfaction_effect` is by how much satisfaction itself moves. Of a KPI, `change_ratio` is the
    share of its value by which it gets better; `margin_ratio` is what is earned of revenue.
    """
    chain = Chain(sums, policy.chain)
    scenarios = [_dip(chain), _lift(chain), *(_part(chain, kpi) for kpi in chain.parts)]
    rows = [row for scenario in scenarios for row in _rows(scenario, policy.chain)]
    told = {"publishable": [s.code for s in scenarios if _reason(s) is None]}
    return Estimate(pa.Table.from_pylist(rows, SCHEMA), told)


def _dip(chain: Chain) -> _Scenario:
    moved = chain.satisfaction(0)
    effects = {
        (outcome, side): (chain.direct(outcome, side) + chain.via(outcome, side)) * -1
        for outcome in _OUTCOMES
        for side in SIDES
    }
    per = f"{chain.policy.service_change:g} points less of the experience score"
    return _Scenario("service_dip", per, moved.within and -moved.within.estimate, effects)


def _lift(chain: Chain) -> _Scenario:
    change = chain.policy.satisfaction_change
    effects = {
        (outcome, side): chain.behaviour(outcome, side) * change
        for outcome in _OUTCOMES
        for side in SIDES
    }
    return _Scenario("satisfaction_lift", f"{change:g} points more satisfaction", change, effects)


def _part(chain: Chain, kpi: str) -> _Scenario:
    """A KPI moves revenue by itself and through satisfaction, leaving through that alone."""
    moved = chain.part(kpi)
    effects = {}
    for side in SIDES:
        for outcome in _OUTCOMES:
            effects[outcome, side] = moved * chain.behaviour(outcome, side)
        effects["revenue", side] += chain.direct_of_part(kpi, "revenue")
    return _Scenario(kpi, f"unit of {kpi}", moved.within and moved.within.estimate, effects)


def _reason(scenario: _Scenario) -> str | None:
    return next((e.reason for e in scenario.effects.values() if e.reason), None)


def _rows(scenario: _Scenario, policy: ChainPolicy) -> Iterator[dict[str, Any]]:
    keys, effects = list(scenario.effects), list(scenario.effects.values())
    within = [effect.within for effect in effects]
    is_known = all(within)
    joint = covariance(within) if is_known else None
    reason = _reason(scenario)
    for first, (outcome, side) in enumerate(keys):
        for second, (other_outcome, other_side) in enumerate(keys):
            row = {
                "scenario_code": scenario.code,
                "outcome_code": outcome,
                "side": side,
                "other_outcome_code": other_outcome,
                "other_side": other_side,
                "unit": unit_of(outcome, scenario.per),
                "satisfaction_effect": rounded(scenario.satisfaction),
                "change_ratio": policy.kpi_change_ratio if scenario.code[:4] == "kpi_" else None,
                "margin_ratio": policy.margin_ratio,
                "is_publishable": reason is None,
                "not_publishable_reason": reason,
            }
            if is_known:
                row |= {
                    "effect": within[first].estimate,
                    "covariance": float(joint[first, second]),
                    "interval_multiplier": max(multiplier(each) for each in within),
                }
            yield row


SCENARIO_EFFECTS = Estimator("scenario_effects", READS, SCHEMA, run)
