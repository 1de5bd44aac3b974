"""The chain's effects against pyfixest's fits of the same regressions, and over the rows."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

import duckdb

from bench.chain_models import compiled_chain, load_months, run_chain
from bench.chain_worlds import World, plant
from bench.harness import Command, Comparison, apart, interleave
from saydo.config import BUILT_IN_KPIS, Policy
from saydo.settings import Settings

MONTHS = 36
_TENURE = Policy().profile.tenure_band_months[0]


def _prepare(place: Path, rows: int) -> int:
    """Plant the months, compile the models, line the panel up for the peer; answers in it."""
    world = World(customers=rows // MONTHS, months=MONTHS)
    sql = compiled_chain(Settings(home=place / "dbt", pseudonym_key="bench"), world.as_of)
    (place / "told.json").write_text(json.dumps({"sql": sql, "as_of": world.as_of.isoformat()}))
    with duckdb.connect(str(place / "warehouse.duckdb")) as connection:
        load_months(connection, plant(1, world))
        run_chain(connection, sql)
        tilts = ", ".join(
            f"exp(-{tilt} * satisfaction_score::double) as tilt_{number}"
            for number, tilt in enumerate(Policy().chain.selection_tilts, 1)
        )
        split = ", ".join(
            f"{name}_{part}::double as {name}_{part}"
            for name in ("below", "above", "service")
            for part in ("deviation", "mean")
        )
        kpis = ", ".join(f"kpi_{kpi.name}::double as kpi_{kpi.name}" for kpi in BUILT_IN_KPIS)
        connection.execute(
            f"""
            copy (
                select
                    substr(months.customer_id, 2)::int as customer,
                    months.month_start_date as month,
                    months.satisfaction_score::double as satisfaction,
                    months.experience_score::double as service,
                    months.previous_experience_score::double as service_before,
                    months.next_experience_score::double as service_after,
                    months.later_experience_score::double as service_later,
                    months.next_revenue::double as revenue,
                    months.next_new_service_count::double as new_services,
                    months.leaves_next::int::double as churned,
                    (months.months_since_acquisition >= {_TENURE})::int::double as tenure,
                    least(months.satisfaction_score - 6, 0)::double as below,
                    greatest(months.satisfaction_score - 6, 0)::double as above,
                    {split}, {tilts}, months.latest_satisfaction_band, months.plan_code,
                    months.region_code, months.tenure_band,
                    {kpis}
                from intermediate.int_chain_months_aligned as months
                left join (
                    select customer_id, month_start_date, columns('^.*_(deviation|mean)$')
                    from intermediate.int_chain_risks_split
                ) as risks using (customer_id, month_start_date)
                where not months.is_partial
            ) to '{place / "panel.parquet"}'
            """
        )
        found = connection.execute(f"select count(*) from '{place / 'panel.parquet'}'").fetchone()
    return found[0] if found else 0


def measure(scratch: Path, runs: int, rows: int) -> tuple[list[Comparison], str]:
    """Saydo's turn against the peer's at so many customer-months, and at a tenth of them."""
    places = {size: scratch / f"{size}" for size in (rows // 10, rows)}
    answers = {}
    for size, place in places.items():
        place.mkdir(parents=True, exist_ok=True)
        (place / "warehouse.duckdb").unlink(missing_ok=True)
        answers[size] = apart(_prepare, place, size)

    def command(size: int, how: str) -> Command:
        return Command([sys.executable, "-m", "bench.chain_run", str(places[size]), how])

    timed = interleave(
        {
            "saydo": command(rows, "saydo"),
            "pyfixest": command(rows, "pyfixest"),
            "saydo, a tenth": command(rows // 10, "saydo"),
        },
        runs,
    )
    growth = statistics.median(
        whole.cpu / part.cpu
        for whole, part in zip(timed["saydo"], timed["saydo, a tenth"], strict=True)
    )
    memory = max(r.peak_mb for r in timed["saydo"]) / max(r.peak_mb for r in timed["pyfixest"])
    kept = "kept" if 8 <= growth <= 12 else "**not kept**"
    return [
        Comparison(
            f"effects of {rows:,} customer-months, {answers[rows]:,} answers",
            timed["saydo"], timed["pyfixest"], 1 / 3,
            "pyfixest's fits of a panel lined up already; no money, no jackknife, no products",
        ),
    ], (
        f"\n{rows // 10:,} to {rows:,} customer-months: {growth:.1f} times the CPU time "
        f"(promised 8 to 12: {kept}). Peak memory {memory:.2f} of pyfixest's (promised ≤ 0.25: "
        f"{'kept' if memory <= 0.25 else '**not kept**'})."
    )  # fmt: skip
