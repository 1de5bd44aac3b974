"""Estimates the chain in this process: `python -m bench.chain_run PLACE saydo|pyfixest`.

Saydo's models as dbt compiles them and its estimators, from months of customers; or pyfixest's fits
of the same regressions, without anything in parts, from a panel that is lined up already.
"""

from __future__ import annotations

import json
import sys
import warnings
from datetime import date
from pathlib import Path

import duckdb

SEGMENTS = ("latest_satisfaction_band", "plan_code", "region_code", "tenure_band")
TILTS = ("tilt_1", "tilt_2")


def by_saydo(place: Path) -> None:
    """Every table of the chain, and every estimate from it."""
    from bench.chain_models import chain_sums, run_chain
    from saydo.config import Policy
    from saydo.estimate.experience_effects import EXPERIENCE_EFFECTS
    from saydo.estimate.scenario_effects import SCENARIO_EFFECTS
    from saydo.estimate.segment_effects import SEGMENT_EFFECTS

    told = json.loads((place / "told.json").read_text())
    config = {"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": False,
              "temp_directory": str(place / "spill")}  # fmt: skip
    with duckdb.connect(str(place / "warehouse.duckdb"), config=config) as connection:
        run_chain(connection, told["sql"])
        sums = chain_sums(connection)
    for estimator in (EXPERIENCE_EFFECTS, SEGMENT_EFFECTS, SCENARIO_EFFECTS):
        estimator.run(sums, Policy(), date.fromisoformat(told["as_of"]))


def by_pyfixest(place: Path) -> None:
    """The coefficients of the same regressions, with errors by customer."""
    import pandas
    import pyfixest

    warnings.simplefilter("ignore")
    panel = pandas.read_parquet(place / "panel.parquet")
    kpis = " + ".join(name for name in panel.columns if name.startswith("kpi_"))
    split = "below_deviation + above_deviation + service_deviation + below_mean + above_mean"
    answers = "satisfaction ~ service + service_before"
    models: list[tuple[str, str | None]] = [
        *((f"{answers} | customer + month", weights) for weights in (None, *TILTS)),
        (f"{answers} + service_after | customer + month", None),
        (f"{answers} | month", None),
        ("satisfaction ~ service | month", None),
        (f"satisfaction ~ {kpis} | customer + month", None),
        (f"satisfaction ~ {kpis} | month", None),
        (f"churned ~ {split} + service_mean + tenure | month", None),
        ("churned ~ below + above + service | month", None),
    ]
    for outcome in ("revenue", "new_services"):
        slopes = f"{outcome} ~ below + above + service"
        models += [
            (f"{outcome} ~ satisfaction + service | customer + month", None),
            (f"{slopes} | customer + month", None),
            (f"{slopes} | month", None),
            (f"{slopes} + service_after + service_later | customer + month", None),
            (f"{outcome} ~ below + above + {kpis} | customer + month", None),
            *((f"{outcome} ~ i({name}, below) + i({name}, above) + service | customer + month",
               None) for name in SEGMENTS),
        ]  # fmt: skip
    for formula, weights in models:
        pyfixest.feols(formula, panel, vcov={"CRV1": "customer"}, weights=weights)


if __name__ == "__main__":
    {"saydo": by_saydo, "pyfixest": by_pyfixest}[sys.argv[2]](Path(sys.argv[1]))
