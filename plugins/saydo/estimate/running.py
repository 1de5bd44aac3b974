"""Run the estimators over a candidate's sums, and keep what marts read of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from saydo.durable import replace_json, replace_table
from saydo.engine import open_database
from saydo.errors import SaydoError
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.experience_effects import EXPERIENCE_EFFECTS
from saydo.estimate.experiment_readouts import EXPERIMENT_READOUTS
from saydo.estimate.flux_signals import FLUX_SIGNALS
from saydo.estimate.journey_paths import JOURNEY_PATHS
from saydo.estimate.next_best_services import NEXT_BEST_SERVICES
from saydo.estimate.recommendation_readouts import RECOMMENDATION_READOUTS
from saydo.estimate.recovery_outcomes import RECOVERY_OUTCOMES
from saydo.estimate.satisfaction_drivers import SATISFACTION_DRIVERS
from saydo.estimate.satisfaction_monthly import SATISFACTION_MONTHLY
from saydo.estimate.scenario_effects import SCENARIO_EFFECTS
from saydo.estimate.segment_effects import SEGMENT_EFFECTS
from saydo.estimate.stated_vs_actual_monthly import STATED_VS_ACTUAL_MONTHLY
from saydo.estimate.success_circles import SUCCESS_CIRCLES
from saydo.estimate.survey_groups_monthly import SURVEY_GROUPS_MONTHLY
from saydo.estimate.survey_weighting import SURVEY_WEIGHTING
from saydo.settings import Settings
from saydo.sql import quoted

log = logging.getLogger(__name__)

ESTIMATORS: tuple[Estimator, ...] = (
    SURVEY_WEIGHTING,
    SATISFACTION_MONTHLY,
    STATED_VS_ACTUAL_MONTHLY,
    SURVEY_GROUPS_MONTHLY,
    SATISFACTION_DRIVERS,
    EXPERIENCE_EFFECTS,
    SEGMENT_EFFECTS,
    SCENARIO_EFFECTS,
    EXPERIMENT_READOUTS,
    RECOVERY_OUTCOMES,
    JOURNEY_PATHS,
    SUCCESS_CIRCLES,
    FLUX_SIGNALS,
    NEXT_BEST_SERVICES,
    RECOMMENDATION_READOUTS,
)


@dataclass(frozen=True)
class Done:
    """One estimator that has run."""

    name: str
    row_count: int
    seconds: float


def run_estimators(
    settings: Settings, as_of: date, key: str, wanted: Collection[str] | None = None
) -> Iterator[Done]:
    """Run the estimators wanted, one after the other; the files of each are replaced at once.

    Beside `state/estimates/<name>.parquet` stands `<name>.json`: the inputs' key, the as-of date,
    the versions it was worked out with, and the estimator's diagnostics.

    Args:
        settings: where the home is; its warehouse is opened read-only.
        as_of: the day of the build.
        key: names the inputs of the build.
        wanted: names of estimators; none: all.

    Raises:
        SaydoError: a model that an estimator reads is not there.
    """
    for estimator in (each for each in ESTIMATORS if wanted is None or each.name in wanted):
        begun = time.monotonic()
        estimate = estimator.run(_sums(settings, estimator), settings.policy, as_of)
        table = estimate.table.select(estimator.schema.names).cast(estimator.schema)
        replace_table(estimates_file(settings, estimator.name), table)
        replace_json(
            estimates_file(settings, estimator.name).with_suffix(".json"),
            _told(estimate, as_of, key),
        )
        log.info("estimate %s: %s", estimator.name, estimate.diagnostics)
        yield Done(estimator.name, table.num_rows, round(time.monotonic() - begun, 2))


def empty_estimates(settings: Settings) -> None:
    """Write an empty table for each estimator that has none of its columns yet."""
    for estimator in ESTIMATORS:
        file = estimates_file(settings, estimator.name)
        if not file.is_file() or pq.read_schema(file) != estimator.schema:
            replace_table(file, estimator.schema.empty_table())


def estimates_file(settings: Settings, name: str) -> Path:
    """Where marts find an estimator's table."""
    return settings.state / "estimates" / f"{name}.parquet"


def _sums(settings: Settings, estimator: Estimator) -> dict[str, pa.Table]:
    with open_database(settings, settings.warehouse, read_only=True) as connection:
        try:
            return {
                model: connection.execute(
                    f"select * from {quoted('intermediate', model)} order by all"
                ).to_arrow_table()
                for model in estimator.reads
            }
        except duckdb.CatalogException as error:
            raise SaydoError(
                f"{estimator.name} reads what the build has not made: {error}"
            ) from error


def _told(estimate: Estimate, as_of: date, key: str) -> dict[str, object]:
    return {
        "inputs_key": key,
        "as_of_date": as_of.isoformat(),
        "versions": {"numpy": np.__version__, "duckdb": version("duckdb")},
        "diagnostics": estimate.diagnostics,
    }
