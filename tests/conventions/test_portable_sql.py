"""Models are portable SQL: what engines do not mean alike lives in a dispatched macro.

What an engine cannot read is found by compiling (tests/warehouse/test_models_compile.py); this
looks for what both take, and understand in ways of their own.
"""

from __future__ import annotations

import re

import pytest
from project_tree import all_models, bare_sql, files

ENGINE_ONLY = {
    "qualify": r"\bqualify\b",
    "a :: cast": r"::\s*[a-z]",
    "group by all": r"\bgroup\s+by\s+all\b",
    "order by all": r"\border\s+by\s+all\b",
    "distinct on": r"\bdistinct\s+on\b",
    "union by name": r"\bby\s+name\b",
    "a list of values": r"\barray_agg\s*\(",
    "a map": r"\bmap\s*[\[{(]",
    "an arrow": r"->",
    "date_diff": r"\bdate_?diff\s*\(\s*'",
    "interval arithmetic": r"\binterval\s*[('0-9]",
    "max_by": r"\b(max_by|min_by)\s*\(",
    "any_value": r"\bany_value\s*\(",
    "a filter clause": r"\)\s*filter\s*\(",
    "asof join": r"\basof\b",
    "exclude or replace": r"\*\s*(exclude|except|replace)\b",
    "regexp functions": r"\bregexp_[a-z]+\s*\(",
    "a range": r"\brange\s*\(",
    "a hash of the engine": r"\b(md5|hash)\s*\(",
    "try_cast": r"\btry_cast\s*\(",
    "a zone conversion": r"\bat\s+time\s+zone\b",
}

# What engines compute in ways of their own; macros/engine/arithmetic.sql has it for all.
ARITHMETIC = {
    "a division": r"\s//?\s|\bdiv\b",
    "a mean": r"\bavg\s*\(",
    "a power": r"\b(power|pow)\s*\(",
}
# Comments, and the macros that are of one engine or are the one that divides.
_NOT_ARITHMETIC = re.compile(
    r"--[^\n]*|\{#.*?#\}|\{%-? macro (?:(?:duckdb|spark)__\w+|quotient)\(.*?endmacro -?%\}", re.S
)


def arithmetic(sql: str) -> set[str]:
    """Names of the computations, in Jinja too, that engines do not agree on."""
    bare = _NOT_ARITHMETIC.sub(" ", sql).lower()
    return {name for name, pattern in ARITHMETIC.items() if re.search(pattern, bare)}


def engine_only(sql: str) -> set[str]:
    """Names of the constructs outside Jinja, comments and text that engines do not mean alike."""
    bare = bare_sql(sql)
    return {name for name, pattern in ENGINE_ONLY.items() if re.search(pattern, bare)}


@pytest.mark.parametrize("name", sorted(all_models()))
def test_a_model_is_portable(name):
    assert engine_only(all_models()[name].sql) == set()


def test_singular_tests_are_portable():
    tests = files(".sql", under="dbt_project/tests")
    assert {f.stem: engine_only(f.read_text()) for f in tests if engine_only(f.read_text())} == {}


def test_figures_are_computed_by_the_macros_that_every_engine_agrees_on():
    found = {f.stem: arithmetic(f.read_text()) for f in files(".sql", under="dbt_project")}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("select a / nullif(b, 0) from t", "a division"),
        ("select {{ number('a / b') }} from t", "a division"),
        ("select avg(a) from t", "a mean"),
        ("select power(a, 2) from t", "a power"),
    ],
)
def test_the_checker_sees_arithmetic_that_engines_do_not_agree_on(sql, name):
    assert arithmetic(sql) == {name}


def test_the_checker_lets_the_macros_of_one_engine_divide():
    assert arithmetic("-- a / b\n{% macro spark__x(a) -%} {{ a }} / 2 {%- endmacro %}") == set()


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("select 1 qualify row_number() over () = 1", "qualify"),
        ("select x::date", "a :: cast"),
        ("select a, sum(b) from t group  by all", "group by all"),
        ("select distinct on (a) a, b from t", "distinct on"),
        ("select a from t union by name select a from u", "union by name"),
        ("select x -> 'a'", "an arrow"),
        ("select regexp_replace(a, 'b', 'c')", "regexp functions"),
        ("select x + interval 1 day", "interval arithmetic"),
        ("select sum(x) filter (where y)", "a filter clause"),
        ("select max_by(x, y)", "max_by"),
    ],
)
def test_the_checker_sees_engine_only_sql(sql, name):
    assert name in engine_only(sql)


def test_the_checker_lets_macros_comments_and_text_be():
    assert engine_only("select {{ x::y }} -- a -> b\n, 'p->q::r' as text_value") == set()
