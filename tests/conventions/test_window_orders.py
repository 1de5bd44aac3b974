"""Every window's order is complete: of rows that tie, an engine on many threads takes any first.

A window that numbers rows, looks beside itself or sums row by row names, in its brackets, the key
of the rows that it is over: `-- one row per account_key, updated_at`. What it partitions and orders
by has to hold that key. That it is the key, `warehouse/window_ties.py` sees in random worlds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from project_tree import files, shown

BASELINE = yaml.safe_load((Path(__file__).parent / "window_orders_baseline.yml").read_text())

_AGGREGATES = {"sum", "min", "max", "count", "avg"}
_RANKS = {"rank", "dense_rank"}  # give rows that tie one rank
_KEY = re.compile(r"-- one row per ([a-z0-9_, ]+)")
_MACRO = re.compile(r"\{%-? macro (\w+)\(.*?-?%\}(.*?)\{%-? endmacro", re.S)
_CALL = re.compile(r"\{\{-? saydo\.(\w+)\(.*?\}\}", re.S)
# What takes one of several rows, and no window says which.
_CHOICE = re.compile(
    r"\b(any_value|arg_max|arg_min|max_by|min_by|first|last|mode)\s*\(|\bdistinct\s+on\b"
)
_LIST = re.compile(r"\b(listagg|string_agg|array_agg)\s*\(")
# DuckDB 1.5 numbers by arg_max where the first row is taken and one column decides; if that may be
# null, it takes a wrong row, depending on the order of the rows. A second column leaves it alone.
_ONE_THAT_MAY_BE_NULL = re.compile(r"\border\s+by\s+[^,]*\bnulls\s+(first|last)\s*$")
_WINDOW = re.compile(r"\bover\s*\(|\bwindow\s+\w+\s+as\s*\(")


def incomplete(sql: str, macros: dict[str, str]) -> Iterator[str]:
    """What is chosen or numbered in an order that does not say how it is complete."""
    for place in _WINDOW.finditer(sql):
        content = _CALL.sub(lambda call: macros.get(call[1], call[0]), bracket(sql, place.end()))
        function = _function_before(sql[: place.start()])
        if not _is_complete(function, content):
            yield function
    for place in _LIST.finditer(sql):
        if not re.search(r"\border by\b", bracket(sql, place.end())):
            yield place[1]
    bare = re.sub(r"--[^\n]*|\{#.*?#\}|'[^'\n]*'", " ", sql, flags=re.S)
    yield from (place[0].strip(" (") for place in _CHOICE.finditer(bare))


def bracket(sql: str, begin: int) -> str:
    """What stands between the bracket that opens before `begin` and the one that closes it."""
    depth, end = 1, begin
    while depth and end < len(sql):
        depth += {"(": 1, ")": -1}.get(sql[end], 0)
        end += 1
    return sql[begin : end - 1]


def _function_before(sql: str) -> str:
    """The name of the call that ends the text; "window" where it has none, or Jinja calls."""
    at = len(sql.rstrip()) - 1
    depth = 1 if sql[at : at + 1] == ")" else 0
    while depth and at:
        at -= 1
        depth += {")": 1, "(": -1}.get(sql[at], 0)
    name = re.search(r"\w+$", sql[:at])
    return name[0] if name and sql[at] == "(" else "window"


def _is_complete(function: str, content: str) -> bool:
    is_ordered = re.search(r"\border\s+by\b", content)
    if function in _RANKS:
        return True
    if function in _AGGREGATES and not (is_ordered and re.search(r"\brows\b", content)):
        return True  # over rows that tie at once
    if function == "row_number" and _ONE_THAT_MAY_BE_NULL.search(content):
        return False
    key = _KEY.search(content)
    words = set(re.findall(r"\w+", re.sub(r"--[^\n]*", "", content)))
    return bool(is_ordered and key) and set(re.findall(r"\w+", key[1])) <= words


@cache
def _macros() -> dict[str, str]:
    sources = (file.read_text() for file in files(".sql", under="dbt_project/macros"))
    return {name: body for sql in sources for name, body in _MACRO.findall(sql)}


def _found() -> set[str]:
    places = [
        file
        for folder in ("macros", "models", "tests")
        for file in files(".sql", under=f"dbt_project/{folder}")
    ]
    assert sum(len(_WINDOW.findall(file.read_text())) for file in places) > 25
    return {
        f"{shown(file)}: {function}"
        for file in places
        for function in incomplete(file.read_text(), _macros())
    }


def test_every_order_is_complete():
    assert _found() == set(BASELINE["windows"])


def test_the_baseline_has_a_reason_for_each_entry_and_may_only_shrink():
    assert all(BASELINE["windows"].values()), "each exception needs its reason"
    assert len(BASELINE["windows"]) <= BASELINE["most"]


def test_the_checker_sees_an_order_that_is_not_complete():
    wrong = {
        "row_number() over (partition by a order by b)": "row_number",
        "row_number() over (\n-- one row per a, c\npartition by a order by b)": "row_number",
        "row_number() over (\n-- one row per a\npartition by a)": "row_number",
        "row_number() over (\n-- one row per b\norder by b nulls last\n)": "row_number",
        "lag(coalesce(a, (b))) over (order by b)": "lag",
        "sum(a) over (order by b rows unbounded preceding)": "sum",
        "lead(a) over newest window newest as (partition by a order by b)": "window",
        "{{ listagg('a') }}": "listagg",
        "any_value(a)": "any_value",
        "select distinct on (a) b": "distinct on",
        "lag(b) over (\n-- one row per id\npartition by a {{ saydo.newest(1) }})": "lag",
    }
    for sql, function in wrong.items():
        assert list(incomplete(sql, {"newest": "order by b"}))[-1:] == [function], sql


def test_the_checker_lets_complete_and_insensitive_orders_be():
    right = (
        "row_number() over (\n-- one row per a, c: why\npartition by a order by b desc, c)",
        "row_number() over (\n-- one row per a, b\npartition by a order by b nulls last, c)",
        "count(*) over (partition by a)",
        "sum(a) over (order by b)",
        "rank() over (order by b)",
        "{{ dbt.listagg('a', \"', '\", 'order by a') }}",
        "row_number() over (\n-- one row per id\npartition by a {{ saydo.newest(1) }})",
        "-- the first (of any_value(a))",
    )
    for sql in right:
        assert not list(incomplete(sql, {"newest": "order by id"})), sql
