"""May `data_map` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("from_node", "to_node")

_KINDS = (
    "feed", "raw", "seed", "state", "staging", "intermediate", "estimate", "mart", "exposure",
)  # fmt: skip


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules."""
    return [
        unique(*KEY),
        *filled(*KEY, "kind", "owner", "freshness"),
        one_of("kind", _KINDS),
        one_of("grade", ("A", "B", "C", "D", "E", "F")),
        one_of("freshness", ("fresh", "stale", "not_known")),
        _no_gap(),
        _every_table(),
    ]


def _no_gap() -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="every way leads back to where data come from",
        unexpected_rows_query="""
            with edges as (select * from {batch})
            select from_node, count(*) as edge_count
            from edges
            where
                from_node not in ('landing', 'project', 'home')
                and from_node not in (select to_node from edges)
            group by from_node
            order by from_node
        """,
        severity="critical",
        notes="These nodes are read and nothing says where they come from: the map ends there. "
        "Whoever changed saydo.lineage.graph looks for a table that it does not know.",
    )


def _every_table() -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="every published table is in the map, with its rows",
        unexpected_rows_query="""
            with edges as (select * from {batch})
            select tables.table_name
            from information_schema.tables as tables
            left join edges
                on edges.to_node = 'marts.' || tables.table_name and edges.row_count is not null
            where tables.table_schema = 'marts' and edges.to_node is null
            order by tables.table_name
        """,
        severity="critical",
        notes="A table is about to be published of which the map says nothing, or not how many "
        "rows it has. Whoever added it looks for its status in state/build/marts.json.",
    )
