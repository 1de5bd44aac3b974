"""A home whose models are few and small: layers, a table by month, and a model that can be slow.

Also a program that builds a layer in a process of its own, for whoever wants to kill it.
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from saydo.build import build_layer, inputs
from saydo.estimate import running
from saydo.landing import Batch, write_entry
from saydo.settings import PROJECT, Settings

TODAY = date(2025, 3, 30)
NAMES = (
    "staging.stg_numbers",
    "intermediate.int_people",
    "intermediate.int_sums",
    "marts.profiles",
)
_FEED = {
    "name": "usage",
    "source": "network_usage_daily",
    "path": "usage/*.csv",
    "format": "csv",
    "columns": {"id_type": "'msisdn'", "id_value": "number", "usage_date": "day"},
}
_PROJECT = {
    "name": "saydo",
    "profile": "saydo",
    "models": {
        "saydo": {
            "+file_format": "parquet",
            "+materialized": "table",
            **{
                layer: {
                    "+schema": layer,
                    "+location_root": f"{{{{ env_var('SAYDO_DBT_TABLES') }}}}/{layer}",
                }
                for layer in ("staging", "intermediate", "marts")
            },
        }
    },
}
# How many rows one of them has is told by a file, so that a test can make it slow and quick again.
_MODELS = {
    "staging/stg_numbers.sql": "select made.id, made.id % 7 as part from range(1000) as made (id)",
    "intermediate/identity/int_people.sql": (
        "select count(*) as row_count, sum(numbers.id % (1 + slow.id)) as total from "
        "{{ ref('stg_numbers') }} as numbers cross join {{ ref('stg_slow') }} as slow "
        "group by numbers.part"
    ),
    "staging/stg_slow.sql": (
        "{{ config(materialized='view') }} select high.id * 20000 + low.id as id "
        "from {{ source('state', 'rows') }} as told "
        "inner join range(20000) as high (id) on high.id * 20000 < told.row_count "
        "inner join range(20000) as low (id) on high.id * 20000 + low.id < told.row_count"
    ),
    "intermediate/revenue/int_sums.sql": (
        "{{ config(materialized='incremental', incremental_strategy=by_month_strategy(), "
        "partition_by=['month'], pre_hook=\"{{ forget() }}\") }} "
        "select id, case when id < 500 then '2025-02' else '2025-03' end as month "
        "from {{ ref('stg_numbers') }}"
        "{% if is_incremental() %} where id >= 500{% endif %}"
    ),
    "marts/profiles.sql": (
        "select sums.month, count(*) as row_count, sum(people.total) as total from "
        "{{ ref('int_sums') }} as sums cross join {{ ref('int_people') }} as people "
        "group by sums.month"
    ),
    "sources.yml": (
        "sources: [{name: state, tables: [{name: rows}], config: {meta: {"
        "external_location: \"read_parquet('{{ env_var('SAYDO_DBT_STATE') }}/{identifier}.parquet')"
        '",'
        "location: \"{{ env_var('SAYDO_DBT_STATE') }}/{identifier}.parquet\"}}}]\n"
    ),
}
_FORGET = (
    "{% macro forget() %}{% if execute and is_incremental() %}{% if target.type == 'duckdb' %}"
    "delete from {{ this }} where month = '2025-03'{% else %}"
    "{{ saydo.tell_rebuilt_months('month', ['2025-03']) }}{% endif %}{% endif %}{% endmacro %}"
)


def tiny_home(folder: Path, engine: str = "spark", spark_file: Path | None = None) -> Settings:
    """Settings of a home in a folder, made there the first time."""
    project = folder / "dbt"
    if not project.exists():
        for name, text in _MODELS.items():
            file = project / "models" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (project / "dbt_project.yml").write_text(yaml.safe_dump(_PROJECT))
        shutil.copy(PROJECT / "dbt_project" / "profiles.yml", project)
        for name in ("engine", "incremental"):
            shutil.copytree(PROJECT / "dbt_project" / "macros" / name, project / "macros" / name)
        (project / "macros" / "forget.sql").write_text(_FORGET)
        (folder / "feeds.yml").write_text(yaml.safe_dump({"feeds": [_FEED]}))
        (folder / "policy.yml").write_text("{}")
    settings = Settings(
        home=folder / "home", feeds_file=folder / "feeds.yml", policy_file=folder / "policy.yml",
        engine=engine, threads=1, **({"spark_file": spark_file} if spark_file else {}),
    )  # fmt: skip
    settings.state.mkdir(parents=True, exist_ok=True)
    if not (settings.state / "rows.parquet").exists():
        be_quick(settings)
    return settings


def be_slow(settings: Settings) -> None:
    """Let identity take longer than anybody waits for."""
    _tell_rows(settings, 400_000_000)


def be_quick(settings: Settings) -> None:
    _tell_rows(settings, 10)


def deliver(settings: Settings) -> None:
    """Another batch: the next build has something to bring up to date."""
    count = len(list((settings.raw / "_batches").glob("*.json"))) + 1
    write_entry(
        settings,
        Batch(
            batch_id=f"usage-{count:012x}", feed="usage", source="network_usage_daily",
            delivery="incremental", file_name=f"{count}.csv", content_hash=f"{count:064x}",
            file_size=1, file_mtime_ns=1, status="accepted", sequence=count,
            landed_at="2025-03-30T00:00:00+00:00", delivered_count=1, loaded_count=1,
        ),
    )  # fmt: skip


def _tell_rows(settings: Settings, count: int) -> None:
    pq.write_table(pa.table({"row_count": [count]}), settings.state / "rows.parquet")


def build(settings: Settings, *layers: str) -> dict:
    """Build layers, all but the estimates if none is named; the last one's summary."""
    with (
        patch.object(inputs, "DBT_PROJECT", settings.home.parent / "dbt"),
        patch.object(running, "ESTIMATORS", ()),
    ):
        for layer in layers or ("staging", "identity", "intermediate", "marts"):
            summary = build_layer(settings, layer, TODAY)
    return summary


def rows(settings: Settings) -> dict[str, list[tuple]]:
    """Every table of the candidate, in order."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return {
            name: sorted(connection.execute(f"select * from {name}").fetchall()) for name in NAMES
        }


if __name__ == "__main__":
    build(tiny_home(Path(sys.argv[1])), *sys.argv[2:])
