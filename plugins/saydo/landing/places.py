"""Where a row was delivered, for the expressions that ask: `file_name` and `line_number`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import duckdb

from saydo.landing.expressions import Expression
from saydo.landing.lines import number_lines, set_aside
from saydo.landing.mapping import PLACES
from saydo.landing.relations import ROW, Relation, lost_lines
from saydo.landing.staged import line_sql
from saydo.sql import literal, quoted

_LINE = "saydo line"


def asked_places(expressions: Iterable[Expression]) -> set[str]:
    """Those of `PLACES` that expressions read, be they the file's own columns or not."""
    return {name.lower() for item in expressions for name in item.columns} & {*PLACES}


def own_places(relation: Relation) -> set[str]:
    """Those of `PLACES` that are columns of the file itself: expressions read these."""
    return {name.lower() for name in relation.types} & {*PLACES}


def with_places(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    parsed: dict[str, Expression],
    file_name: str,
    file: Path,
    newlines: Callable[[], int],
) -> Relation:
    """The relation with the places that its expressions ask for and the file has not itself.

    Only where a line is asked for, the delivered columns are staged first, to be numbered: in the
    table `delivered`.

    Args:
        connection: may open the file.
        relation: the file.
        parsed: the feed's expressions.
        file_name: the file's name below landing/.
        file: its path.
        newlines: gives the line feeds in its plain content; 0: records are taken for lines.

    Raises:
        DeliveryRefused: lines of the file were lost in reading.
    """
    asked = asked_places(parsed.values()) - own_places(relation)
    if "line_number" in asked and not relation.line_column:
        relation = numbered(connection, relation, file_name, file, newlines)
    added = {"file_name": literal(file_name), "line_number": quoted(relation.line_column or "")}
    listed = "".join(f", {added[name]} as {name}" for name in sorted(asked))
    return replace(relation, sql=f"(select *{listed} from {relation.sql})") if asked else relation


def numbered(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    file_name: str,
    file: Path,
    newlines: Callable[[], int],
) -> Relation:
    """The delivered rows staged in the table `delivered`, each with its line and its `ROW`.

    Arguments and errors are those of `with_places`.
    """
    connection.execute(f"create temp table delivered as select * from {relation.sql}")
    line, join = quoted(relation.line_column or ""), ""
    if not relation.line_column:
        set_aside(connection, relation)
        if not number_lines(connection, relation, file, newlines(), "delivered"):
            raise lost_lines(relation.feed, file_name)
        line, join = line_sql(connection, relation, "delivered")
    own = f" exclude ({line})" if relation.line_column else ""
    rows = (
        f"(select delivered.*{own}, cast({line} as bigint) as {quoted(_LINE)}, "
        f"delivered.rowid as {quoted(ROW)} from delivered {join} order by delivered.rowid)"
    )
    return replace(relation, sql=rows, line_column=_LINE)
