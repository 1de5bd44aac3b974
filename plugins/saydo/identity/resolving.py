"""Clear ids in, customer_ids out, and back: lists of any size, streamed through the engine."""

from __future__ import annotations

import getpass
import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from saydo.durable import replace_with, sync_path, temporary
from saydo.engine import open_database
from saydo.errors import ConfigError, SaydoError
from saydo.landing.pseudonyms import (
    clear_account_files,
    hold_key,
    identifier_key_sql,
    pseudonym_key,
)
from saydo.release import previous_table
from saydo.settings import Settings
from saydo.sql import literal, quoted

log = logging.getLogger(__name__)

REVEALED = "revealed.jsonl"  # in the restricted store: who asked for how many, never which
_CLEAR = "account_id"  # of what the restricted store keeps the clear text


@dataclass(frozen=True)
class Resolved:
    """How many ids were asked for, those of empty rows left out, and how many were found."""

    asked_count: int
    found_count: int


def resolve(
    settings: Settings, source: Path, target: Path, id_type: str, is_reveal: bool = False
) -> Resolved:
    """Write who each clear id of a list is now, by the current release; with `is_reveal`, back.

    An id that several customers hold has a row for each, one that nobody holds a row without.

    Args:
        settings: the home. Nothing in it is changed but the log of reveals.
        source: CSV with a header and a column `id_type`, or `customer_id` to reveal; or one column.
        target: CSV to write, readable by its owner alone: both columns.
        id_type: of the clear ids.
        is_reveal: customer_ids in, clear ids out; for whoever may read the restricted store. Who
            did, when and for how many is kept there.

    Raises:
        ConfigError: nothing is published, an unknown id_type, one without clear text, a file
            without the column, or no right to read the restricted store.
        SaydoError: the file cannot be read as CSV.
    """
    types = settings.feeds.all_identifier_types
    if id_type not in types:
        raise ConfigError(f"unknown id_type {id_type!r}; known: {', '.join(types)}")
    identifiers = previous_table(settings, "customer_identifiers")
    if identifiers is None:
        raise ConfigError("nothing is published yet: `saydo run` publishes")
    if is_reveal:
        _refuse_reveal(settings, id_type)
    owners = (
        "(select distinct id_key, customer_id from "
        f"read_parquet({literal(identifiers)}) "
        f"where id_type = {literal(id_type)} and valid_to_at is null)"
    )
    beside = temporary(target)
    os.close(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    try:
        with open_database(settings) as connection:
            read = _read(connection, source, "customer_id" if is_reveal else id_type)
            if is_reveal:
                clear = _clear_ids(settings)
                asked, answer = "customer_id", quoted(id_type)
                query = (
                    f"select asked.value as customer_id, clear.account_id as {answer} "
                    f"from {read} as asked left join {owners} as owners "
                    "on asked.value = owners.customer_id "
                    f"left join {clear} as clear on owners.id_key = clear.account_key"
                )
            else:
                hold_key(connection, pseudonym_key(settings))
                key = identifier_key_sql(
                    literal(id_type),
                    "asked.value",
                    {id_type: types[id_type]},
                    settings.feeds.business.country,
                )
                asked, answer = quoted(id_type), "customer_id"
                query = (
                    f"select asked.value as {asked}, owners.customer_id from {read} as asked "
                    f"left join {owners} as owners on owners.id_key = {key}"
                )
            # In place: a file of its own beside would be everybody's to read.
            connection.execute(
                f"copy ({query}) to {literal(beside)} (format csv, header, use_tmp_file false)"
            )
            counts = connection.execute(
                f"select count(distinct {asked}), "
                f"count(distinct case when {answer} is not null then {asked} end) "
                f"from read_csv({literal(beside)}, all_varchar = true, header = true, delim = ',')"
            ).fetchone()
        if is_reveal:
            _keep_reveal(settings, id_type, counts or (0, 0))
        replace_with(beside, target)
    except duckdb.Error as error:
        # Its text may hold a line of the file.
        raise SaydoError(
            f"cannot read {source.name} ({type(error).__name__}): it has to be CSV in UTF-8, with "
            "a header and commas"
        ) from None
    finally:
        beside.unlink(missing_ok=True)
    found = Resolved(*(counts or (0, 0)))
    log.info("%s of %s ids: %s found", found.asked_count, id_type, found.found_count)
    return found


def _read(connection: duckdb.DuckDBPyConnection, source: Path, column: str) -> str:
    """Relation of the ids in a file, as `value`."""
    if not source.is_file():
        raise ConfigError(f"there is no file {source}")
    read = f"read_csv({literal(source)}, all_varchar = true, header = true, delim = ',')"
    names = [row[0] for row in connection.execute(f"describe select * from {read}").fetchall()]
    if column not in names and len(names) > 1:
        raise ConfigError(f"{source.name} has no column {column!r} and more than one column")
    name = quoted(column if column in names else names[0])
    return f"(select {name} as value from {read} where {name} is not null)"


def _refuse_reveal(settings: Settings, id_type: str) -> None:
    if id_type != _CLEAR:
        raise ConfigError(f"only {_CLEAR} is kept in clear text, and can be told: {id_type} is not")
    store = settings.restricted / "accounts"
    if not store.is_dir() or not os.access(store, os.R_OK | os.X_OK):
        raise ConfigError(
            "clear ids are told to whoever may read the restricted store, and it is not there or "
            "not yours: ask its owner; `saydo feeds replay` of the feed of accounts fills it"
        )


def _clear_ids(settings: Settings) -> str:
    """Relation of account_key and account_id in the restricted store."""
    files = [literal(file) for file in clear_account_files(settings)]
    if not files:
        return "(select '' as account_key, '' as account_id where false)"
    return (
        f"(select distinct account_key, account_id from read_parquet([{', '.join(files)}], "
        "union_by_name = true, hive_partitioning = false) where account_id is not null)"
    )


def _keep_reveal(settings: Settings, id_type: str, counts: tuple[int, int]) -> None:
    told = {
        "revealed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "user": getpass.getuser(),
        "id_type": id_type,
        "asked_count": counts[0],
        "found_count": counts[1],
    }
    file = os.open(settings.restricted / REVEALED, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    with os.fdopen(file, "a", encoding="utf-8") as lines:
        lines.write(json.dumps(told) + "\n")
    sync_path(settings.restricted / REVEALED)
