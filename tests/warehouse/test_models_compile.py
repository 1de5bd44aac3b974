"""Every model and data test is SQL that each engine understands, whatever macros made of it."""

from __future__ import annotations

import sys

import pytest
from compiled import Compiled, compile_all
from dialects import SPARK_FUNCTIONS, faults

from saydo.config import Policy

WITH_LINKAGE = Policy.model_validate({"linkage": {"is_on": True}})
SPOILT = """\
-- One row per day.
with days as (

    select * from {{ ref('days') }}

)

select
    day,
    SPOILT as spoilt

from days
"""
DUCKDB_ONLY = {
    "a list function": ("list_sum(day)", "Spark has no function list_sum"),
    "a lambda": ("list_transform(day, lambda x: x + 1)", "spark cannot read it"),
    "strftime": ("strftime(day, '%Y')", "Spark has no function strftime"),
    "a list": ("[day, day]", "Spark has no [ for lists and structs"),
    "a struct": ("{'day': day}", "spark cannot read it"),
    "a type": ("cast(day as varchar)", "Spark has no type varchar"),
    "a wide type": ("cast(day as hugeint)", "Spark has no type hugeint"),
    "an operator": ("day // 2", "spark cannot read it"),
    "a quoted name": ('days."day"', "on Spark double quotes hold a text, not a name"),
    "a doubled quote": ("'it''s'", "Spark leaves a doubled quote out of a text"),
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """What each engine's compile gave, linkage off and then on; Spark need not be installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyspark", None)
        return {
            engine: compile_all(engine, tmp_path_factory.mktemp(engine), later=WITH_LINKAGE)
            for engine in ("duckdb", "spark")
        }


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_every_model_and_data_test_is_sql_of_the_engine(compiled, engine):
    found = [fault for one in compiled[engine] for fault in faults(engine, one)]
    assert found == [], "\n".join(found)


def test_what_is_compiled_is_the_same_project_for_both(compiled):
    names = {engine: {one.name for one in of} for engine, of in compiled.items()}
    assert names["duckdb"] == names["spark"]
    assert {"customer_profiles", "int_links_judged", "int_months_touched"} <= names["spark"]


def test_incremental_models_are_compiled_as_a_first_and_as_a_later_build_has_them(compiled):
    for of in compiled.values():
        made = [one.sql for one in of if one.name == "stg_network__usage_superseded"]
        assert len([sql for sql in made if "'2024-05" in sql]) == 1 < len(made)


@pytest.mark.parametrize("name", DUCKDB_ONLY)
def test_sql_of_duckdb_alone_is_found_with_its_line(name):
    expression, reason = DUCKDB_ONLY[name]
    sql = SPOILT.replace("{{ ref('days') }}", "staging.days").replace("SPOILT", expression)
    one = Compiled("spoilt", "models/staging/spoilt.sql", sql)
    assert faults("duckdb", one) == []
    (told, *_) = faults("spark", one)
    assert told.startswith(f"models/staging/spoilt.sql: compiled for spark, line 10: {reason}")
    assert told.endswith(f": {expression} as spoilt")


def test_a_model_that_a_user_adds_is_found_by_file_and_line(tmp_path):
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "macros").mkdir()
    (project / "dbt_project.yml").write_text("name: tiny\nprofile: saydo\n")
    (project / "models" / "days.sql").write_text("select 1 as day")
    (project / "macros" / "sum_of.sql").write_text(
        "{% macro sum_of(x) %}\n    list_sum({{ x }}){% endmacro %}"
    )
    (project / "models" / "spoilt.sql").write_text(SPOILT.replace("SPOILT", "{{ sum_of('day') }}"))
    made = compile_all("spark", tmp_path / "target", project=project)
    assert [fault for one in made for fault in faults("spark", one)] == [
        "models/spoilt.sql: compiled for spark, line 11: Spark has no function list_sum: "
        "list_sum(day) as spoilt"
    ]


def test_names_and_types_are_no_functions():
    sql = (
        "with told as (select cast(1 as decimal(18, 2)) as a) "
        "select sum(a) over (order by a), timestampadd(day, 1, a) from told as listed (a) "
        "where a in (1) and exists (select 1) and not (a = 2)"
    )
    assert faults("spark", Compiled("one", "models/one.sql", sql)) == []
    assert {"sum", "date_trunc", "collect_list"} <= SPARK_FUNCTIONS
