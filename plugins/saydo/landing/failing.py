"""Which values can make an expression fail, and text that is compared with a number.

The engine compares a text with a number by casting the text to the number's own type, so that
'1.4' = 1 is true, and one value that is none ends the whole query. Here such a text becomes an
exact decimal first, and whatever can fail is evaluated in a net, a row at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from saydo.errors import ConfigError
from saydo.sql import quoted

_DECIMAL = "decimal(38, 12)"
# Cannot fail on any text, and what they give.
_TEXT_FUNCTIONS = {
    "||", "concat", "concat_ws", "left", "lower", "ltrim", "nullif", "replace", "right", "rtrim",
    "split_part", "strip_accents", "trim", "upper",
}  # fmt: skip
_TEST_FUNCTIONS = {"contains", "ends_with", "starts_with"}
_GIVES = dict.fromkeys(_TEXT_FUNCTIONS, "text") | dict.fromkeys(_TEST_FUNCTIONS, "boolean")
# Of a constant, by its type or, from 2.0 of the engine on, by what was written.
_NUMBERS = ("INTEGER", "BIGINT", "HUGEINT", "UHUGEINT", "DECIMAL", "DOUBLE", "NUMERIC")
_KINDS = dict.fromkeys(_NUMBERS, "number") | {
    "VARCHAR": "text",
    "STRING": "text",
    "BOOLEAN": "boolean",
    "NULL_LITERAL": "null",
}
_IDENTIFIER = re.compile(r'"(?:[^"]|"")*"|\w+')
_NUMBER = re.compile(r"-?\s*[0-9.][0-9_.]*(?:[eE][+-]?[0-9]+)?")
_TEXTS = {"text", "null"}


def nodes_of(tree: Any) -> Iterator[dict[str, Any]]:
    """Every expression node below `tree`, itself included."""
    if isinstance(tree, list):
        for item in tree:
            yield from nodes_of(item)
    elif isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for value in tree.values():
            yield from nodes_of(value)


def kind_of(node: dict[str, Any], types: dict[str, str]) -> str | None:
    """What an expression that no value can make fail gives; None where a value might.

    Args:
        node: of the syntax tree.
        types: engine types of the file's columns, by name in lower case.
    """
    kind = node["class"]
    if kind == "COLUMN_REF":
        found = types.get(node["column_names"][0].lower())
        return {"VARCHAR": "text", "BOOLEAN": "boolean"}.get(found or "", found)
    if kind == "CONSTANT":
        return _constant(node)
    if kind in ("COMPARISON", "BETWEEN"):
        return "boolean" if _all(_operands(node), types) in ("text", "boolean") else None
    if kind == "CONJUNCTION":
        return "boolean" if _all(node["children"], types) == "boolean" else None
    if kind == "OPERATOR":
        return _operator(node, types)
    if kind == "CASE":
        checks = node["case_checks"]
        if _all([check["when_expr"] for check in checks], types) != "boolean":
            return None
        return _all([*(check["then_expr"] for check in checks), node["else_expr"]], types)
    if kind == "FUNCTION":
        given = [kind_of(child, types) for child in _arguments(node)]
        numbers = {"left": 1, "right": 1, "split_part": 2}.get(node["function_name"], len(given))
        is_text = {*given[:numbers]} <= _TEXTS and {*given[numbers:]} <= {"number"}
        return _GIVES.get(node["function_name"]) if is_text else None
    return None


def _constant(node: dict[str, Any]) -> str | None:
    if "literal" in node:  # from 2.0 on
        return _KINDS.get(node["literal"]["kind"])
    return "null" if node["value"]["is_null"] else _KINDS.get(node["value"]["type"]["id"])


def _arguments(node: dict[str, Any]) -> list[dict[str, Any]]:
    """A function's arguments, which the engine lists with their names from 2.0 on."""
    if "children" in node:
        return list(node["children"])
    return [argument["expression"] for argument in node["arguments"]]


def _all(nodes: list[dict[str, Any]], types: dict[str, str]) -> str | None:
    """The one kind of all nodes; nulls are of any."""
    kinds = {kind_of(node, types) for node in nodes} - {"null"}
    return kinds.pop() if len(kinds) == 1 else None


def _operator(node: dict[str, Any], types: dict[str, str]) -> str | None:
    found = _all(node["children"], types)
    if node["type"] in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
        return "boolean" if found else None
    if node["type"] in ("COMPARE_IN", "COMPARE_NOT_IN"):
        return "boolean" if found == "text" else None
    if node["type"] == "OPERATOR_NOT":
        return "boolean" if found == "boolean" else None
    return "text" if node["type"] == "OPERATOR_COALESCE" and found == "text" else None


def _operands(node: dict[str, Any]) -> list[dict[str, Any]]:
    """What a node compares with each other; nothing if it does not compare."""
    if node["class"] == "COMPARISON":
        return [node["left"], node["right"]]
    if node["class"] == "BETWEEN":
        return [node["input"], node["lower"], node["upper"]]
    if node["type"] in ("COMPARE_IN", "COMPARE_NOT_IN") or node.get("function_name") == "nullif":
        return _arguments(node)
    return []


def numbers_compared(text: str, tree: dict[str, Any], types: dict[str, str]) -> str:
    """The expression with a cast around each text column that is compared with a number.

    Raises:
        ConfigError: a text that is no plain column is compared with a number.
    """
    edits: dict[int, tuple[re.Pattern[str], str]] = {}
    for node in nodes_of(tree):
        operands = _operands(node)
        if not any(n["class"] == "CONSTANT" and _constant(n) == "number" for n in operands):
            continue
        for part in operands:
            if part["class"] == "CONSTANT" or kind_of(part, types) != "text":
                continue
            if part["class"] != "COLUMN_REF":
                raise ConfigError(
                    f"{text!r} compares a text with a number; cast it, as in try_cast(x as double)"
                )
            if node.get("function_name") == "nullif":  # what is not nulled stays as it is written
                name = quoted(part["column_names"][0])
                cast = f"case when cast({name} as {_DECIMAL}) = {{}} then {name} end"
                edits[operands[1]["query_location"]] = (_NUMBER, cast)
            else:
                edits[part["query_location"]] = (_IDENTIFIER, f"cast({{}} as {_DECIMAL})")
    source = f"select ({text}".encode()
    for place in sorted(edits, reverse=True):
        pattern, wrapped = edits[place]
        before, rest = source[:place], source[place:].decode() if place < len(source) else ""
        found = pattern.match(rest)
        if found is None:  # the engine did not say where it stands
            raise ConfigError(f"{text!r} compares a text with a number; cast it to a number")
        source = before + (wrapped.format(found[0]) + rest[found.end() :]).encode()
    return source.decode().removeprefix("select (")
