"""A model that fails on Spark is told by its line, without a row; others are built."""

from __future__ import annotations

import pytest

from saydo.build import dbt, inputs
from saydo.build.dbt import invoke
from saydo.settings import Settings

PROJECT = {
    "dbt_project.yml": "name: tiny\nprofile: saydo\nmodels: {+materialized: table, +location_root: "
    "\"{{ env_var('SAYDO_DBT_TABLES') }}/staging\"}\n",
    "profiles.yml": (
        "saydo: {target: spark, outputs: {spark: {type: spark, method: session, host: localhost, "
        "schema: staging, threads: 1}}}\n"
    ),
    "models/names.sql": "-- One row per name.\nselect concat('Jane ', id) as name from range(3)\n",
    "models/listed.sql": "-- One row.\nselect\n    1 as day,\n    list_sum(array(1)) as total\n",
    "models/numbered.sql": (
        "-- One row per name.\nwith names as (\n\n    select * from {{ ref('names') }}\n\n)\n\n"
        "select cast(name as int) as number\n\nfrom names\n"
    ),
    "models/overflowing.sql": (
        "select\n    cast(9223372036854775807 as bigint)\n    + length(name) as number\n\n"
        "from {{ ref('names') }}\n"
    ),
    "models/spelt.sql": "{{ config(materialized='view') }}\n\nselect\n    surname\n\n"
    "from {{ ref('names') }}\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory, spark_file):
    folder = tmp_path_factory.mktemp("fails")
    for name, text in PROJECT.items():
        (folder / "dbt" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "dbt" / name).write_text(text)
    settings = Settings(
        home=folder / "home", engine="spark", memory_limit="3400MB", threads=2,
        spark_file=spark_file,
    )  # fmt: skip
    settings.state.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "DBT_PROJECT", folder / "dbt")
        patch.setattr(dbt, "bring_over", lambda *_: set())
        return {node.name: node for node in invoke(settings, ["run"], {})}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("listed", "[UNRESOLVED_ROUTINE] Cannot resolve routine `list_sum` on search path "
         "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`].\n"
         "    models/listed.sql, line 4 as compiled: list_sum(array(1)) as total"),
        ("numbered", "[CAST_INVALID_INPUT]\n"
         "    models/numbered.sql, line 8 as compiled: select cast(name as int) as number"),
        ("overflowing", "[ARITHMETIC_OVERFLOW]\n"
         "    models/overflowing.sql, line 2 as compiled: cast(9223372036854775807 as bigint)"),
        ("spelt", "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter "
         "with name `surname` cannot be resolved. Did you mean one of the following? [`name`].\n"
         "    models/spelt.sql, line 2 as compiled: surname"),
    ],
)  # fmt: skip
def test_a_model_that_fails_is_told_with_its_line(results, name, message):
    assert (results[name].status, results[name].message) == ("error", message)


def test_a_model_that_does_not_read_it_is_built(results):
    assert results["names"].status == "success"
