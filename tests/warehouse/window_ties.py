"""Windows of compiled models in which rows tie: which comes first is left to chance."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import duckdb
import sqlglot
from small_home import SmallHome
from sqlglot import exp

_LEFT_OUT = ("distinct", "order", "limit", "qualify")


def windows_tied_in(home: SmallHome, compiled: dict[str, str]) -> set[str]:
    """The same over the warehouse of a home, which has to be the current one."""
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        return tied_windows(connection, compiled)


def tied_windows(connection: duckdb.DuckDBPyConnection, compiled: dict[str, str]) -> set[str]:
    """Models with a window that numbers rows of which two are the same in all it orders by.

    Args:
        connection: has what the models read.
        compiled: SQL of each model.

    Returns:
        "<model>: <function>" of each.
    """
    return {
        f"{model}: {function}"
        for model, sql in compiled.items()
        if "over (" in sql  # parsing is dear
        for function, ties in _ties(sql)
        if connection.execute(ties).fetchall()
    }


def _ties(sql: str) -> Iterator[tuple[str, str]]:
    """Function of each window that needs a complete order, and a query for rows that tie in it."""
    for window in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Window):
        order, spec = window.args.get("order"), window.args.get("spec")
        takes_ties_together = isinstance(window.this, exp.AggFunc) and not (
            isinstance(window.this, (exp.Lead, exp.Lag, exp.FirstValue, exp.LastValue))
            or (spec and str(spec.args.get("kind")).upper() == "ROWS")
        )
        if isinstance(window.this, (exp.Rank, exp.DenseRank)) or takes_ties_together:
            continue
        keys = [*window.args.get("partition_by", ()), *(o.this for o in order.expressions)]
        rows = window.parent_select.copy()
        rows.set("expressions", [exp.alias_(key.copy(), f"k{n}") for n, key in enumerate(keys)])
        for part in _LEFT_OUT:
            rows.set(part, None)
        query = f"from ({_text(rows)}) group by all having count(*) > 1 limit 1"
        above = window.parent_select.find_ancestor(exp.Query)
        while above is not None:
            if above.ctes:
                named = ", ".join(f"{cte.alias} as ({_text(cte.this)})" for cte in above.ctes)
                query = f"with {named} from ({query})"
            above = above.find_ancestor(exp.Query)
        yield window.this.key, query


@cache
def _text(query: exp.Query) -> str:
    return query.sql(dialect="duckdb")
