"""The headline metrics of a release, as people read them, and the SQL that gives them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import duckdb

from saydo.engine import open_database
from saydo.metrics import definitions, shown, shown_error
from saydo.release.database import DATABASE
from saydo.release.store import release_dir
from saydo.settings import Settings

HEADLINE_SQL = (
    "select metric_code, day_date, value, unit, standard_error, denominator from metrics_daily "
    "where segment_type = 'all' "
    "qualify row_number() over (partition by metric_code order by day_date desc) = 1"
)


class Headline(NamedTuple):
    """A metric of everybody for people: its name, its latest value as text, and of which day.

    `day` is None, and the value says so, where nothing is known. `note` says how sure the value is,
    if that is a question, else it is empty.
    """

    label: str
    value: str
    note: str
    day: date | None


def headline(settings: Settings, release_id: str) -> list[Headline]:
    """Every headline metric of a release, in the order of its definitions.

    HEADLINE_SQL gives the same figures on the release's marts.duckdb.

    Raises:
        ConfigError: there is no such release.
    """
    file = release_dir(settings, release_id) / DATABASE
    with open_database(settings, file, read_only=True) as connection:
        rows = connection.execute(HEADLINE_SQL).fetchall() if has_metrics(connection) else []
    found = {code: rest for code, *rest in rows}
    lines = []
    for metric in definitions():
        day, value, unit, error, base = found.get(metric.code, (None,) * 5)
        text = "not known yet" if day is None else shown(value, unit)
        note = "" if error is None else shown_error(error, base, unit)
        lines.append(Headline(metric.label, text, note, day))
    return lines


def has_metrics(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether an opened release holds its metrics; one of an earlier version does not."""
    sql = "select count(*) from information_schema.tables where table_name = 'metrics_daily'"
    return connection.execute(sql).fetchall() != [(0,)]
