"""Columns of a wide delivery made rows: one for each column and row that holds an answer."""

from __future__ import annotations

import re

from saydo.config import Feed
from saydo.config.shapes import Unpivot
from saydo.landing.engine import enum_sql
from saydo.landing.expressions import nearest
from saydo.landing.relations import ELEMENT, FAULT, ROW, Relation, refusal
from saydo.sql import literal, quoted

_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)")


def unpivoted_columns(
    feed: Feed, unpivot: Unpivot, file_name: str, relation: Relation
) -> list[str]:
    """The file's columns that the feed lists, in the file's order; `*` stands for any text.

    Raises:
        DeliveryRefused: a listed column is not there, a wildcard matches none, or a new name is
            that of a column which stays.
    """
    advice = f"deliver it again, or change feeds.{feed.name}.unpivot"
    known = {name.lower(): name for name in relation.file_types}
    found: set[str] = set()
    for listed in unpivot.columns:
        if listed.lower() in known:
            found.add(known[listed.lower()])
            continue
        if "*" not in listed:
            what = f"the column {listed!r}, which is unpivoted, is not there"
            hint = nearest(listed, known.values())
            raise refusal(feed, file_name, f"{what}{hint}", advice)
        parts = ".*".join(re.escape(part) for part in listed.split("*"))
        pattern = re.compile(parts, re.IGNORECASE | re.DOTALL)
        matched = {name for name in known.values() if pattern.fullmatch(name)}
        if not matched:
            what = f"no column of it matches {listed!r}, which is unpivoted"
            raise refusal(feed, file_name, what, advice)
        found |= matched
    kept = {name.lower() for name in relation.types} - {name.lower() for name in found}
    if taken := sorted({unpivot.name, unpivot.value} & kept):
        what = f"it has a column {taken[0]!r} already, which unpivot is to make"
        raise refusal(feed, file_name, what, f"give feeds.{feed.name}.unpivot another name")
    return [name for name in relation.file_types if name in found]


def unpivot_sql(
    unpivot: Unpivot, columns: list[str], relation: Relation, rows: str, has_faults: bool
) -> tuple[str, dict[str, str]]:
    """Select of a row per answer, in the order of `rows`, and the types of what can be read of it.

    Args:
        unpivot: the two new names.
        columns: those that are unpivoted.
        relation: the delivered columns.
        rows: select of the delivered rows with `ROW` and `FAULT`.
        has_faults: whether `FAULT` may be set: such a row makes one row, without an answer.
    """
    types = {name: relation.types[name] for name in columns}
    kind = _common(list(types.values()))
    gone = {name.lower() for name in columns}
    kept = {name: found for name, found in relation.types.items() if name.lower() not in gone}
    listed = "".join(f"{quoted(name)}, " for name in [*kept, str(relation.line_column), ROW])
    names = f"cast([{', '.join(map(literal, columns))}] as {enum_sql(columns)}[])"
    values = ", ".join(
        quoted(name) if found == kind else f"cast({quoted(name)} as {kind})"
        for name, found in types.items()
    )
    value = quoted(unpivot.value)
    # What is blank is no answer either.
    is_answer = f"{value} is not null" + (f" and trim({value}) <> ''" if kind == "VARCHAR" else "")
    sql = (
        f"select {listed}cast({quoted(ELEMENT)} as varchar) as {quoted(unpivot.name)}, {value}, "
        f"{quoted(ELEMENT)}, {quoted(FAULT)} from (select {listed}{quoted(FAULT)}, "
        f"unnest({names}) as {quoted(ELEMENT)}, unnest([{values}]) as {value} from ({rows})"
        f"{f' where {quoted(FAULT)} is null' if has_faults else ''}) where {is_answer}"
    )
    if has_faults:
        sql += (
            f" union all select {listed}null, null, null, {quoted(FAULT)} from ({rows}) "
            f"where {quoted(FAULT)} is not null"
        )
    return sql, kept | {unpivot.name: "VARCHAR", unpivot.value: kind}


def _common(types: list[str]) -> str:
    """One type that holds the values of all: their own, or a number, or text."""
    if len({*types}) == 1:
        return types[0]
    if all(_NUMBER.fullmatch(found) for found in types):
        decimals = all(not found.startswith(("FLOAT", "DOUBLE")) for found in types)
        return "DECIMAL(38, 10)" if decimals else "DOUBLE"
    return "VARCHAR"
