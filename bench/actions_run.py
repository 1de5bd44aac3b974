"""The actions models in this process: `SAYDO_HOME=… python -m bench.actions_run HOW AS_OF [FILE]`.

HOW is `ready` (everything that they read, and none of them), `full` or `day` (they alone, from the
start or onto the build before), or `peer` (actions_peer.sql, into the DuckDB file FILE).
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from string import Template

import duckdb

from saydo.build import prepare
from saydo.build.dbt import NodeResult, invoke
from saydo.build.inputs import current_inputs
from saydo.build.layers import LAYERS
from saydo.build.variables import dbt_variables
from saydo.durable import replace_json
from saydo.estimate import run_estimators
from saydo.settings import Settings

SCRIPT = Path(__file__).with_name("actions_peer.sql")
FOLDERS = ("path:models/intermediate/actions", "path:models/marts/actions", "customer_events")
ESTIMATES = ("recovery_outcomes", "journey_paths", "success_circles", "flux_signals",
             "next_best_services", "recommendation_readouts")  # fmt: skip


def ready(settings: Settings, as_of: date) -> None:
    """Build what the actions models read as of a day, and leave these as they were."""
    prepare(settings, as_of)
    reads = [f"+{folder}" for folder in FOLDERS]
    _dbt(settings, as_of, ["run", "--select", *reads, "--exclude", *FOLDERS], reads_raw=True)


def build(settings: Settings, as_of: date, is_full: bool) -> None:
    """Build and test the actions models as the layers do; what each took is kept in the home."""
    flags = ["--exclude-resource-type", "unit_test", *(["--full-refresh"] if is_full else [])]
    intermediate, *marts = FOLDERS
    done = _dbt(
        settings,
        as_of,
        ["build", "--select", intermediate, "--indirect-selection=buildable", *flags],
    )
    key = current_inputs(settings, as_of).key
    estimated = list(run_estimators(settings, as_of, key, ESTIMATES))
    done += _dbt(settings, as_of, ["build", "--select", *marts, LAYERS["marts"][-1], *flags])
    told = [[node.name, node.kind, node.seconds] for node in done]
    told += [[estimate.name, "estimate", estimate.seconds] for estimate in estimated]
    replace_json(times_file(settings), sorted(told, key=lambda each: -each[2]))


def times_file(settings: Settings) -> Path:
    """Where a build leaves what each node took: [name, kind, seconds], the slowest first."""
    return settings.state / "bench_actions.json"


def peer(settings: Settings, as_of: date, file: str) -> None:
    """Run the script with the memory and the threads that Saydo has."""
    config = {
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "temp_directory": f"{file}.tmp",
        "preserve_insertion_order": False,
    }
    told = {"as_of": as_of, "as_of_end": dbt_variables(settings, as_of)["as_of_end_at"]}
    with duckdb.connect(file, config=config) as connection:
        connection.execute(f"attach '{settings.warehouse}' as warehouse (read_only)")
        connection.execute(Template(SCRIPT.read_text()).substitute(told))


def _dbt(
    settings: Settings, as_of: date, arguments: list[str], reads_raw: bool = False
) -> list[NodeResult]:
    variables = dbt_variables(settings, as_of) | {"follows_failure": False}
    done = invoke(settings, arguments, variables, reads_raw=reads_raw)
    wrong = [node for node in done if node.status not in ("success", "pass", "warn")]
    if wrong or not done:
        sys.exit(f"dbt {arguments[0]}: {[(node.name, node.message) for node in wrong]}")
    return done


if __name__ == "__main__":
    how, day, *file = sys.argv[1:]
    if how == "peer":
        peer(Settings(), date.fromisoformat(day), *file)
    elif how == "ready":
        ready(Settings(), date.fromisoformat(day))
    else:
        build(Settings(), date.fromisoformat(day), is_full=how == "full")
