"""A section of the report: a question to the release, told in words, pictures and a table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import altair as alt
import duckdb

from saydo.report.tables import Table, table

log = logging.getLogger(__name__)

Row = dict[str, Any]
Rows = Sequence[Row]


class Picture(NamedTuple):
    """A chart, what stands above it, and what it says to who cannot see it."""

    title: str
    unit: str
    description: str
    chart: alt.Chart | alt.LayerChart


def _no_picture(rows: Rows) -> Sequence[Picture]:
    return ()


def as_it_is(rows: Rows) -> Table:
    """The rows as the SQL gives them."""
    names = list(rows[0])
    return table([name.replace("_", " ") for name in names], [list(row.values()) for row in rows])


@dataclass(frozen=True)
class Section:
    """What is asked, and how the answer is told; pictures and table are of the same rows.

    `say` and `draw` are given at least one row. `flow` fills a diagram of boxes and arrows, or is
    none. A section that `is_silent` is left out where there is nothing to tell; of another it is
    said that its `subject` cannot be told.
    """

    code: str
    title: str
    sql: str
    say: Callable[[Rows], Sequence[str]]
    draw: Callable[[Rows], Sequence[Picture]] = _no_picture
    tabulate: Callable[[Rows], Table] = as_it_is
    flow: Callable[[Rows], Any] | None = None
    note: str = ""
    subject: str = "This"
    is_silent: bool = False


@dataclass(frozen=True)
class Told:
    """A section as it is shown; `table` is None where there is nothing to show."""

    code: str
    title: str
    sql: str
    sentences: Sequence[str]
    note: str = ""
    pictures: Sequence[dict[str, Any]] = ()
    flow: Any = None
    table: Table | None = None


def tell(connection: duckdb.DuckDBPyConnection, section: Section) -> Told | None:
    """Ask a release the section's question; None for a silent section without an answer.

    A release of an earlier version may lack the table or a column of it: one sentence says so.
    """
    try:
        found = connection.execute(section.sql)
    except (duckdb.CatalogException, duckdb.BinderException) as missing:
        log.info("the release cannot answer %s: %s", section.code, str(missing).splitlines()[0])
        return _untold(section, "the release was made before it was published; the next holds it")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if not rows:
        return _untold(section, "nothing is known yet")
    return Told(
        code=section.code,
        title=section.title,
        sql=section.sql,
        sentences=section.say(rows),
        note=section.note,
        pictures=[_shown(section.code, i, one) for i, one in enumerate(section.draw(rows))],
        flow=section.flow(rows) if section.flow else None,
        table=section.tabulate(rows),
    )


def _untold(section: Section, why: str) -> Told | None:
    if section.is_silent:
        return None
    sentence = f"{section.subject} cannot be told: {why}."
    return Told(section.code, section.title, section.sql, [sentence])


def _shown(code: str, index: int, picture: Picture) -> dict[str, Any]:
    description = f"{picture.title}, {picture.unit}. {picture.description}"
    specification = picture.chart.properties(width="container", description=description).to_dict()
    del specification["config"]  # the page has one for all
    return {
        "code": f"{code}-{index + 1}",
        "title": picture.title,
        "unit": picture.unit,
        "description": description,
        "specification": specification,
    }
