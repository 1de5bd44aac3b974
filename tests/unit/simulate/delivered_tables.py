"""Reads simulated files as the canonical tables, through the mapping of config/feeds.yml."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from saydo.config import Feed, load_feeds
from saydo.contract import SOURCES, SQL_TYPES
from saydo.settings import PROJECT

FEEDS = load_feeds(PROJECT / "config" / "feeds.yml")
_MEASURES = {measure.name: SQL_TYPES["number"] for measure in FEEDS.all_measures}


def _reader(feed: Feed, landing: Path) -> str:
    path = str(landing / feed.path)
    if feed.format == "parquet":
        return f"read_parquet('{path}')"
    if feed.format == "json":
        return f"read_json('{path}', format = 'newline_delimited')"
    delimiter = feed.options.get("delim", ",")
    return f"read_csv('{path}', all_varchar = true, delim = '{delimiter}')"


def _expression(feed: Feed, column: str, expression: str) -> str:
    types = {c.name: SQL_TYPES[c.type] for c in SOURCES[feed.source].columns} | _MEASURES
    cast = f"cast(({expression}) as {types[column]})"
    if types[column] == "timestamp":
        cast += f" at time zone '{FEEDS.zone_of(feed)}' at time zone 'UTC'"
    return f'{cast} as "{column}"'


def key_of(source: str) -> str:
    """The primary key in canonical column names."""
    delivered = {"id_key": "id_value", "account_key": "account_id"}
    return ", ".join(delivered.get(column, column) for column in SOURCES[source].key)


def read_tables(landing: Path) -> duckdb.DuckDBPyConnection:
    """One table per source as mapped, every delivered line in it; `<source>_lines` unfiltered.

    And `people(account_id, person)` from the truth.
    """
    connection = duckdb.connect(config={"threads": 2})
    person_of = read_truth(landing)["person_of"]
    pairs = pa.table({"account_id": list(person_of), "person": list(person_of.values())})
    connection.register("pairs", pairs)
    connection.execute("create table people as select * from pairs")
    for feed in FEEDS.feeds:
        columns = ", ".join(_expression(feed, name, sql) for name, sql in feed.columns.items())
        reader, where = _reader(feed, landing), f" where {feed.where}" if feed.where else ""
        connection.execute(f"create table {feed.source} as select {columns} from {reader}{where}")
        connection.execute(f"create view {feed.source}_lines as select * from {reader}")
    return connection


def read_truth(landing: Path) -> dict[str, Any]:
    """truth.json, with the person of each account as `person_of`."""
    truth = json.loads((landing / "truth.json").read_text(encoding="utf-8"))
    truth["person_of"] = {
        account: person
        for person, accounts in truth["persons_accounts"].items()
        for account in accounts
    }
    return truth


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
