"""The page of the data map: search a node, see what it is made from and what is made from it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from markupsafe import Markup

from saydo.pages import render
from saydo.report.tables import table

PAGE = Path(__file__).with_name("data_map.html")
SCRIPT = Path(__file__).with_name("data_map.js")
TABLE = "data_map"

# From where data come to who reads them: the lanes of the page, and their words.
LANES = {
    "feed": "Feeds",
    "raw": "Raw tables",
    "seed": "Seeds",
    "state": "Kept by Saydo",
    "staging": "Staging",
    "intermediate": "Intermediate",
    "estimate": "Estimates",
    "mart": "Marts",
    "exposure": "Read by",
}
_NODES = """
select to_node as name, any_value(kind) as kind, any_value(owner) as owner,
    any_value(grade) as grade, any_value(freshness) as freshness,
    any_value(description) as description, any_value(row_count) as row_count,
    any_value(cast(seconds as double)) as seconds,
    any_value(strftime(built_at, '%Y-%m-%d %H:%M')) as built_at
from data_map
group by to_node
order by to_node
"""
_EDGES = """
select from_node, to_node from data_map
where from_node in (select to_node from data_map)
order by all
"""


def read_map(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """Nodes and edges of a release, or None if it was made before there was a map.

    `edges` are pairs of positions in `nodes`.
    """
    try:
        found = connection.execute(_NODES)
    except duckdb.CatalogException:
        return None
    names = [column[0] for column in found.description]
    nodes = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    place = {node["name"]: position for position, node in enumerate(nodes)}
    edges = connection.execute(_EDGES).fetchall()
    return {"nodes": nodes, "edges": [[place[source], place[to]] for source, to in edges]}


def render_map(manifest: dict[str, Any], data: dict[str, Any]) -> str:
    """The whole page, which loads nothing."""
    columns = ("Node", "Kind", "Owner", "Rows", "Freshness", "Grade", "Built (UTC)")
    keys = ("name", "kind", "owner", "row_count", "freshness", "grade", "built_at")
    rows = [[_words(node[key], key) for key in keys] for node in data["nodes"]]
    return render(
        PAGE,
        manifest=manifest,
        data=data | {"lanes": list(LANES.items())},  # in this order; an object would be sorted
        count=len(rows),
        table=table(columns, rows),
        script=_script(),
    )


def _words(value: Any, key: str) -> Any:
    return str(value).replace("_", " ") if key == "freshness" else value


@cache
def _script() -> Markup:
    """data_map.js, this project's own file."""
    return Markup(SCRIPT.read_text(encoding="utf-8"))  # noqa: S704
