"""Taking rows out of what is kept in Parquet: raw batches, the restricted store, quarantine."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb

from saydo.contract import SOURCES, Source
from saydo.durable import replace_with, temporary
from saydo.errors import SaydoError
from saydo.landing.ledger import change_held_entry, read_entry
from saydo.landing.pseudonyms import hmac_sql, hold_key, normalised_sql, pseudonym_key
from saydo.landing.raw import feed_lock
from saydo.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RawRows:
    """The rows of one source that are to go: how many in each file, and the SQL that says so."""

    source: str
    condition: str  # over `delivered`
    counts: dict[Path, int]


def find_raw(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[RawRows]:
    """The raw rows of the erased, by source; identifiers, which say whose the others are, last."""
    found = []
    for source in sorted(SOURCES.values(), key=lambda item: item.name == "account_identifiers"):
        condition = _is_erased(source)
        if condition is None:
            continue
        rows = connection.execute(
            "select filename, count(*) from read_parquet(?, hive_partitioning = false, "
            f"union_by_name = true, filename = true) as delivered where {condition} group by 1",
            [str(settings.raw / source.name / "batch=*" / "month=*" / "data.parquet")],
        ).fetchall()
        if rows:
            counts = {Path(name): count for name, count in rows}
            found.append(RawRows(source.name, condition, counts))
    return found


def erase_raw(
    settings: Settings, connection: duckdb.DuckDBPyConnection, found: list[RawRows]
) -> dict[str, int]:
    """Rewrite the raw batches without the rows found, and settle their ledger entries.

    The rows taken out count as filtered, under the reason `erased`, so that delivered = loaded +
    quarantined + duplicate + filtered holds and loaded is what raw has. The rows that tie an erased
    account to the identifier its request names stay: they are what suppresses a later delivery.

    Returns:
        source to number of rows erased.
    """
    for rows in found:
        by_batch: dict[Path, dict[Path, int]] = defaultdict(dict)
        for file, count in rows.counts.items():
            by_batch[file.parents[1]][file] = count
        for folder, counts in sorted(by_batch.items()):
            _rewrite_batch(settings, connection, folder, counts, rows.condition)
    return {rows.source: sum(rows.counts.values()) for rows in found}


def _is_erased(source: Source) -> str | None:
    """SQL over `delivered`: the row is of an erased person. None: the source names no person.

    A request stays: without it, a person delivered again would be published again.
    """
    names = {column.hashed_as or column.name for column in source.columns}
    if source.name == "erasure_requests":
        return None
    if "account_key" in names:
        mine = "delivered.account_key in (select account_key from erased_accounts)"
        if "id_key" not in names:
            return mine
        return (
            f"{mine} and not exists (select 1 from requested where requested.id_type = "
            "delivered.id_type and requested.id_key = delivered.id_key)"
        )
    if not source.identifiers:
        return None
    # Facts without a time are an error here: passed over, they would never be erased.
    (kind,) = [column.type for column in source.columns if column.name == source.event_time]
    unit = "date" if kind == "date" else "at"
    return " or ".join(
        f"exists (select 1 from erased_spans where erased_spans.id_type = delivered.{id_type} and "
        f"erased_spans.id_key = delivered.{id_key} and delivered.{source.event_time} >= "
        f"erased_spans.erased_from_{unit} and delivered.{source.event_time} < "
        f"erased_spans.erased_to_{unit})"
        for id_type, id_key in source.identifiers
    )


def _rewrite_batch(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    counts: dict[Path, int],
    condition: str,
) -> None:
    """New files first, then the ledger, then the renames: a kill between is finished by a retry."""
    entry = read_entry(settings, folder.name.removeprefix("batch="))
    with feed_lock(settings, entry.feed) if entry else nullcontext():
        if not folder.exists():  # withdrawn since the rows were found: they went with it
            return
        ready = [(_filtered(connection, file, condition), file) for file in counts]
        changed = [str(file) for file in counts]
        untouched = [str(file) for file in folder.glob("month=*/data.parquet")]
        # What the batch is about to hold: each copy in place of its original.
        files = [str(beside) for beside, _ in ready] + [f for f in untouched if f not in changed]
        left = connection.execute(
            "select count(*) from read_parquet(?, hive_partitioning = false)", [files]
        ).fetchall()[0][0]
        if entry is not None:
            _settle(settings, entry.batch_id, left, sum(counts.values()))
        for beside, file in ready:
            replace_with(beside, file)


def _settle(settings: Settings, batch_id: str, left: int, erased: int) -> None:
    """Account for the erased rows in a batch's entry, as it is now that its feed is held."""
    entry = read_entry(settings, batch_id)
    if entry is None or not entry.is_in_use:
        return  # its data is about to be swept away: it counts no loaded row any more
    missing = entry.loaded_count - left
    if missing == 0:  # a retry: the entry was settled before the files were renamed
        return
    if missing != erased:
        raise SaydoError(
            f"batch {entry.batch_id} should hold {entry.loaded_count} rows and holds "
            f"{left + erased}: rows were lost or added; restore raw/{entry.source} before erasing"
        )
    reasons = entry.reason_counts | {"erased": entry.reason_counts.get("erased", 0) + erased}
    changes = {
        "loaded_count": left,
        "filtered_count": entry.filtered_count + erased,
        "reason_counts": reasons,
    }
    change_held_entry(settings, entry, lambda _: changes, "erased")


def _filtered(connection: duckdb.DuckDBPyConnection, file: Path, condition: str) -> Path:
    """A copy of a Parquet file beside it, without the rows of the condition over `delivered`."""
    beside = temporary(file)
    connection.execute(
        "copy (select * from read_parquet($file, hive_partitioning = false) as delivered "
        f"where not coalesce({condition}, false)) to $beside (format parquet, compression zstd)",
        {"file": str(file), "beside": str(beside)},
    )
    beside.chmod(file.stat().st_mode & 0o777)
    return beside


def erase_restricted(settings: Settings, connection: duckdb.DuckDBPyConnection) -> int:
    """Take erased accounts out of the clear text kept for linkage. Returns the rows erased."""
    condition = "delivered.account_key in (select account_key from erased_accounts)"
    return sum(
        _rewrite_if_any(connection, file, condition)
        for source in ("accounts", "account_identifiers")
        for file in sorted((settings.restricted / source).glob("*.parquet"))
    )


def _rewrite_if_any(connection: duckdb.DuckDBPyConnection, file: Path, condition: str) -> int:
    count = connection.execute(
        "select count(*) from read_parquet(?, hive_partitioning = false) as delivered "
        f"where {condition}",
        [str(file)],
    ).fetchall()[0][0]
    if count:
        replace_with(_filtered(connection, file, condition), file)
    return count


def erase_quarantine(settings: Settings, connection: duckdb.DuckDBPyConnection) -> int:
    """Take out the rejected rows in which a value names an erased person. Returns how many.

    A rejected row is kept as it was delivered. Each of its values is normalised and hashed under
    every kind of identifier and compared. A row that names the person only in a form that the
    feed's mapping would have to put together is not recognised; it goes when quarantine expires.
    """
    connection.execute(
        "create or replace temp table erased_keys as "
        "select id_key from erased_spans union select account_key from erased_accounts"
    )
    hold_key(connection, pseudonym_key(settings))
    policies = {(t.normaliser, t.is_personal) for t in settings.feeds.all_identifier_types.values()}
    tests = []
    for normaliser, is_personal in sorted(policies):
        clear = normalised_sql("value", normaliser, settings.feeds.business.country)
        key = hmac_sql(clear) if is_personal else clear
        tests.append(f"{key} in (select id_key from erased_keys)")
    erased = 0
    for file in sorted(settings.quarantine.glob("*/*.parquet")):
        connection.execute(
            "create or replace temp table named as with texts as (select distinct raw_text from "
            "read_parquet($file, hive_partitioning = false) where raw_text is not null), "
            "words as (select raw_text, unnest(case when json_valid(raw_text) "
            "then json_extract_string(raw_text, '$.*') "
            """else regexp_split_to_array(raw_text, '[,;|"\\t]+') end) as word from texts), """
            "values as (select distinct raw_text, trim(word) as value from words where word <> '') "
            f"select distinct raw_text from values where {' or '.join(tests)}",
            {"file": str(file)},
        )
        condition = "delivered.raw_text in (select raw_text from named)"
        erased += _rewrite_if_any(connection, file, condition)
    connection.execute("drop table if exists named")
    return erased
