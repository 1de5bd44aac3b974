"""What two kept releases say otherwise, figure by figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from saydo.engine import open_database
from saydo.errors import ConfigError
from saydo.release.keeping import release_before
from saydo.release.store import current_release_id, read_manifest, release_dir
from saydo.settings import Settings

_COMPARED = """
    select
        old.key is not null as is_in_old,
        new.key is not null as is_in_new,
        coalesce(old.table_name, new.table_name),
        coalesce(old.key, new.key) as key,
        coalesce(old.column_name, new.column_name),
        old.value,
        new.value,
        coalesce(old.month_start_date, new.month_start_date)
    from read_parquet(?) as old
    full join read_parquet(?) as new
        on old.table_name = new.table_name and old.column_name = new.column_name
        and old.segment_type = new.segment_type and old.key = new.key
    order by 3, 4, 5
"""


@dataclass(frozen=True)
class ChangedFigure:
    """A figure that two releases give otherwise; null where one knows nothing.

    `is_running` says that its month was not over yet on the as-of day of one of them.
    """

    table_name: str
    key: str
    column_name: str
    old: Decimal | None
    new: Decimal | None
    is_running: bool


@dataclass(frozen=True)
class Difference:
    """Two releases: ids, as-of dates, the figures of both that differ, and how many do not.

    `only_counts` are the figures that one alone has, of the first and of the second.
    """

    release_ids: tuple[str, str]
    as_of_dates: tuple[date, date]
    changed: list[ChangedFigure]  # by table, key and figure
    same_count: int
    only_counts: tuple[int, int]


def compare_releases(settings: Settings, first: str, second: str) -> Difference:
    """Compare what two kept releases publish as their figures.

    Args:
        settings: where the releases are.
        first: a release id, or `current`, or `previous`: the one that was current before it.
        second: likewise.

    Raises:
        ConfigError: no such release is kept (those that are, are named), or one was made by a
            version of Saydo that did not publish its figures.
    """
    ids = (_release_id(settings, first), _release_id(settings, second))
    files = [str(_figures_file(settings, release_id)) for release_id in ids]
    days = [date.fromisoformat(read_manifest(settings, name)["as_of_date"]) for name in ids]
    with open_database(settings) as connection:
        rows = connection.execute(_COMPARED, files).fetchall()
    both = [row[2:] for row in rows if row[0] and row[1]]
    changed = [
        ChangedFigure(table, key, column, old, new, _is_running(month, min(days)))
        for table, key, column, old, new, month in both
        if old != new
    ]
    only = (sum(not row[1] for row in rows), sum(not row[0] for row in rows))
    return Difference(ids, (days[0], days[1]), changed, len(both) - len(changed), only)


def _release_id(settings: Settings, name: str) -> str:
    current = current_release_id(settings)
    if name == "previous":
        return release_before(settings, current)
    if name == "current" and current is not None:
        return current
    release_dir(settings, name)
    return name


def _figures_file(settings: Settings, release_id: str) -> Path:
    file = release_dir(settings, release_id) / "published_figures.parquet"
    if not file.is_file():
        raise ConfigError(
            f"{release_id} was made by a version of Saydo that did not publish its figures: only "
            "releases that hold the table published_figures can be compared"
        )
    return file


def _is_running(month: date | None, day: date) -> bool:
    """Whether the month was not over at the end of the day."""
    if month is None:
        return False
    tomorrow = day + timedelta(days=1)
    return (month.year, month.month) >= (tomorrow.year, tomorrow.month)
