"""How often intervals of the chain hold what was planted: worlds through the models and estimators.

`python -m bench.chain_coverage`: writes CHAIN_COVERAGE.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from bench.chain_models import chain_sums, compiled_chain, load_months, run_chain
from bench.chain_worlds import World, plant
from saydo.config import Policy
from saydo.estimate.experience_effects import EXPERIENCE_EFFECTS
from saydo.estimate.scenario_effects import SCENARIO_EFFECTS
from saydo.settings import Settings

USUAL = World()
NULL = World(
    service_now=0, service_before=0, below=0, above=0, direct=0, churn_below=0, churn_above=0,
    churn_direct=0, new_below=0, new_above=0,
)  # fmt: skip
BELOW, ABOVE, PRICE = 400, 600, 16  # customers below and above the edge, and what they pay: money
LINKS = ("service_to_satisfaction", "satisfaction_to_revenue", "satisfaction_to_new_service",
         "satisfaction_to_churn", "service_to_revenue_direct")  # fmt: skip


def truths(world: World) -> dict[str, float]:
    """What was planted, by link, band and lag, and the money of both scenarios."""
    known = {
        "service_to_satisfaction all 0": world.service_now,
        "service_to_satisfaction all 1": world.service_before,
        "service_to_revenue_direct below_edge 1": world.direct,
        "service_to_churn_direct below_edge 1": world.churn_direct,
    }
    for side in ("below", "above"):
        slope, hazard = getattr(world, side), getattr(world, f"churn_{side}")
        known |= {
            f"satisfaction_to_revenue {side}_edge 1": slope,
            f"satisfaction_to_churn {side}_edge 1": hazard,
            f"satisfaction_to_new_service {side}_edge 1": getattr(world, f"new_{side}"),
            f"service_to_revenue_via_satisfaction {side}_edge 1": world.service_now * slope,
            f"service_to_revenue {side}_edge 1": world.service_now * slope + world.direct,
            f"service_to_churn {side}_edge 1": world.service_now * hazard + world.churn_direct,
        }
    known["satisfaction_to_revenue below_less_above 1"] = world.below - world.above
    counts = {"below": BELOW, "above": ABOVE}
    known["money of satisfaction_lift"] = sum(
        count * (getattr(world, side) - PRICE * getattr(world, f"churn_{side}"))
        for side, count in counts.items()
    )
    known["money of service_dip"] = -sum(
        count * (known[f"service_to_revenue {side}_edge 1"]
                 - PRICE * known[f"service_to_churn {side}_edge 1"])
        for side, count in counts.items()
    )  # fmt: skip
    return known


def simulate(seed: int, world: World, sql: Mapping[str, str], policy: Policy) -> dict[str, tuple]:
    """Of each figure (low, estimate, high, sensitivity low, high, adjusted p, publishable)."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(file), config={"threads": 1, "memory_limit": "2GB"}) as connection:
            load_months(connection, plant(seed, world))
            run_chain(connection, sql)
            sums = chain_sums(connection)
    found = {}
    for row in EXPERIENCE_EFFECTS.run(sums, policy, world.as_of).table.to_pylist():
        found[f"{row['link']} {row['band']} {row['lag_months']}"] = (
            row["ci_low"], row["estimate"], row["ci_high"], row["sensitivity_low"],
            row["sensitivity_high"], row["adjusted_p_value"], row["is_publishable"],
        )  # fmt: skip
    scenarios = SCENARIO_EFFECTS.run(sums, policy, world.as_of).table
    for scenario in ("satisfaction_lift", "service_dip"):
        low, estimate, high = _money(scenarios, scenario)
        found[f"money of {scenario}"] = (low, estimate, high, None, None, None, True)
    return found


def _money(scenarios: pa.Table, code: str) -> tuple[float, float, float]:
    """Spend of BELOW and ABOVE customers, and PRICE of those who leave, with its interval."""
    counts = {"below_edge": BELOW, "above_edge": ABOVE}

    def weight(outcome: str, side: str) -> float:
        return counts[side] * (1 if outcome == "revenue" else -PRICE)

    total, variance, reach = 0.0, 0.0, 0.0
    for row in scenarios.to_pylist():
        if row["scenario_code"] != code:
            continue
        own = weight(row["outcome_code"], row["side"])
        other = weight(row["other_outcome_code"], row["other_side"])
        variance += own * other * row["covariance"]
        reach = max(reach, row["interval_multiplier"])
        if own == other:
            total += own * row["effect"]
    off = reach * math.sqrt(variance)
    return total - off, total, total + off


def measure(worlds: int) -> str:
    """The page of results over so many seeds."""
    with tempfile.TemporaryDirectory() as folder:
        sql = compiled_chain(Settings(home=Path(folder), pseudonym_key="bench"), USUAL.as_of)
    policy = Policy()
    kinds = {
        "usual": USUAL,
        "null": NULL,
        "tilt 0.35": dataclasses.replace(USUAL, customers=4000, tilt_by_score=0.35),
        "tilt 0.8": dataclasses.replace(USUAL, customers=4000, tilt_by_score=0.8),
    }
    found = {}
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for name, world in kinds.items():
            run = partial(simulate, world=world, sql=sql, policy=policy)
            found[name] = list(pool.map(run, range(worlds), chunksize=5))
    return _page(worlds, found)


def _page(worlds: int, found: Mapping[str, list[dict[str, tuple]]]) -> str:
    lines = [
        "# Coverage of the chain's intervals",
        "",
        f"Made by `python -m bench.chain_coverage`: {worlds} planted worlds a column, each through "
        "the models and the estimators. Answering depends on a stable trait, which moves service "
        "and spend as well.",
        "",
        f"| figure | planted | mean estimate | held by its 95% interval, {USUAL.customers:,} "
        f"customers x {USUAL.months} months | no effect planted: held |",
        "|---|---|---|---|---|",
    ]
    for name, truth in truths(USUAL).items():
        usual, null = ([world[name] for world in found[kind]] for kind in ("usual", "null"))
        mean = np.mean([each[1] for each in usual])
        lines.append(
            f"| {name} | {truth:g} | {mean:.4g} | {_held(usual, truth)} | {_held(null, 0)} |"
        )
    published = [
        each[5] < 0.05 and each[6] for world in found["null"] for each in world.values() if each[5]
    ]
    ready = [each[6] for world in found["usual"] for each in world.values() if each[5]]
    lines += [
        "",
        f"No effect planted: {np.mean(published):.2%} of a world's links are published with an "
        f"adjusted p below 0.05, and {_any_published(found['null']):.1%} of the worlds have one. "
        f"With effects, {np.mean(ready):.1%} of the links are publishable.",
        "",
        "Answering depends on the month's own score, too:",
        "",
        "| a point multiplies the odds by | effect of service on satisfaction, mean | its interval "
        "holds 0.6 | sensitivity range holds 0.6 | slope below: held | slope above: held |",
        "|---|---|---|---|---|---|",
    ]
    for tilt in ("0.35", "0.8"):
        runs = found[f"tilt {tilt}"]
        effect = [world["service_to_satisfaction all 0"] for world in runs]
        slopes = [
            _held([world[f"satisfaction_to_revenue {side}_edge 1"] for world in runs], truth)
            for side, truth in (("below", USUAL.below), ("above", USUAL.above))
        ]
        ranged = np.mean([each[3] <= USUAL.service_now <= each[4] for each in effect])
        lines.append(
            f"| e^{tilt} | {np.mean([each[1] for each in effect]):.4f} | "
            f"{_held(effect, USUAL.service_now)} | {ranged:.1%} | {' | '.join(slopes)} |"
        )
    lines += [
        "",
        "Promised: intervals that hold what was planted in 92-98% of the worlds; at most 5% "
        "published where there is nothing; a sensitivity range that holds the truth where "
        "answering depends on the score, and slopes that still hold there.",
    ]
    return "\n".join(lines) + "\n"


def _held(figures: list[tuple], truth: float) -> str:
    return f"{np.mean([low <= truth <= high for low, _, high, *_ in figures]):.1%}"


def _any_published(worlds: list[dict[str, tuple]]) -> float:
    return float(
        np.mean([any(e[5] and e[5] < 0.05 and e[6] for e in world.values()) for world in worlds])
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "CHAIN_COVERAGE.md")
    asked = parser.parse_args()
    text = measure(asked.worlds)
    asked.out.write_text(text)
    print(text)
