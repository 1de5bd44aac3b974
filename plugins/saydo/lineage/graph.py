"""The way of the data as a graph: from files to feeds, raw, models, marts and who reads them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from typing import Any

from saydo.lineage.project import Declared, read_project
from saydo.settings import Settings

LAYERS = ("staging", "identity", "intermediate", "estimates", "marts")
# Where a node comes from that no other node makes: delivered, part of the project, left by Saydo.
ORIGINS = {"feed": "landing", "seed": "project"}
OTHER_ORIGIN = "home"
# Who looks after what names nobody: whoever runs Saydo.
NOBODY_NAMED = "data_platform"
NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Node:
    """A feed, table or exposure, and what is known of it.

    `seconds` are those that building it took, `built_at` when that ended (ISO, UTC). `grade` is the
    worst of what it is made from unless it is graded itself; `freshness` is fresh, stale or
    not_known, in the same way.
    """

    declared: Declared
    owner: str
    row_count: int | None = None
    built_at: str | None = None
    seconds: float | None = None
    status: str | None = None  # success, error, skipped; none: not built
    grade: str | None = None
    freshness: str = NOT_KNOWN

    @property
    def name(self) -> str:
        """`<schema>.<table>`, `feeds.<name>` or `exposures.<name>`."""
        return self.declared.name


Graph = dict[str, Node]


def read_graph(settings: Settings) -> Graph:
    """The graph of the last build; empty before the first.

    It is put together from what dbt declared, the reports of the layers, the ledger that the build
    read and the feeds. Grades are not known yet: `graded` adds them.
    """
    declared = read_project(settings)
    if not declared:
        return {}
    owners = _source_owners(settings)
    feeds = _feeds(settings)
    landed = _landed(settings)
    built = _built(settings)
    by_source: dict[str, list[str]] = defaultdict(list)
    graph: Graph = {}
    for feed in feeds:
        source = feed.reads[0]
        graph[feed.name] = Node(
            replace(feed, reads=()), owners.get(source, NOBODY_NAMED), **landed.get(feed.name, {})
        )
        by_source[source].append(feed.name)
    for node in declared:
        owner, figures = node.owner, built.get(node.name, {})
        if node.kind == "raw":
            table = node.name.partition(".")[2]
            node = replace(node, reads=tuple(sorted(by_source[table])))
            owner, figures = owners.get(table, ""), landed.get(node.name, {"row_count": 0})
        graph[node.name] = Node(node, owner or NOBODY_NAMED, **figures)
    return graph


def graded(graph: Graph, grades: Mapping[str, str], is_fresh: Mapping[str, bool]) -> Graph:
    """The graph with a grade and a freshness of each node that data reach.

    Args:
        graph: of `read_graph`.
        grades: node to A (good) to F, where they are measured. A feed has those of its raw table.
        is_fresh: node to whether it is fresh, where that is measured.
    """
    grades, is_fresh = dict(grades), dict(is_fresh)
    for node in graph.values():
        for feed in node.declared.reads if node.declared.kind == "raw" else ():
            grades |= {feed: grades[node.name]} if node.name in grades else {}
            is_fresh |= {feed: is_fresh[node.name]} if node.name in is_fresh else {}
    found: Graph = {}
    for name in in_order(graph):
        node = graph[name]
        above = [found[read] for read in node.declared.reads if read in found]
        grade = grades.get(name) or max((one.grade for one in above if one.grade), default=None)
        states = {one.freshness for one in above}
        if name in is_fresh:
            states = {"fresh" if is_fresh[name] else "stale"}
        freshness = next((s for s in ("stale", "fresh") if s in states), NOT_KNOWN)
        found[name] = replace(node, grade=grade, freshness=freshness)
    return found


def in_order(graph: Graph) -> list[str]:
    """The nodes, each after what it is made from."""
    return list(
        TopologicalSorter({n: node.declared.reads for n, node in graph.items()}).static_order()
    )


def origins(node: Node) -> tuple[str, ...]:
    """What a node is made from, or where it comes from if no other node makes it."""
    return node.declared.reads or (ORIGINS.get(node.declared.kind, OTHER_ORIGIN),)


def reached(edges: Iterable[tuple[str, str]], start: str, upstream: bool) -> dict[str, int]:
    """What lies before a node or after it: node to its distance in edges, nearest first.

    Args:
        edges: from and to.
        start: where to begin; it is not in the answer.
        upstream: what it is made from; else what is made from it.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    for source, target in edges:
        here, there = (target, source) if upstream else (source, target)
        beside[here].add(there)
    found = {start: 0}
    frontier = [start]
    while frontier:
        following = sorted({b for a in frontier for b in beside[a]} - found.keys())
        distance = found[frontier[0]] + 1
        found |= dict.fromkeys(following, distance)
        frontier = following
    del found[start]
    return found


def _feeds(settings: Settings) -> list[Declared]:
    return [
        Declared(f"feeds.{feed.name}", "feed", description=feed.path, reads=(feed.source,))
        for feed in settings.feeds.feeds
    ]


def _source_owners(settings: Settings) -> dict[str, str]:
    """Canonical table to who answers for it, as the seed `source_owners` says."""
    import csv

    from saydo.settings import PROJECT

    with (PROJECT / "dbt_project" / "seeds" / "source_owners.csv").open(newline="") as file:
        return {row["source"]: row["owner"] for row in csv.DictReader(file)}


def _landed(settings: Settings) -> dict[str, dict[str, Any]]:
    """Of feeds and raw tables: rows and when the newest file came, of the batches that count."""
    import pyarrow.parquet as pq

    file = settings.state / "batches.parquet"
    if not file.is_file():
        return {}
    columns = ["feed", "source", "status", "delivered_count", "loaded_count", "landed_at"]
    rows: Counter[str] = Counter()
    newest: dict[str, datetime] = {}
    for batch in pq.read_table(file, columns=columns).to_pylist():
        if batch["status"] != "accepted":
            continue
        for name, count in (
            (f"feeds.{batch['feed']}", batch["delivered_count"]),
            (f"raw.{batch['source']}", batch["loaded_count"]),
        ):
            rows[name] += count or 0
            newest[name] = max(newest.get(name, batch["landed_at"]), batch["landed_at"])
    return {
        name: {
            "row_count": count,
            "built_at": f"{newest[name].isoformat(timespec='microseconds')}+00:00",
        }
        for name, count in rows.items()
    }


def _built(settings: Settings) -> dict[str, dict[str, Any]]:
    """Of what the layers built: rows, seconds, when, and how it ended."""
    schemas = {"estimates": "estimates", "marts": "marts", "staging": "staging"}
    found = {}
    for layer in LAYERS:
        file = settings.state / "build" / f"{layer}.json"
        if not file.is_file():
            continue
        reported_at = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(
            timespec="microseconds"
        )
        for node in json.loads(file.read_text(encoding="utf-8"))["nodes"]:
            if node["kind"] == "test":
                continue
            schema = "seeds" if node["kind"] == "seed" else schemas.get(layer, "intermediate")
            found[f"{schema}.{node['name']}"] = {
                "row_count": node["rows"],
                "seconds": node["seconds"],
                "built_at": node.get("built_at") or reported_at,
                "status": node["status"],
            }
    return found
