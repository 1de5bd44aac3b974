"""Whether the simulator's planted chain comes out of its files: seed after seed, the whole way.

`python -m bench.chain_seeds`: writes CHAIN_SEEDS.md. Files, landing, identity, dbt, estimates; only
what is published is left out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy.stats import norm

from bench.harness import apart
from bench.survey_worlds import simulated_life
from saydo.build import build_layer, prepare, resolve_as_of
from saydo.estimate.running import estimates_file
from saydo.gate import check_sources
from saydo.landing import land_all
from saydo.settings import Settings
from saydo.simulate import simulate
from saydo.simulate.parameters import ADD_ONS, EFFECTS, MOOD_SEASON

LAYERS = ("staging", "identity", "intermediate", "estimates")
# Who answers: by nature and by the month's service, not by the score itself as in the demo.
ANSWERING = {"answer_score": 0.0, "answer_service": -0.2}
# A new service is billed when it starts, and so is revenue of that month: its price, or that of the
# days that are left of the month.
FIRST_CHARGE = sum(
    item.share * item.price * (17 if item.interval == "day" else 1) for item in ADD_ONS
)


@cache
def kept_share() -> float:
    """Share of the scores of those who answer that the ends of the scale do not cut.

    Beyond an end service moves a score no more, so that effects on it are so much smaller.
    """
    life, window = simulated_life(1, 8)
    panel, trait = life.panel, life.people.trait
    mood = np.array([MOOD_SEASON[window.calendar_month(m) - 1] for m in range(window.months)])
    mean = EFFECTS.satisfaction_mean + trait + mood[:, None]
    mean = mean + EFFECTS.experience_now * panel.experience
    mean[1:] += EFFECTS.experience_lag * panel.experience[:-1]
    inside = norm.cdf((10 - mean) / EFFECTS.satisfaction_noise)
    inside -= norm.cdf(-mean / EFFECTS.satisfaction_noise)
    log_odds = EFFECTS.answer_intercept + EFFECTS.answer_trait * trait
    log_odds = log_odds + ANSWERING["answer_service"] * panel.experience
    known = ~np.isnan(inside[1:])
    return float(np.average(inside[1:][known], weights=1 / (1 + np.exp(-log_odds[1:][known]))))


def truths() -> dict[str, float]:
    """What is planted, by link, band and lag; service is goodness here, ten points at a time."""
    now, direct = -EFFECTS.experience_now * kept_share(), -EFFECTS.spend_direct
    known = {
        "service_to_satisfaction all 0": now,
        "service_to_satisfaction all 1": -EFFECTS.experience_lag * kept_share(),
        "service_to_revenue_direct below_edge 1": direct,
        "service_to_churn_direct below_edge 1": -EFFECTS.churn_direct,
    }
    for side in ("below", "above"):
        bought = getattr(EFFECTS, f"new_service_slope_{side}")
        slope = getattr(EFFECTS, f"spend_slope_{side}") + bought * FIRST_CHARGE
        known |= {
            f"satisfaction_to_revenue {side}_edge 1": slope,
            f"satisfaction_to_churn {side}_edge 1": getattr(EFFECTS, f"churn_slope_{side}"),
            f"satisfaction_to_new_service {side}_edge 1": bought,
            f"service_to_revenue_via_satisfaction {side}_edge 1": now * slope,
        }  # fmt: skip
    return known


def estimated(home: Path, customers: int, months: int, seed: int) -> dict[str, list[float]]:
    """(estimate, standard error, low, high) of each planted figure, from simulated files."""
    for name, value in ANSWERING.items():
        object.__setattr__(EFFECTS, name, value)  # in this process alone
    settings = Settings(home=home, memory_limit="4GB", pseudonym_key="bench")
    simulate(settings.landing, customers, months, seed=seed)
    land_all(settings)
    check_sources(settings)
    as_of = resolve_as_of(settings, None)
    prepare(settings, as_of)
    for layer in LAYERS:
        build_layer(settings, layer, as_of)
    rows = pq.read_table(estimates_file(settings, "experience_effects")).to_pylist()
    columns = ("estimate", "standard_error", "ci_low", "ci_high")
    return {
        key: [row[name] for name in columns]
        for row in rows
        if (key := f"{row['link']} {row['band']} {row['lag_months']}")
    }


def measure(scratch: Path, customers: int, months: int, seeds: int) -> str:
    """The page; what a seed gave is kept in `scratch`, so that a run goes on where it stopped."""
    kept = scratch / f"{customers}x{months}"
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    for seed in range(1, seeds + 1):
        file = kept / f"{seed}.json"
        if not file.is_file():
            home = kept / "home"
            shutil.rmtree(home, ignore_errors=True)
            file.write_text(json.dumps(apart(estimated, home, customers, months, seed)))
            shutil.rmtree(home, ignore_errors=True)
        found.append(json.loads(file.read_text()))
    return _page(found, customers, months)


def _page(found: list[dict[str, list[float]]], customers: int, months: int) -> str:
    lines = [
        "# What was planted, from files",
        "",
        f"Made by `python -m bench.chain_seeds`: {len(found)} seeds of the simulator, "
        f"{customers:,} customers x {months} months, each from its files to its estimates. "
        "Answering depends on a stable trait and on the month's service. Planted slopes of revenue "
        f"are those of spend and {FIRST_CHARGE:.2f} for each service bought; effects on the score "
        f"({-EFFECTS.experience_now:g} and {-EFFECTS.experience_lag:g}) are of the "
        f"{kept_share():.1%} of scores that the ends of its scale do not cut.",
        "",
        "| figure | planted | mean estimate | mean standard error | within 2 standard errors | "
        "held by its 95% interval |",
        "|---|---|---|---|---|---|",
    ]
    every = []
    for name, truth in truths().items():
        figures = np.array([world[name] for world in found])
        near = np.abs(figures[:, 0] - truth) <= 2 * figures[:, 1]
        held = (figures[:, 2] <= truth) & (truth <= figures[:, 3])
        every.append(near)
        lines.append(
            f"| {name} | {truth:g} | {figures[:, 0].mean():.4g} | {figures[:, 1].mean():.3g} | "
            f"{near.mean():.0%} | {held.mean():.0%} |"
        )
    lines += [
        "",
        f"Within 2 standard errors: {np.mean(every):.1%} of {np.size(every)} cases. "
        "Promised: 90% or more.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=18)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "saydo-seeds")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "CHAIN_SEEDS.md")
    asked = parser.parse_args()
    text = measure(asked.scratch, asked.customers, asked.months, asked.seeds)
    asked.out.write_text(text)
    print(text)
