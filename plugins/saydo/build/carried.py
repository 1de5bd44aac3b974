"""What the current release hands to the next build: its registry, its log, and what it said."""

from __future__ import annotations

import shutil
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from saydo.durable import replace_table, replace_with, temporary
from saydo.landing import Batch, current_batches
from saydo.release import (
    code_version,
    configuration_hashes,
    current_release_id,
    previous_table,
    read_manifest,
)
from saydo.settings import Settings

REGISTRY = pa.schema(
    [
        ("account_key", pa.string()),
        ("customer_id", pa.string()),
        ("assigned_at", pa.timestamp("us")),
        ("released_at", pa.timestamp("us")),  # null: still holds
    ]
)
IDENTITY_CHANGES = pa.schema(
    [
        ("change_type", pa.string()),
        ("from_customer_id", pa.string()),
        ("to_customer_id", pa.string()),
        ("reason", pa.string()),
        ("release_id", pa.string()),
        ("account_count", pa.int64()),
        ("changed_at", pa.timestamp("us")),
    ]
)
PUBLISHED_CUSTOMERS = pa.schema([("customer_id", pa.string())])
PUBLISHED_READINESS = pa.schema(
    [("source", pa.string()), ("feature", pa.string()), ("match_ratio", pa.decimal128(9, 4))]
)
INPUT_CHANGES = pa.schema([("change_type", pa.string())])
_DECIDING = ("accounts", "account_identifiers", "erasure_requests")  # sources that decide identity


def carry_over(settings: Settings, ledger: list[Batch]) -> bool:
    """Write what the current release leaves to the next into state/, each file replaced at once.

    Without a release the files are empty.

    Returns:
        whether there is a release with a registry.
    """
    has_registry = _copy(settings, "registry", "registry", REGISTRY)
    _copy(settings, "identity_changes", "identity_changes", IDENTITY_CHANGES)
    _select(settings, "customer_profiles", "published_customers", PUBLISHED_CUSTOMERS)
    _select(settings, "data_readiness", "published_readiness", PUBLISHED_READINESS)
    changes = pa.Table.from_pylist(input_changes(settings, ledger), INPUT_CHANGES)
    replace_table(settings.state / "input_changes.parquet", changes)
    return has_registry


def input_changes(settings: Settings, ledger: list[Batch]) -> list[dict[str, Any]]:
    """Rows of INPUT_CHANGES: what may have changed who is who since the current release."""
    release_id = current_release_id(settings)
    if release_id is None:
        return []
    manifest = read_manifest(settings, release_id)
    before = set(manifest.get("batch_ids", ()))
    deciding = {batch.batch_id: batch for batch in ledger if batch.source in _DECIDING}
    now = {batch.batch_id for batch in current_batches(deciding.values())}
    places = {(b.feed, b.sequence) for b in deciding.values() if b.batch_id in before}
    new = [deciding[batch_id] for batch_id in now - before]
    again = sum((batch.feed, batch.sequence) in places for batch in new)
    gone = [deciding[batch_id] for batch_id in before & deciding.keys() - now]
    withdrawn = sum(batch.status != "replaced" for batch in gone)
    has_changed = {
        "delivered": len(new) > again,
        "withdrawn": withdrawn > 0,
        "landed_again": again > 0,
        "configuration": manifest.get("configuration") != configuration_hashes(settings),
        "code": manifest["code_version"] != code_version(),
    }
    return [{"change_type": kind} for kind, is_so in has_changed.items() if is_so]


def _copy(settings: Settings, table: str, name: str, schema: pa.Schema) -> bool:
    source, target = previous_table(settings, table), settings.state / f"{name}.parquet"
    if source is None:
        replace_table(target, schema.empty_table())
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = temporary(target)
    shutil.copyfile(source, beside)
    replace_with(beside, target)
    return True


def _select(settings: Settings, table: str, name: str, schema: pa.Schema) -> None:
    source = previous_table(settings, table)
    rows = schema.empty_table() if source is None else pq.read_table(source, columns=schema.names)
    replace_table(settings.state / f"{name}.parquet", rows)
