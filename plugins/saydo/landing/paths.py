"""Values within objects of JSON: `form_response.token` in an expression is a column of its own."""

from __future__ import annotations

from dataclasses import replace

from saydo.errors import ConfigError
from saydo.landing.expressions import Expression, dotted_names
from saydo.landing.relations import Relation
from saydo.sql import literal, quoted


def pointer(path: list[str]) -> str:
    """A JSON pointer to the value at a path."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def extracted(json: str, path: list[str]) -> str:
    """SQL of the JSON at a path below a JSON value."""
    return f"json_extract({json}, {literal(pointer(path))})"


def with_paths(
    relation: Relation, parsed: dict[str, Expression]
) -> tuple[Relation, dict[str, Expression]]:
    """A relation of JSON with a text column for each path that its expressions read.

    Returns:
        The relation, and the expressions over it. A path of which a row has nothing is null there.
    """
    roots = {name.lower(): name for name in relation.types}
    held = relation.shape.json if relation.shape else {}
    added: dict[str, str] = {}
    over = {}
    for column, expression in parsed.items():
        sql, names = dotted_names(expression, set(roots))
        for name, (root, *path) in names.items():
            if name.lower() in roots:
                continue
            own = roots[root.lower()]
            json = held.get(own, f"try_cast({quoted(own)} as json)")
            if name not in added and name.lower() in map(str.lower, added):
                raise ConfigError(f"two paths differ by their case alone: {name}; map one of them")
            added[name] = f"json_extract_string({json}, {literal(pointer(path))})"
        over[column] = replace(expression, sql=sql)
    if not added:
        return relation, over
    listed = ", ".join(f"{sql} as {quoted(name)}" for name, sql in added.items())
    return (
        replace(
            relation,
            sql=f"(select *, {listed} from {relation.sql})",
            types=relation.types | dict.fromkeys(added, "VARCHAR"),
            delivered=relation.file_types,
        ),
        over,
    )
