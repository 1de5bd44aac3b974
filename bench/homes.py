"""The homes that runs and builds are timed on: a business landed once, and what is made of it.

The last day is held back on raw, batch by batch: each batch that has rows of that day becomes two,
as if its file had come in two. Everything else is shared by hard links.
"""

from __future__ import annotations

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb

from saydo.build import end_of_day, resolve_as_of
from saydo.contract import SOURCES
from saydo.gate import check_sources
from saydo.landing import Batch, land_all, prepare_raw, read_ledger, write_entry
from saydo.settings import Settings
from saydo.simulate import simulate

# What says on which day a row was delivered. A request to be erased is left where it is: it would
# make the next build a full one.
TOLD_BY = {
    name: source.event_time for name, source in SOURCES.items() if name != "erasure_requests"
} | {"accounts": "coalesce(updated_at, opened_at)", "account_identifiers": "valid_from_at"}


def size_of(customers: int, months: int) -> str:
    """The folder name of a business."""
    return f"{customers}x{months}"


def delivered(businesses: Path, customers: int, months: int) -> Path:
    """The files of a business of this size below `businesses`, simulated once."""
    landing = businesses / size_of(customers, months) / "landing"
    if not landing.exists():  # made beside it: half a business is not taken for a whole one
        made = landing.with_name("simulating")
        shutil.rmtree(made, ignore_errors=True)
        simulate(made, customers, months, seed=1)
        made.rename(landing)
    return landing


def land(businesses: Path, customers: int, months: int) -> Settings:
    """The home below `businesses` where a business of this size is landed and accepted.

    It is simulated and landed once; nothing is built in it.
    """
    landing = delivered(businesses, customers, months)
    settings = Settings(home=landing.parent)
    if not read_ledger_if_any(settings):
        for folder in (settings.raw, settings.state):
            shutil.rmtree(folder, ignore_errors=True)
        prepare_raw(settings)
        land_all(settings)
    if any(batch.status == "landed" for batch in read_ledger(settings)):
        check_sources(settings)
    return settings


def read_ledger_if_any(settings: Settings) -> list[Batch]:
    """The ledger, or nothing if there is no such home yet."""
    return read_ledger(settings) if settings.raw.exists() else []


def share(source: Path, target: Path) -> None:
    """Make `target` a copy of the folder `source`, file by file a hard link."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, copy_function=os.link)


def deliver_first(settings: Settings, landing: Path) -> None:
    """Empty a home but for Airflow's folder, and lay the delivered files into its landing."""
    settings.home.mkdir(parents=True, exist_ok=True)
    for entry in settings.home.iterdir():
        if entry.name == "airflow":
            continue
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    share(landing, settings.landing)


def hold_back(landed: Settings, home: Path, day_home: Path) -> date:
    """Make `home` from `landed` without its last day, and `day_home` of the last day's batches.

    Returns:
        the last day.
    """
    last = resolve_as_of(landed, None)
    before, day = Settings(home=home), Settings(home=day_home)
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(day_home, ignore_errors=True)
    share(landed.raw, before.raw)
    shutil.copytree(landed.state, before.state, ignore=shutil.ignore_patterns("build", "dbt"))
    edge = end_of_day(landed, last - timedelta(days=1))
    for batch in read_ledger(landed):
        if batch.status == "accepted" and batch.source in TOLD_BY:
            _divide(before, day, batch, f"{TOLD_BY[batch.source]} >= timestamp '{edge}'")
    return last


def _divide(before: Settings, day: Settings, batch: Batch, is_new: str) -> None:
    place = before.raw / batch.source / f"batch={batch.batch_id}"
    files = list(place.rglob("*.parquet"))
    with duckdb.connect() as connection:
        (new_count,) = connection.execute(
            f"select count(*) from read_parquet(?) where {is_new}", [[str(f) for f in files]]
        ).fetchone() or (0,)
        if new_count == 0:
            return
        # A batch id ends in twelve hex digits.
        day_id = f"{batch.feed}-{batch.batch_id.removeprefix(batch.feed + '-')[:11]}"
        day_id += "0" if not batch.batch_id.endswith("0") else "1"
        for file in files:
            month = day.raw / batch.source / f"batch={day_id}" / file.parent.name
            _copy(connection, file, is_new, day_id, month / file.name)
            _copy(connection, file, f"not coalesce({is_new}, false)", batch.batch_id, file)
    _enter(before, batch)
    _enter(day, batch.model_copy(update={"batch_id": day_id, "sequence": batch.sequence + 1}))


def _copy(
    connection: duckdb.DuckDBPyConnection, file: Path, wanted: str, batch_id: str, target: Path
) -> None:
    """Write the rows of `file` that are wanted as rows of a batch; no rows, no file."""
    taken = file.with_suffix(".taken")
    (count,) = connection.execute(
        f"copy (select * replace ('{batch_id}' as _batch_id) from read_parquet('{file}', "
        f"hive_partitioning = false) where {wanted}) to '{taken}' (format parquet)"
    ).fetchone() or (0,)
    if count:
        target.parent.mkdir(parents=True, exist_ok=True)
        taken.replace(target)
    else:
        taken.unlink()
        target.unlink(missing_ok=True)


def _enter(settings: Settings, batch: Batch) -> None:
    """Write the ledger entry of one half, with what that half holds."""
    place = settings.raw / batch.source / f"batch={batch.batch_id}"
    files = [str(file) for file in place.rglob("*.parquet")]
    told_by = SOURCES[batch.source].event_time
    first, last = (f"{f}({told_by})" if told_by else "null" for f in ("min", "max"))
    with duckdb.connect() as connection:
        row = connection.execute(
            f"select count(*), cast({first} as date), cast({last} as date), "
            f"cast({last} as timestamp) from read_parquet(?, hive_partitioning = false)",
            [files],
        ).fetchone()
    loaded, first_date, last_date, last_at = row or (0, None, None, None)
    months = sorted(
        folder.name.removeprefix("month=") for folder in place.iterdir() if any(folder.iterdir())
    )
    counted = {
        "delivered_count": loaded, "canonical_count": loaded, "loaded_count": loaded,
        "quarantined_count": 0, "empty_count": 0,
        "duplicate_count": 0, "filtered_count": 0, "reason_counts": {},
        "first_event_date": first_date, "last_event_date": last_date,
        "last_event_at": None if batch.last_event_at is None else last_at,
        "months": [month for month in months if month != "all"] or batch.months,
    }  # fmt: skip
    (settings.raw / "_batches" / f"{batch.batch_id}.json").unlink(missing_ok=True)
    write_entry(settings, batch.model_copy(update=counted))
