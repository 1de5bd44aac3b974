"""The map of a small candidate, and what may be wrong with it: (SQL, rules that fail)."""

from __future__ import annotations

from expectations.marts import data_map

MAP = "marts.data_map"

# Each table of the candidate, made from one feed.
MAPPED = """
create table marts.data_map (
    from_node varchar, to_node varchar, kind varchar, owner varchar, grade varchar,
    freshness varchar, row_count bigint,
    description varchar default 'what it is', seconds decimal(9, 2), built_at timestamp
);
insert into marts.data_map
    (from_node, to_node, kind, owner, grade, freshness, row_count) values
    ('landing', 'feeds.bills', 'feed', 'billing', 'A', 'fresh', 12),
    ('feeds.bills', 'raw.transactions', 'raw', 'billing', 'A', 'fresh', 10);
insert into marts.data_map
    (from_node, to_node, kind, owner, grade, freshness, row_count)
select 'raw.transactions', 'marts.' || table_name, 'mart', 'analytics', 'A', 'fresh', 3
from information_schema.tables where table_schema = 'marts';
"""

FAILING = {
    "an edge twice": (
        f"insert into {MAP} from {MAP} where to_node = 'feeds.bills'",
        {f"expect_compound_columns_to_be_unique({', '.join(data_map.KEY)})"},
    ),
    "a way that begins nowhere": (
        f"update {MAP} set from_node = 'raw.lost' where to_node = 'marts.customer_months'",
        {"every way leads back to where data come from"},
    ),
    "a table that the map does not know": (
        f"delete from {MAP} where to_node = 'marts.customer_months'",
        {"every published table is in the map, with its rows"},
    ),
    "a table of which nobody knows how many rows it has": (
        f"update {MAP} set row_count = null where to_node = 'marts.customer_months'",
        {"every published table is in the map, with its rows"},
    ),
    "a kind of node that nobody knows": (
        f"update {MAP} set kind = 'view' where to_node = 'marts.customer_months'",
        {"expect_column_values_to_be_in_set(kind)"},
    ),
    "a grade that is none": (
        f"update {MAP} set grade = 'G' where to_node = 'marts.customer_months'",
        {"expect_column_values_to_be_in_set(grade)"},
    ),
    "a freshness that is none": (
        f"update {MAP} set freshness = 'old' where to_node = 'marts.customer_months'",
        {"expect_column_values_to_be_in_set(freshness)"},
    ),
    "nobody answers for a table": (
        f"update {MAP} set owner = null where to_node = 'marts.customer_months'",
        {"expect_column_values_to_not_be_null(owner)"},
    ),
}
