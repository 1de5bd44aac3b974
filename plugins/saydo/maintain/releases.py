"""Taking erased persons out of every kept release."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from saydo.actions import forget_customers
from saydo.durable import replace_json, replace_text, replace_with, temporary
from saydo.maintain.scope import Scope, registry_sql
from saydo.release import read_manifest, release_dir
from saydo.release.content import table_columns, table_names
from saydo.release.database import (
    DATABASE,
    attach,
    checkpointed,
    comment,
    content_hash,
    copy_parquet,
    survey,
)
from saydo.release.descriptions import described
from saydo.release.store import MANIFEST
from saydo.report import write_report
from saydo.settings import Settings
from saydo.sql import quoted

log = logging.getLogger(__name__)

_CUSTOMER = ("customer_id", "from_customer_id", "to_customer_id")
_SHORTEST_TEXT_KEY = 16  # shorter clear ids are common words: replacing them would ruin a file


def erase_release(
    settings: Settings, connection: duckdb.DuckDBPyConnection, release_id: str, scope: Scope
) -> int:
    """Rewrite a release without its customers that an erased account belongs to.

    Whole customers go: what a profile says cannot be parted by account. Each file is replaced in
    one step, those that name the customers last, so that a retry after a kill finds them again.
    A process that has the old file open sees it until it connects again.

    Returns:
        the number of customers erased; 0 if the release knows none of them.
    """
    folder = release_dir(settings, release_id)
    attach(connection, folder / DATABASE, "old")
    try:
        customers = _customers(connection, folder)
        if not customers:
            return 0
        # First: it is this release that says who they are.
        forget_customers(settings, customers, scope.account_keys)
        rebuilt = temporary(folder / DATABASE)
        parquets, manifest = _rebuild(
            connection, folder, rebuilt, read_manifest(settings, release_id)
        )
    finally:
        connection.execute("detach old")
    for beside, file in parquets:
        replace_with(beside, file)
    words = _forgotten_words(scope, customers)
    for results in (folder / "gate", settings.state / "gate"):
        _forget_in_files(results, words)
    note = {"erased_at": datetime.now(UTC).isoformat(), "customer_count": len(customers)}
    # Its notices may give keys as examples.
    manifest = json.loads(_forget(json.dumps(manifest), words))
    registry = folder / "registry.parquet"
    shrunk = _shrunk_registry(connection, registry) if registry.is_file() else None
    if shrunk:
        manifest["registry_row_count"] = shrunk[1]
    replace_json(folder / MANIFEST, manifest | {"erasures": [*manifest["erasures"], note]})
    replace_with(rebuilt, folder / DATABASE)
    write_report(settings, release_id)
    if shrunk:
        replace_with(shrunk[0], registry)
    log.info("erased %s customer(s) from release %s", len(customers), release_id)
    return len(customers)


def _customers(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Customers of the attached release `old` to erase, also as temp table erased_customers."""
    registry = folder / "registry.parquet"
    parts, bound = ["select null as customer_id where false"], []
    if registry.is_file():
        parts.append(
            f"select customer_id from ({registry_sql(connection, registry)}) "
            "semi join erased_accounts using (account_key)"
        )
        # And the ids that only they ever had, merged away since: the log of changes names them.
        parts.append(
            "select customer_id from read_parquet(?) left join erased_accounts as erased "
            "using (account_key) group by customer_id having count(*) = count(erased.account_key)"
        )
        bound += [str(registry), str(registry)]
    if "customer_identifiers" in table_names(connection, "old", "main"):
        # By account, and by identifiers that no account ever held.
        parts.append(
            "select customer_id from old.main.customer_identifiers as owned where exists (select 1 "
            "from erased_spans where erased_spans.id_type = owned.id_type and erased_spans.id_key "
            "= owned.id_key and (erased_spans.account_key is null or (owned.id_type = 'account_id' "
            "and owned.id_key = erased_spans.account_key)))"
        )
    connection.execute(
        f"create or replace temp table erased_customers as {' union '.join(parts)}", bound
    )
    connection.execute("delete from erased_customers where customer_id = 'unknown'")
    rows = connection.execute(
        "select customer_id from erased_customers where customer_id is not null order by 1"
    ).fetchall()
    return [customer for (customer,) in rows]


def _rebuild(
    connection: duckdb.DuckDBPyConnection, folder: Path, file: Path, manifest: dict[str, Any]
) -> tuple[list[tuple[Path, Path]], dict[str, Any]]:
    """The release's tables without the erased, in a new database file and in Parquet beside.

    Copied rather than deleted from: a deleted row stays in the file's free blocks.
    """
    parquets = []
    told = described(connection, "old", "main")
    with checkpointed(connection, file):
        for name in table_names(connection, "old", "main"):
            columns = table_columns(connection, "old", "main", name)
            target = quoted("released", name)
            connection.execute(
                f"create table {target} as select * from {quoted('old', 'main', name)} as kept "
                f"where {_is_kept(columns)} order by all"
            )
            comment(connection, target, told[name])
            beside = temporary(folder / f"{name}.parquet")
            copy_parquet(connection, target, told[name], beside)
            parquets.append((beside, folder / f"{name}.parquet"))
        tables = survey(connection, "released", "main")
    changed = {
        "content_hash": content_hash(tables),
        "row_counts": {name: table.row_count for name, table in tables.items()},
        "tables": {
            name: manifest["tables"][name] | {"content_hash": table.content_hash}
            for name, table in tables.items()
        },
    }
    return parquets, manifest | changed


def _is_kept(columns: Iterable[str]) -> str:
    """SQL over `kept`: the row names no erased customer and no erased account."""
    tests = [
        f"(kept.{name} is null or kept.{name} not in (select customer_id from erased_customers))"
        for name in _CUSTOMER
        if name in columns
    ]
    if "account_key" in columns:
        tests.append("kept.account_key not in (select account_key from erased_accounts)")
    return " and ".join(tests) or "true"


def _shrunk_registry(connection: duckdb.DuckDBPyConnection, file: Path) -> tuple[Path, int]:
    beside = temporary(file)
    connection.execute(
        "copy (select * from read_parquet($file) anti join erased_accounts using (account_key) "
        "order by all) to $beside (format parquet, compression zstd)",
        {"file": str(file), "beside": str(beside)},
    )
    count = connection.execute("select count(*) from read_parquet(?)", [str(beside)]).fetchall()
    return beside, count[0][0]


def _forgotten_words(scope: Scope, customers: Iterable[str]) -> list[str]:
    """Ids that may stand as samples in texts: customers, account and identifier keys."""
    words = {*customers, *scope.account_keys, *scope.id_keys}
    return sorted(word for word in words if len(word) >= _SHORTEST_TEXT_KEY)


def _forget_in_files(folder: Path, words: list[str]) -> None:
    """Replace each of `words` in the JSON and HTML below a folder."""
    for file in sorted(folder.rglob("*")):
        if file.suffix not in (".json", ".html"):
            continue
        text = file.read_text(encoding="utf-8")
        without = _forget(text, words)
        if without != text:
            replace_text(file, without)


def _forget(text: str, words: list[str]) -> str:
    if not words:
        return text
    return re.sub("|".join(re.escape(word) for word in words), "[erased]", text)
