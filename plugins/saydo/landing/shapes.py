"""Delivered rows made canonical ones, where a feed unpivots columns or unnests lists.

The delivered rows are staged and numbered once, in the table `delivered`; the canonical ones are a
query over it. So each of them says its delivered line and the column or element it is of, and one
that goes to quarantine takes the whole delivered row with it, as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.landing.places import numbered
from saydo.landing.relations import ELEMENT, FAULT, Relation, Shape
from saydo.landing.unnest import (
    check_steps,
    element_faults,
    held_element,
    unnest_json_sql,
    unnest_typed_sql,
)
from saydo.landing.unpivot import unpivot_sql, unpivoted_columns
from saydo.sql import literal, quoted

_REPEATED_HEADER, _EMPTY_RECORD = 1, 2  # values of `FAULT`
_WHOLE_ROWS = (
    (_REPEATED_HEADER, "repeated_header", "the header line is repeated"),
    (_EMPTY_RECORD, "empty_record", "the record holds no value"),
)


def shaped(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    relation: Relation,
    file_name: str,
    file: Path,
    newlines: Callable[[], int],
) -> Relation:
    """The relation of a feed's canonical rows; itself where each delivered row is one.

    Args:
        connection: may open the file; `delivered` is made in it.
        feed: its shape.
        relation: the delivered rows.
        file_name: the file's name below landing/.
        file: its path.
        newlines: gives the line feeds in its plain content; 0: records are taken for lines.

    Raises:
        DeliveryRefused: the file has not what is unpivoted or unnested, or its lines were lost.
    """
    if not feed.unpivot and not feed.unnest:
        return relation
    columns: list[str] = []
    if feed.unpivot:
        columns = unpivoted_columns(feed, feed.unpivot, file_name, relation)
    check_steps(feed, file_name, relation)
    relation = numbered(connection, relation, file_name, file, newlines)
    whole = _whole_row_fault(relation)
    element = "" if feed.unpivot else f"cast(null as varchar) as {quoted(ELEMENT)}, "
    fault = f"cast({whole or 'null'} as utinyint) as {quoted(FAULT)}"
    rows = f"select *, {element}{fault} from {relation.sql}"
    faults, json = _WHOLE_ROWS, {}
    if feed.unpivot:
        sql, types = unpivot_sql(feed.unpivot, columns, relation, rows, bool(whole))
        elements = (feed.unpivot.name, feed.unpivot.value)
    else:
        elements = tuple(step.as_ for step in feed.unnest)
        faults += element_faults(feed)
        if feed.format == "json":
            sql = unnest_json_sql(feed, rows)
            json = {step.as_: quoted(held_element(step)) for step in feed.unnest}
            types = relation.types | dict.fromkeys(elements, "VARCHAR")
        else:
            sql = unnest_typed_sql(connection, feed, file_name, rows)
            listed = ", ".join(map(quoted, elements))
            found = connection.execute(f"describe select {listed} from ({sql})").fetchall()
            types = relation.types | {row[0]: row[1] for row in found}
    return replace(
        relation,
        sql=f"({sql})",
        types=types,
        header={},
        delivered=relation.file_types,
        shape=Shape(
            "delivered",
            frozenset(elements),
            faults,
            json,
            feed.unpivot.value if feed.unpivot else None,
        ),
    )


def _whole_row_fault(relation: Relation) -> str:
    """SQL of what is wrong with a delivered row as a whole; nothing if nothing can be."""
    if relation.header:
        header = " and ".join(
            f"{quoted(name)} = {literal(text)}" for name, text in relation.header.items()
        )
        return f"case when {header} then {_REPEATED_HEADER} end"
    if relation.text_file and not relation.csv:
        empty = " and ".join(f"{quoted(name)} is null" for name in relation.file_types)
        return f"case when {empty} then {_EMPTY_RECORD} end"
    return ""
