"""Name the rows that failed by their keys, not by values that may be personal."""

from __future__ import annotations

import re
from typing import Any

from saydo.sql import literal, quoted

_HASH = re.compile(r"[0-9a-f]{64}")
_SHOWN_CHARACTERS = 80
# What looks like a code; anything else might be a name, an address or a number of somebody's.
_CODE = re.compile(r"[A-Za-z][\w .:/&-]{0,39}")


def failing_condition(rule: Any, relation: str) -> str | None:
    """SQL that is true for the rows of `relation` that fail a column expectation.

    Returns:
        None for an expectation about the whole table, which has no failing row.
    """
    kind = rule.expectation_type
    if kind == "expect_column_values_to_not_be_null":
        return f"{quoted(rule.column)} is null"
    if kind == "expect_column_values_to_be_in_set":
        return (
            f"{quoted(rule.column)} not in ({', '.join(literal(item) for item in rule.value_set)})"
        )
    if kind == "expect_column_values_to_be_between":
        bounds = [
            f"{quoted(rule.column)} {operator} {literal(bound)}"
            for operator, bound in (("<", rule.min_value), (">", rule.max_value))
            if bound is not None
        ]
        return " or ".join(bounds)
    if kind == "expect_column_pair_values_a_to_be_greater_than_b":
        operator = "<" if rule.or_equal else "<="
        return f"{quoted(rule.column_A)} {operator} {quoted(rule.column_B)}"
    if kind in ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"):
        columns = [rule.column] if hasattr(rule, "column") else rule.column_list
        names = ", ".join(quoted(column) for column in columns)
        repeated = f"select {names} from {relation} group by {names} having count(*) > 1"
        return f"({names}) in ({repeated})"
    return None


def row_text(row: dict[str, Any]) -> str:
    """A row as `column=value, …`; hashes are shortened."""
    return ", ".join(f"{column}={_short(value)}" for column, value in row.items())


def _short(value: Any) -> str:
    shown = _HASH.sub(lambda match: match.group()[:12] + "…", str(value))
    return shown if len(shown) <= _SHOWN_CHARACTERS else shown[:_SHOWN_CHARACTERS] + "…"


def showable(code: str) -> str:
    """A delivered code if it looks like one, else only that it is not shown."""
    return code if _CODE.fullmatch(code) else "(not shown)"
