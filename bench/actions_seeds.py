"""Whether what the simulator plants is what the marts about actions say: seed after seed.

`python -m bench.actions_seeds`: writes ACTIONS_SEEDS.md. Files, landing, identity, dbt, estimates,
marts; only what is published is left out. A figure more is one more of FIGURES: seeds that were
measured without it are measured again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench.actions_worlds import CIRCLE, HORIZON_DAYS, NOTHING, WORLDS, build_world
from bench.harness import apart
from bench.influence_auc import area_under_curve

Asked = Callable[[duckdb.DuckDBPyConnection, dict[str, Any]], list[float]]


@dataclass(frozen=True)
class Figure:
    """What a world is asked; so great a share of the answers of all is to be `least` or more."""

    name: str
    world: str
    ask: Asked
    least: float
    promised_share: float


def worst_step(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> list[float]:
    """1 if the step that hurts on the planted path is the planted one, and it hurts for sure."""
    planted = truth["actions"]["journeys"]
    found = warehouse.execute(
        "select worst_step, worst_step_number from marts.journey_paths "
        "where start_type = ? and path = ? and worst_step_ci_high < 0",
        [planted["start_type"], planted["path"]],
    ).fetchone()
    return [float(found == (planted["worst_step"], planted["worst_step_number"]))]


def circle(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> list[float]:
    """1 if the planted circle has the highest lift of its bet, more than chance would make."""
    found = warehouse.execute(
        "select set_count, adjusted_p from marts.success_circles "
        "where bet_code = ? and set_count > 1 order by lift desc limit 1",
        [CIRCLE],
    ).fetchone()
    every = len(truth["actions"]["circle"]["sets"])
    return [float(found is not None and found[0] == every and found[1] < 0.05)]


def null_bets(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> list[float]:
    """Of each bet without truth: 1 if no combination of its evidence is told as proven."""
    proven = warehouse.execute(
        "select distinct bet_code from marts.success_circles where verdict = 'proven'"
    ).fetchall()
    return [float((code,) not in proven) for code in NOTHING]


def next_services(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> list[float]:
    """How many times as often as the most popular three the three offered hold what was taken."""
    hit, popular = warehouse.execute(
        "select max(hit_rate_at_3), max(popularity_hit_rate_at_3) "
        "from marts.recommendation_readouts where method = 'expected_revenue'"
    ).fetchone() or (None, None)
    return [float(hit / popular) if hit and popular else 0.0]


def flux(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> list[float]:
    """How many signals are followed by a change half as often again as all months, for sure."""
    (count,) = warehouse.execute(
        "select count(*) from marts.flux_signals where lift >= 1.5 and ci_low > 1"
    ).fetchone() or (0,)
    return [float(count)]


def credit(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> list[float]:
    """1 if the interval of what credits did to leaving holds what was planted."""
    planted = truth["planted"]["credits"]["bands"]["all"]["churn_difference_60d"]
    found = warehouse.execute(
        "select churn_ci_low <= $planted and $planted <= churn_ci_high "
        "from marts.service_recovery_outcomes "
        "where satisfaction_band = 'all' and horizon_days = $days",
        {"planted": planted, "days": HORIZON_DAYS},
    ).fetchone()
    return [float(found == (True,))]


def influencers(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> list[float]:
    """Area under the curve of influence_percentile, of those whom others were planted to follow."""
    found = warehouse.execute(
        "select influence_percentile, customer_id in (select customer_id from "
        "intermediate.int_accounts_resolved where list_contains($keys, account_key)) "
        "from marts.customer_influence where influence_percentile is not null",
        {"keys": truth["influence"]["account_keys"]},
    ).fetchnumpy()
    score, is_planted = (np.ma.getdata(column) for column in found.values())
    return [area_under_curve(score.astype(float), is_planted.astype(bool))]


FIGURES = (
    Figure("the planted step is the worst of its path", "acted", worst_step, 1, 0.9),
    Figure("the planted circle has the highest lift of its bet", "acted", circle, 1, 0.9),
    Figure("a bet without truth is not proven", "acted", null_bets, 1, 0.95),
    Figure("hit rate at 3, times that of the most popular", "changing", next_services, 1.3, 1),
    Figure("signals of flux of lift 1.5 or more", "changing", flux, 3, 1),
    Figure("the interval of the credit's effect holds what was planted", "acted", credit, 1, 0.9),
    Figure("area under the curve of whom others follow", "acted", influencers, 0.8, 1),
)


def measured(
    home: Path, customers: int, months: int, seed: int, world: str
) -> dict[str, list[float]]:
    """What one world answers to each of its figures, from simulated files to built marts."""
    settings, truth = build_world(home, customers, months, seed, world)
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return {
            figure.name: figure.ask(warehouse, truth) for figure in FIGURES if figure.world == world
        }


def measure(scratch: Path, customers: int, months: int, seeds: int) -> str:
    """The page; what a seed gave is kept in `scratch`, so that a run goes on where it stopped."""
    kept = scratch / f"{customers}x{months}"
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    for seed in range(1, seeds + 1):
        file = kept / f"{seed}.json"
        told = json.loads(file.read_text()) if file.is_file() else {}
        if any(figure.name not in told for figure in FIGURES):
            home = kept / "home"
            for world in WORLDS:
                shutil.rmtree(home, ignore_errors=True)
                told |= apart(measured, home, customers, months, seed, world)
            file.write_text(json.dumps(told))
            shutil.rmtree(home, ignore_errors=True)
        found.append(told)
    return page(found, customers, months)


def page(found: list[dict[str, list[float]]], customers: int, months: int) -> str:
    """What all worlds answered, beside what is promised."""
    lines = [
        "# What was planted, from marts",
        "",
        f"Made by `python -m bench.actions_seeds`: {len(found)} seed(s) of the simulator, "
        f"{customers:,} customers x {months} months, once with credits, journeys, influence and "
        f"{len(NOTHING)} bets without truth, once with changes; from files to marts.",
        "",
        "| figure | mean | least | promised | as promised | kept |",
        "|---|---|---|---|---|---|",
    ]
    for figure in FIGURES:
        values = np.array([value for world in found for value in world[figure.name]])
        good = int((values >= figure.least).sum())
        is_kept = len(values) > 0 and good >= figure.promised_share * len(values) - 1e-9
        lines.append(
            f"| {figure.name} | {values.mean():.3g} | {values.min():.3g} | >= {figure.least:g} in "
            f"{figure.promised_share:.0%} | {good} of {len(values)} | "
            f"{'yes' if is_kept else '**no**'} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "saydo-acts")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "ACTIONS_SEEDS.md")
    asked = parser.parse_args()
    text = measure(asked.scratch, asked.customers, asked.months, asked.seeds)
    asked.out.write_text(text)
    print(text)
