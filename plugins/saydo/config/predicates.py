"""Predicates over published columns, as bets and segments write them: read, checked, told as SQL.

The grammar is small: columns, literals, comparisons, `in`, `between`, `is null`, `and`, `or` and
`not`. The engine's own parser reads the text; what is written for the models is made from what was
read, never the text itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from saydo.config.types import unknown
from saydo.engine import open_without_home
from saydo.marts import marts

_KINDS = {"varchar": "text", "boolean": "boolean", "date": "day", "timestamp": "instant"}
_COMPARISONS = {
    "COMPARE_EQUAL": "=", "COMPARE_NOTEQUAL": "<>", "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHAN": ">", "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}  # fmt: skip
_REFUSED = {
    "SUBQUERY": "a subquery", "WINDOW": "a window", "CASE": "`case`", "STAR": "a star",
    "LAMBDA": "a lambda", "PARAMETER": "a parameter", "COLLATE": "a collation",
}  # fmt: skip
_MAY = "columns, literals, = <> < <= > >=, in, between, is null, and, or, not"


@dataclass(frozen=True)
class Predicate:
    """A checked predicate: portable SQL in brackets where they are needed, and what it reads."""

    sql: str
    columns: tuple[str, ...]


def published_columns(table: str) -> dict[str, str]:
    """Columns of a published table, by name, with their kind: text, number, boolean, day, instant.

    Raises:
        ValueError: no such table is published.
    """
    known = marts()
    if table not in known:
        raise ValueError(unknown("published table", table, known))
    return {
        column.name: _KINDS.get(column.data_type.lower(), "number")
        for column in known[table].columns
    }


def read_predicate(
    text: str, columns: Mapping[str, str], why_not: Mapping[str, str] | None = None
) -> Predicate:
    """Read and check a predicate.

    Args:
        text: SQL, as after `where`.
        columns: those it may read, with their kinds.
        why_not: further columns, which it might be thought to read, with why it may not.

    Raises:
        ValueError: what is wrong, and with which part of the text; of a wrong column the nearest
            right one is named.
    """
    reader = _Reader(columns, why_not or {})
    sql = reader.predicate(_parsed(text))
    return Predicate(sql, tuple(sorted(reader.read)))


def _parsed(text: str) -> dict[str, Any]:
    """The tree of the condition, from the engine's parser."""
    with open_without_home() as connection:
        query = f"select * from profile where\n{text}\n"
        (told,) = connection.execute("select json_serialize_sql(?)", [query]).fetchone() or ("",)
    tree = json.loads(told)
    if tree["error"]:
        raise ValueError(f"cannot read {text!r}: {tree['error_message']}")
    node = tree["statements"][0]["node"]
    more = [
        name
        for name in ("modifiers", "group_expressions", "having", "qualify", "sample")
        if node.get(name)
    ]
    if len(tree["statements"]) > 1 or node["type"] != "SELECT_NODE" or more:
        raise ValueError(f"{text!r} is more than one condition; it may hold {_MAY}")
    return dict(node["where_clause"])


class _Reader:
    def __init__(self, columns: Mapping[str, str], why_not: Mapping[str, str]) -> None:
        self.columns, self.why_not = columns, why_not
        self.read: set[str] = set()

    def predicate(self, node: Mapping[str, Any]) -> str:
        """A node that is true or false, as SQL."""
        kind, what = node["class"], node["type"]
        if kind == "CONJUNCTION":
            word = " and " if what == "CONJUNCTION_AND" else " or "
            return f"({word.join(self.predicate(child) for child in node['children'])})"
        if what == "OPERATOR_NOT":
            return f"(not {self.predicate(node['children'][0])})"
        if what in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            word = "is null" if what == "OPERATOR_IS_NULL" else "is not null"
            return f"({self._column(node['children'][0])} {word})"
        if kind == "COMPARISON" and what in _COMPARISONS:
            return self._compared(
                [node["left"], node["right"]], f"({{}} {_COMPARISONS[what]} {{}})"
            )
        if kind == "BETWEEN":
            return self._compared(
                [node["input"], node["lower"], node["upper"]], "({} between {} and {})"
            )
        if what in ("COMPARE_IN", "COMPARE_NOT_IN"):
            listed = ", ".join("{}" for _ in node["children"][1:])
            word = "in" if what == "COMPARE_IN" else "not in"
            return self._compared(node["children"], f"({{}} {word} ({listed}))")
        if kind == "COLUMN_REF":
            sql, kind_of = self._value(node)
            if kind_of != "boolean":
                raise ValueError(f"{sql} is a {kind_of}: compare it with something")
            return sql
        raise ValueError(f"{self._told(node)} cannot stand here; a predicate may hold {_MAY}")

    def _compared(self, nodes: list[Mapping[str, Any]], form: str) -> str:
        """Values of one kind, a column among them, filled into the form."""
        values = [self._value(node) for node in nodes]
        if not any(node["class"] == "COLUMN_REF" for node in nodes):
            raise ValueError(f"{form.format(*(sql for sql, _ in values))} reads no column")
        kinds = [kind for _, kind in values]
        first = next(
            kind for node, kind in zip(nodes, kinds, strict=True) if node["class"] == "COLUMN_REF"
        )
        for at, (node, (sql, kind)) in enumerate(zip(nodes, values, strict=True)):
            if node["class"] != "COLUMN_REF" and kind == "text" and first in ("day", "instant"):
                values[at] = (_moment(sql, first), first)
            elif kind != first and {kind, first} != {"day", "instant"}:
                told = next(s for n, (s, _) in zip(nodes, values, strict=True)
                            if n["class"] == "COLUMN_REF")  # fmt: skip
                raise ValueError(f"{told} is a {first}, and {sql} a {kind}")
        return form.format(*(sql for sql, _ in values))

    def _column(self, node: Mapping[str, Any]) -> str:
        if node["class"] != "COLUMN_REF":
            raise ValueError(f"{self._told(node)} is no column")
        return self._value(node)[0]

    def _value(self, node: Mapping[str, Any]) -> tuple[str, str]:
        """SQL of a column or a literal, and its kind."""
        kind = node["class"]
        if kind == "COLUMN_REF":
            name = ".".join(node["column_names"])
            if name in self.columns:
                self.read.add(name)
                return name, self.columns[name]
            if name in self.why_not:
                raise ValueError(f"{name} may not be read here: {self.why_not[name]}")
            raise ValueError(unknown("column", name, self.columns))
        if kind == "CONSTANT":
            return _literal(node["value"])
        cast_to = node["cast_type"]["id"] if kind == "CAST" else ""
        if cast_to in ("BOOLEAN", "DATE", "TIMESTAMP") and node["child"]["class"] == "CONSTANT":
            told = str(node["child"]["value"]["value"])
            if cast_to == "BOOLEAN":
                return ("true" if told in ("t", "true", "True") else "false"), "boolean"
            of = "day" if cast_to == "DATE" else "instant"
            return _moment(f"'{told}'", of), of
        raise ValueError(f"{self._told(node)} cannot stand here; a predicate may hold {_MAY}")

    def _told(self, node: Mapping[str, Any]) -> str:
        if node["class"] == "FUNCTION":
            return f"the function or sign {node['function_name']!r}"
        return _REFUSED.get(node["class"], node["class"].lower())


def _literal(value: Mapping[str, Any]) -> tuple[str, str]:
    if value["is_null"]:
        raise ValueError("nothing is equal to null: write `is null` or `is not null`")
    kind, told = value["type"]["id"], value["value"]
    if kind == "VARCHAR":
        if set("'\\\n{}") & set(told):
            raise ValueError(f"{told!r}: a text may hold no quote, backslash, brace or line end")
        return f"'{told}'", "text"
    if kind == "DECIMAL":
        told = Decimal(told).scaleb(-value["type"]["type_info"]["scale"])
    if kind == "BOOLEAN":
        return str(told).lower(), "boolean"
    return f"{told}", "number"


def _moment(quoted: str, kind: str) -> str:
    """A day or an instant as SQL."""
    try:
        date.fromisoformat(quoted[1:11])
    except ValueError:
        raise ValueError(f"{quoted} is no day: write YYYY-MM-DD") from None
    return f"cast({quoted} as {'date' if kind == 'day' else 'timestamp'})"
