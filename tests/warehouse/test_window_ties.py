"""The checker of windows in which rows tie sees what it should."""

from __future__ import annotations

import duckdb
from window_ties import tied_windows


def test_the_checker_sees_rows_that_tie():
    told = "from (values ('a', 1, 2), ('a', 1, 3), ('b', 1, 2)) as told (name, day, number)"
    models = {
        "chance": f"select row_number() over (partition by name order by day) {told}",
        "rows": f"select sum(number) over (order by day rows unbounded preceding) {told}",
        "nested": "with told as (select * from (with deep as (select * "
        f"{told}) select lag(day) over (order by name) as day from deep)) select * from told",
        "grouped": f"select name, row_number() over (order by min(day)) {told} group by name",
        "complete": f"select row_number() over (partition by name order by number) {told}",
        "together": f"select sum(number) over (order by day), rank() over (order by day) {told}",
        "whole": f"select count(*) over (partition by name) {told}",
    }
    with duckdb.connect() as connection:
        found = tied_windows(connection, models)
    assert found == {
        "chance: rownumber", "rows: sum", "nested: lag", "grouped: rownumber",
    }  # fmt: skip
