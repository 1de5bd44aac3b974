"""Resolves the accounts of one home: `SAYDO_HOME=… python -m bench.identity_tier AS_OF OUT`.

From raw to owners and registry: the models of staging and identity, without their data tests; OUT
takes the seconds of each. With a third argument, `finish`, it leaves what a build leaves that was
finished and published; with `start` it makes one view only: what starting dbt takes.
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date
from pathlib import Path

import duckdb

from saydo.build import prepare
from saydo.build.dbt import invoke
from saydo.build.variables import dbt_variables
from saydo.settings import Settings

MODELS = (
    "path:models/staging/identity",
    "stg_operations__batches",
    "stg_operations__input_changes",
    "path:models/intermediate/identity",
)
ONE_VIEW = ("stg_identity__identifier_types",)
REGISTRY = "registry_of_last_release.parquet"


def resolve(settings: Settings, as_of: date, models: tuple[str, ...] = MODELS) -> dict[str, float]:
    """Build the models; seconds by model.

    Raises:
        RuntimeError: a model failed.
    """
    prepare(settings, as_of)
    kept = settings.state / REGISTRY
    variables = dbt_variables(settings, as_of) | {"follows_release": kept.exists()}
    if kept.exists():
        shutil.copyfile(kept, settings.state / "registry.parquet")
    results = invoke(settings, ["run", "--select", *models], variables)
    failed = {result.name: result.message for result in results if result.status != "success"}
    if failed:
        raise RuntimeError(str(failed))
    return {result.name: result.seconds for result in results}


def finish(settings: Settings, as_of: date) -> None:
    """Remember the build as the marts do when they have finished, and keep its registry."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            f"""
            create schema if not exists marts;
            create or replace table marts.customer_months (customer_id varchar);
            create or replace table intermediate.built_batches as
            select batch_id, date '{as_of}' as as_of_date
            from staging.stg_operations__batches
            where is_current;
            create or replace table intermediate.built_identity__erased_accounts as
            select * from staging.stg_identity__erased_accounts;
            create or replace table intermediate.built_identifier_types_measured as
            select * from intermediate.int_identifier_types_measured;
            copy (select * from intermediate.int_identity_registered)
            to '{settings.state / REGISTRY}' (format parquet);
            """
        )


if __name__ == "__main__":
    settings, as_of = Settings(), date.fromisoformat(sys.argv[1])
    chosen = ONE_VIEW if "start" in sys.argv else MODELS
    Path(sys.argv[2]).write_text(json.dumps(resolve(settings, as_of, chosen)))
    if "finish" in sys.argv:
        finish(settings, as_of)
