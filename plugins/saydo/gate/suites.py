"""Find the expectation suites and prove, before anything is evaluated, that their rules are sound.

A misspelt rule must not pass by never running: an unknown argument, column or table is an error
here, with the suite named.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable

import expectations.marts
import expectations.sources
from expectations.releases import nothing_personal
from saydo.config import Feeds, Policy
from saydo.gate.engine import Engine
from saydo.gate.gx import import_gx
from saydo.gate.rules import Kind, RuleError, Suite, columns_of, describe

_PACKAGES = {"sources": expectations.sources, "marts": expectations.marts}


def suite_names(kind: Kind) -> list[str]:
    """The tables that have a suite module."""
    return sorted(module.name for module in pkgutil.iter_modules(_PACKAGES[kind].__path__))


def load_suites(
    kind: Kind, tables: Iterable[str], policy: Policy, feeds: Feeds
) -> dict[str, Suite]:
    """Build the suites of `tables`.

    Returns:
        table name to suite, in the order given.

    Raises:
        RuleError: every table without a module and every module that cannot be built, at once.
    """
    import_gx()  # before a module does, in Great Expectations' own way
    suites, problems = {}, []
    known = suite_names(kind)
    for table in tables:
        if table not in known:
            problems.append(
                f"{kind}.{table} has no suite: nothing would be checked. "
                f"Write expectations/{kind}/{table}.py"
            )
            continue
        try:
            suites[table] = _build(kind, table, policy, feeds)
        except Exception as error:
            problems.append(f"expectations/{kind}/{table}.py: {type(error).__name__}: {error}")
    if problems:
        raise RuleError("\n".join(problems))
    return suites


def _build(kind: Kind, table: str, policy: Policy, feeds: Feeds) -> Suite:
    module = importlib.import_module(f"expectations.{kind}.{table}")
    rules = tuple(module.suite(policy, feeds))
    if not rules:
        raise ValueError("the suite holds no expectation: nothing would be checked")
    if kind == "marts":  # here, so that no suite can forget it
        rules += (nothing_personal(getattr(module, "CLEAR_IDS", ())),)
    for rule in rules:
        if not rule.notes:
            raise ValueError(f"{describe(rule)} has no notes; say what a failure means, who acts")
    # A failing row of a delivery is named by where it came from, never by what it says.
    key = module.KEY if kind == "marts" else ("_batch_id", "_line_number")
    return Suite(kind, table, rules, key, getattr(module, "MAY_BE_EMPTY", False))


def check_rules(suite: Suite, schema: str, engine: Engine) -> None:
    """Check every column and query of a suite against the table it is for; nothing is evaluated.

    Raises:
        RuleError: all problems of the suite, each with the nearest column name.
    """
    present = engine.columns(schema, suite.table)
    problems = []
    for column in suite.key:
        if column not in present:
            problems.append(f"KEY: {_no_column(column, suite.table, present)}")
    for rule in suite.expectations:
        for column in columns_of(rule):
            if column not in present:
                problems.append(f"{describe(rule)}: {_no_column(column, suite.table, present)}")
        query = getattr(rule, "unexpected_rows_query", None)
        if query and (reason := engine.explain(engine.substitute(query, schema, suite.table))):
            problems.append(f"{describe(rule)}: {reason}")
    if problems:
        where = f"expectations/{suite.kind}/{suite.table}.py"
        raise RuleError("\n".join(f"{where}: {problem}" for problem in problems))


def _no_column(column: str, table: str, present: list[str]) -> str:
    near = difflib.get_close_matches(column, present, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{table} has no column {column!r}{hint}"
