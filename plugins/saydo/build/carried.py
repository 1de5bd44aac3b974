"""What the current release hands to the next build: its registry, its logs, and what it said."""

from __future__ import annotations

import shutil
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from saydo.actions import OUTBOX, decisions_of
from saydo.actions.store import CREDITS, HAND_OVERS, KINDS, Kind, append, read
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
PUBLISHED_FIGURES = pa.schema(
    [
        ("table_name", pa.string()),
        ("column_name", pa.string()),
        ("segment_type", pa.string()),
        ("key", pa.string()),
        ("month_start_date", pa.date32()),
        ("value", pa.decimal128(38, 6)),
    ]
)
RESTATEMENTS = pa.schema(
    [
        ("table_name", pa.string()),
        ("key", pa.string()),
        ("column_name", pa.string()),
        ("old", pa.decimal128(38, 6)),
        ("new", pa.decimal128(38, 6)),
        ("changed_in_release", pa.string()),
        ("cause_codes", pa.string()),
        ("cause_batch_ids", pa.string()),
        ("cause_batch_count", pa.int64()),
        ("month_start_date", pa.date32()),
    ]
)
SEGMENT_MEMBERSHIPS = pa.schema(
    [
        ("held_customer", pa.string()),  # customer_id as the release had it
        ("segment_code", pa.string()),
        ("reason", pa.string()),
        ("entered_at", pa.timestamp("us")),
        ("left_at", pa.timestamp("us")),
    ]
)
PUBLISHED_DECISIONS = pa.schema(
    [
        ("decision_id", pa.string()),
        ("decision_type", pa.string()),
        ("code", pa.string()),
        ("owner", pa.string()),
        ("evidence", pa.string()),
        ("expected_effect", pa.string()),
        ("unit", pa.string()),
        ("verdict", pa.string()),
        ("version", pa.int64()),
        ("subject_count", pa.int64()),
        ("measured_effect", pa.decimal128(18, 6)),
        ("ci_low", pa.decimal128(18, 6)),
        ("ci_high", pa.decimal128(18, 6)),
        ("decided_at", pa.timestamp("us")),
    ]
)
INPUT_CHANGES = pa.schema([("change_type", pa.string())])
RELEASE_CHANGES = pa.schema([("change_type", pa.string()), ("batch_id", pa.string())])
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
    _copy(settings, "published_figures", "published_figures", PUBLISHED_FIGURES)
    _copy(settings, "restatement_log", "restatement_log", RESTATEMENTS)
    memberships = ["customer_id", *SEGMENT_MEMBERSHIPS.names[1:]]
    _select(
        settings, "segment_memberships", "segment_memberships", SEGMENT_MEMBERSHIPS, memberships
    )
    _select(settings, "decision_log", "published_decisions", PUBLISHED_DECISIONS)
    _restore_decisions(settings)
    for kind in KINDS:
        replace_table(settings.state / f"{kind.name}.parquet", read(settings, kind))
    changes = release_changes(settings, ledger)
    for name, rows, schema in (
        ("release_changes", changes, RELEASE_CHANGES),
        ("input_changes", input_changes(changes, ledger), INPUT_CHANGES),
    ):
        replace_table(settings.state / f"{name}.parquet", pa.Table.from_pylist(rows, schema))
    return has_registry


def release_changes(settings: Settings, ledger: list[Batch]) -> list[dict[str, Any]]:
    """Rows of RELEASE_CHANGES: what of the inputs is not as the current release had it.

    A batch was delivered, landed_again (in the place of one that was there) or withdrawn, which is
    said of expired ones too. The configuration and the code change without a batch.
    """
    release_id = current_release_id(settings)
    if release_id is None:
        return []
    manifest = read_manifest(settings, release_id)
    before = set(manifest.get("batch_ids", ()))
    now = {batch.batch_id for batch in current_batches(ledger)}
    places = {(batch.feed, batch.sequence) for batch in ledger if batch.batch_id in before}
    changes = []
    for batch in ledger:
        if batch.batch_id in now - before:
            is_again = (batch.feed, batch.sequence) in places
            changes.append(("landed_again" if is_again else "delivered", batch.batch_id))
        elif batch.batch_id in before - now and batch.status != "replaced":
            changes.append(("withdrawn", batch.batch_id))
    if manifest.get("configuration") != configuration_hashes(settings):
        changes.append(("configuration", None))
    if manifest["code_version"] != code_version():
        changes.append(("code", None))
    return [{"change_type": kind, "batch_id": batch_id} for kind, batch_id in changes]


def input_changes(changes: list[dict[str, Any]], ledger: list[Batch]) -> list[dict[str, Any]]:
    """Rows of INPUT_CHANGES: those kinds of RELEASE_CHANGES that may have moved customers."""
    deciding = {batch.batch_id for batch in ledger if batch.source in _DECIDING} | {None}
    kinds = dict.fromkeys(row["change_type"] for row in changes if row["batch_id"] in deciding)
    return [{"change_type": kind} for kind in kinds]


def _restore_decisions(settings: Settings) -> None:
    """Add the decisions that the current release tells and state/ has not: a home brought back.

    State keeps decisions for good, whichever release is current.
    """
    source = previous_table(settings, "service_recovery_queue")
    identifiers = previous_table(settings, "customer_identifiers")
    if source is None or identifiers is None:
        return
    told = decisions_of(settings, source, identifiers)
    known = set(read(settings, CREDITS).column("decision_id").to_pylist())
    missing = [row for row in told if row["decision_id"] not in known]
    if not missing:
        return
    name = f"restored-{current_release_id(settings)}"
    handed = [
        row | {"hand_over_id": name, "destination": OUTBOX}
        for row in missing
        if row["handed_over_at"]
    ]
    # What was handed over first: without it, the decisions would be handed over again.
    append(settings, HAND_OVERS, name, _of_kind(handed, HAND_OVERS))
    append(settings, CREDITS, name, _of_kind(missing, CREDITS))


def _of_kind(rows: list[dict[str, Any]], kind: Kind) -> list[dict[str, Any]]:
    return [{name: row.get(name) for name in kind.schema.names} for row in rows]


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


def _select(
    settings: Settings, table: str, name: str, schema: pa.Schema, columns: list[str] | None = None
) -> None:
    """Columns of a published table, under the names of the schema where `columns` are others."""
    source = previous_table(settings, table)
    rows = schema.empty_table()
    if source is not None:
        columns = columns or schema.names
        rows = pq.read_table(source, columns=columns).select(columns).rename_columns(schema.names)
    replace_table(settings.state / f"{name}.parquet", rows)
