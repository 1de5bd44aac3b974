"""Revenue and survey figures of a million customers, against one hand-written query of each."""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template

import duckdb

from bench.figures_run import AS_OF, REVENUE, SCORES, SUMS
from bench.harness import Command, Comparison, apart, interleave
from saydo.build import prepare
from saydo.build.dbt import invoke
from saydo.build.inputs import DBT_PROJECT
from saydo.build.variables import dbt_variables
from saydo.engine import memory_limit
from saydo.settings import Settings

INPUTS = Path(__file__).with_name("figures.sql")
MEMORY = "3GB"  # so that the whole process stays below 4


def _prepare(home: Path, customers: int, months: int) -> tuple[int, int]:
    """Make the inputs and compile the models; returns customers' months and answers."""
    settings = Settings(home=home, memory_limit="8GB")
    prepare(settings, AS_OF)
    selected = [*REVENUE, *SUMS, *SCORES]
    results = invoke(settings, ["compile", "--select", *selected], dbt_variables(settings, AS_OF))
    compiled = home / "compiled"
    compiled.mkdir(exist_ok=True)
    for result in results:
        if result.kind == "model" and result.compiled_path:
            source = settings.state / "dbt" / "target" / result.compiled_path
            (compiled / f"{result.name}.sql").write_text(source.read_text())
    with duckdb.connect(str(settings.warehouse), config={
        "threads": settings.threads, "memory_limit": memory_limit(settings),
        "temp_directory": f"{home}/spill", "preserve_insertion_order": False,
    }) as connection:  # fmt: skip
        connection.execute(
            Template(INPUTS.read_text()).substitute(
                customers=customers, months=months, seeds=DBT_PROJECT / "seeds"
            )
        )
        counts = [
            connection.execute(f"select count(*) from intermediate.{name}").fetchone()
            for name in ("int_customer_months_measured", "int_survey_responses_resolved")
        ]
    return tuple(count[0] for count in counts if count)  # type: ignore[return-value]


def measure(scratch: Path, runs: int, customers: int, months: int) -> list[Comparison]:
    """Both kinds of figures, Saydo's against the script's, turn by turn."""
    home = scratch / f"{customers}x{months}"
    home.mkdir(parents=True, exist_ok=True)
    month_count, answer_count = apart(_prepare, home, customers, months)

    def command(figures: str, how: str) -> Command:
        return Command(
            [sys.executable, "-m", "bench.figures_run", str(home), figures, how],
            {"SAYDO_MEMORY_LIMIT": MEMORY},
        )

    timed = interleave(
        {
            f"{figures} {how}": command(figures, how)
            for figures in ("revenue", "survey")
            for how in ("saydo", "script")
        },
        runs,
    )
    return [
        Comparison(
            f"revenue marts, {customers:,} customers, {month_count:,} months",
            timed["revenue saydo"], timed["revenue script"], 1.5,
            "one query of the bridge alone: everybody's, without segments, cohorts and causes",
        ),
        Comparison(
            f"survey figures, {answer_count:,} answers",
            timed["survey saydo"], timed["survey script"], 2,
            "one query by segments with weights given, without invitations and waves",
        ),
    ]  # fmt: skip
