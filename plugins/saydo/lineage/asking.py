"""What lies before a table of the current release, and what after it, as its data map says."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from saydo.engine import open_database
from saydo.errors import ConfigError
from saydo.lineage.graph import reached
from saydo.release import current_release_id, release_dir
from saydo.release.database import DATABASE
from saydo.settings import Settings


@dataclass(frozen=True)
class Found:
    """A node that was reached, so many edges away, with its row of `data_map`."""

    name: str
    steps: int
    kind: str
    owner: str
    row_count: int | None
    freshness: str
    grade: str | None


def lie_beside(settings: Settings, name: str, upstream: bool) -> tuple[str, list[Found]]:
    """What a node is made from, or what is made from it; nearest first.

    Args:
        settings: the home; its current release is asked.
        name: a node, with or without its schema: `customer_profiles` is `marts.customer_profiles`.
        upstream: what it is made from; else what is made from it.

    Returns:
        the node's whole name, and what was found.

    Raises:
        ConfigError: nothing is published, the release has no map, or no node has that name.
    """
    release_id = current_release_id(settings)
    if release_id is None:
        raise ConfigError("nothing is published yet; `saydo run` publishes")
    file = release_dir(settings, release_id) / DATABASE
    with open_database(settings, file, read_only=True) as connection:
        rows = _rows(connection, release_id)
    nodes = {row["to_node"]: row for row in rows}
    whole = _named(name, nodes)
    edges = [(row["from_node"], row["to_node"]) for row in rows]
    keys = ("kind", "owner", "row_count", "freshness", "grade")
    return whole, [
        Found(found, steps, **{key: nodes[found][key] for key in keys})
        for found, steps in reached(edges, whole, upstream).items()
        if found in nodes
    ]


def _rows(connection: Any, release_id: str) -> list[dict[str, Any]]:
    import duckdb

    try:
        return connection.execute("select * from data_map").to_arrow_table().to_pylist()
    except duckdb.CatalogException:
        raise ConfigError(
            f"release {release_id} was made before there was a data map; the next run publishes one"
        ) from None


def _named(name: str, nodes: dict[str, Any]) -> str:
    if name in nodes:
        return name
    named = [node for node in nodes if node.partition(".")[2] == name]
    if len(named) == 1:
        return named[0]
    if named:
        raise ConfigError(f"{name!r} is the name of several: {', '.join(named)}; say which")
    short = {node.partition(".")[2]: node for node in nodes} | {node: node for node in nodes}
    near = difflib.get_close_matches(name, short, n=3)
    said = f"; is it {' or '.join(near)}?" if near else "; data_map.html of the report has all"
    raise ConfigError(f"the data map knows no {name!r}{said}")
