"""A measure's name becomes a column: whatever the models and SQL call something is refused."""

from __future__ import annotations

import re

import duckdb
import pytest
from project_tree import ROOT, all_models, bare_sql, files
from pydantic import ValidationError

from saydo.config import BUILT_IN_MEASURES, Measure
from saydo.config.measure_names import ENDINGS, SQL_WORDS, taken_by

# Models and macros in which the measures, or all columns of usage, stand beside other names.
READS_MEASURES = re.compile(r"measures?\b|kpi_scores|newest_rows\('network_usage_daily'")
BESIDE_MEASURES = (
    "incremental/ownership_pieces", "identity/join_customer", "staging/newest_rows",
    "staging/superseded_rows", "staging/without_erased",
)  # fmt: skip
QUALIFIED = re.compile(r"\b[a-z_]\w*\.([a-z]\w*)\b")
RENAMED = re.compile(r"\bas\s+([a-z]\w*)\b")
STEP = re.compile(r"^([a-z]\w*) as \(", re.M)
LISTED = re.compile(r"^\s+([a-z]\w*),?$", re.M)
TYPES = {"bigint", "date", "decimal", "double", "timestamp", "varchar"}


def names_beside_measures() -> set[str]:
    """Columns, aliases and steps of every model and macro that reads the measures."""
    macros = files(".sql", under="dbt_project/macros/experience")
    macros += [ROOT / f"dbt_project/macros/{name}.sql" for name in BESIDE_MEASURES]
    macros += files(".sql", under="dbt_project/macros/measures")
    texts = [file.read_text() for file in macros]
    texts += [
        model.sql
        for model in all_models().values()
        if READS_MEASURES.search(re.sub(r"--.*", "", model.sql))
    ]
    found = {
        name
        for sql in texts
        for pattern in (QUALIFIED, RENAMED, STEP, LISTED)
        for name in pattern.findall(bare_sql(sql))
    }
    built_in = {measure.name for measure in BUILT_IN_MEASURES}
    return {name for name in found - built_in - TYPES if not name.endswith("_")}


def test_no_measure_is_called_as_something_the_models_have():
    assert {name for name in names_beside_measures() if taken_by(name) is None} == set()


def test_the_reader_of_models_sees_what_stands_beside_measures():
    assert {"day_count", "usage_count", "month", "batch", "window_days", "piece_from_date"} <= (
        names_beside_measures()
    )


def test_every_word_the_engine_keeps_is_known():
    kept = duckdb.execute(
        "select keyword_name from duckdb_keywords() "
        "where keyword_category in ('reserved', 'type_function')"
    ).fetchall()
    assert {word for (word,) in kept} <= SQL_WORDS


@pytest.mark.parametrize(
    "name", ["order", "day_count", "month", "batch", "site_code", "id_key", "abs", "file_name"]
    + [f"x{ending}" for ending in ENDINGS]
)  # fmt: skip
def test_a_taken_name_is_refused_with_one_that_is_free(name):
    with pytest.raises(ValidationError) as refused:
        Measure(name=name)
    suggested = re.search(r"such as '(\w+)'", str(refused.value))
    assert Measure(name=suggested[1])


def test_the_built_in_measures_have_free_names():
    assert {measure.name for measure in BUILT_IN_MEASURES if taken_by(measure.name)} == set()
