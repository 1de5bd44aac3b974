"""The mart `data_map`: one row per edge of the way of the data, with what is known of its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from saydo.engine import open_database
from saydo.lineage.graph import Graph, graded, origins, read_graph
from saydo.settings import Settings
from saydo.sql import quoted

TABLE = "data_map"
SCHEMA = pa.schema(
    [
        ("from_node", pa.string()),
        ("to_node", pa.string()),
        ("kind", pa.string()),
        ("owner", pa.string()),
        ("grade", pa.string()),
        ("freshness", pa.string()),
        ("description", pa.string()),
        ("row_count", pa.int64()),
        ("seconds", pa.decimal128(9, 2)),
        ("built_at", pa.timestamp("us")),
    ]
)


def fill_data_map(settings: Settings) -> int:
    """Write the rows of `marts.data_map` into the candidate, once its last model is built.

    They tell of that model too, so no model can make them. A project without the table is left as
    it is.

    Returns:
        how many edges there are.
    """
    name = f"marts.{TABLE}"
    graph = read_graph(settings)
    if name not in graph:
        return 0
    with open_database(settings, settings.warehouse) as connection:
        graph = _measured(connection, graph)
        rows = data_map_rows(graph)
        graph[name] = replace(graph[name], row_count=len(rows))
        table = pa.Table.from_pylist(data_map_rows(graph), schema=SCHEMA)
        columns = ", ".join(quoted(column) for column in SCHEMA.names)
        target = quoted("marts", TABLE)
        connection.register("edges", table)
        connection.execute("begin")
        connection.execute(f"delete from {target}")
        connection.execute(f"insert into {target} ({columns}) select {columns} from edges")
        connection.execute("commit")
        connection.unregister("edges")
    return len(rows)


def data_map_rows(graph: Graph) -> list[dict[str, Any]]:
    """Rows of SCHEMA: each node once for each node that it is made from."""
    return [
        {
            "from_node": origin,
            "to_node": node.name,
            "kind": node.declared.kind,
            "owner": node.owner,
            "grade": node.grade,
            "freshness": node.freshness,
            "description": node.declared.description or None,
            "row_count": node.row_count,
            "seconds": None if node.seconds is None else Decimal(str(node.seconds)),
            "built_at": _naive(node.built_at),
        }
        for node in graph.values()
        for origin in origins(node)
    ]


def _measured(connection: duckdb.DuckDBPyConnection, graph: Graph) -> Graph:
    """The graph with grades, and with the rows of those marts that are views."""
    found = connection.execute(
        "select case subject_type when 'source' then 'raw.' else 'marts.' end || source, "
        "max(grade), bool_and(is_fresh) from marts.data_readiness group by all"
    ).fetchall()
    grades = {name: grade for name, grade, _ in found}
    graph = graded(graph, grades, {name: is_fresh for name, _, is_fresh in found})
    for name, node in graph.items():
        if node.declared.kind == "mart" and node.row_count is None and node.status == "success":
            relation = quoted(*name.split("."))
            count = connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
            graph[name] = replace(node, row_count=count)
    return graph


def _naive(instant: str | None) -> datetime | None:
    return datetime.fromisoformat(instant).replace(tzinfo=None) if instant else None
