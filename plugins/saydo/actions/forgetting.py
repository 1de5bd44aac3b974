"""Erased customers in decisions and in what was handed over, and what was handed over long ago."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from saydo.actions.handing_over import (
    EXPIRED,
    OUTBOX,
    destinations,
    handed_rows,
    is_delivered,
    manifests,
    outbox,
    write_manifest,
    write_outbox,
)
from saydo.actions.store import AUDIENCES, CREDITS, HAND_OVERS, Kind, read, remove
from saydo.settings import Settings

log = logging.getLogger(__name__)


def forget_customers(
    settings: Settings, customer_ids: Collection[str], account_keys: Collection[str]
) -> int:
    """Take the decisions about customers and accounts out of state and outbox.

    Whoever was given a file that had them is to be told: its manifest lists their decisions under
    `recalled_decision_ids`. The outbox goes first, since it is by decisions that its rows are
    found: a retry after a kill finds them still.

    Returns:
        how many decisions went.
    """
    ids = set()
    for kind in (CREDITS, AUDIENCES):
        decided = read(settings, kind)
        gone = decided.filter(_are_of(decided, customer_ids, account_keys))
        ids.update(gone.column("decision_id").to_pylist())
    if not ids:
        return 0
    _recall(settings, ids)

    def is_gone(kind: Kind, table: pa.Table) -> pa.Array:
        if kind is HAND_OVERS:
            return pc.is_in(table.column("decision_id"), pa.array(sorted(ids)))
        return _are_of(table, customer_ids, account_keys)

    remove(settings, is_gone)
    return len(ids)


def expire_hand_overs(settings: Settings, before: datetime, now: datetime) -> int:
    """Remove the files, with their clear ids, of what was handed over before an instant.

    Their manifests stay: an erased person is still to be recalled from whoever has the file. What a
    destination has not taken yet stays too, and is told.

    Args:
        settings: the home.
        before: naive UTC.
        now: naive UTC.

    Returns:
        how many hand-overs.
    """
    count = 0
    for manifest in manifests(settings):
        if EXPIRED not in manifest:
            is_old = datetime.fromisoformat(manifest["made_at"]) < before
            if not is_old or not is_delivered(settings, manifest, OUTBOX):
                continue
            if waiting := _waiting(settings, manifest):
                log.warning(
                    "%s is kept beyond retention.keep_outbox_days: %s has not taken it; correct "
                    "the connection, or take the destination out of policy.yml or segments.yml",
                    manifest["file"],
                    ", ".join(waiting),
                )
                continue
            told = sorted(_told(manifest, handed_rows(settings, manifest)))
            at = now.isoformat(timespec="seconds")
            write_manifest(settings, manifest | {"decision_ids": told, EXPIRED: at})
            count += 1
        (outbox(settings) / manifest["file"]).unlink(missing_ok=True)
    return count


def _waiting(settings: Settings, manifest: dict[str, Any]) -> list[str]:
    """Destinations that have not taken a hand-over that is for them."""
    return [
        one.connection_id
        for code, one in destinations(settings)
        if code == manifest["policy_code"]
        and not is_delivered(settings, manifest, one.connection_id)
    ]


def _told(manifest: dict[str, Any], rows: list[dict[str, str]]) -> set[str]:
    """Decisions that a file tells: one of everybody has rows that were handed over before."""
    return {*manifest["decision_ids"], *(row["decision_id"] for row in rows)}


def _are_of(
    table: pa.Table, customer_ids: Collection[str], account_keys: Collection[str]
) -> pa.Array:
    def among(column: str, values: Collection[str]) -> pa.Array:
        return pc.is_in(table.column(column), pa.array(sorted(values), pa.string()))

    return pc.or_(among("decided_for", customer_ids), among("account_key", account_keys))


def _recall(settings: Settings, decision_ids: set[str]) -> None:
    for manifest in manifests(settings):
        rows = [] if EXPIRED in manifest else handed_rows(settings, manifest)
        found = decision_ids & _told(manifest, rows)
        if not found:
            continue
        recalled = sorted({*manifest["recalled_decision_ids"], *found})
        kept = [row for row in rows if row["decision_id"] not in decision_ids]
        left = [one for one in manifest["decision_ids"] if one not in decision_ids]
        changed = manifest | {"recalled_decision_ids": recalled, "decision_ids": left}
        if EXPIRED in manifest:
            write_manifest(settings, changed)
        else:
            write_outbox(settings, changed, kept)
        log.warning(
            "%s: %s decision(s) of erased persons are to be recalled from whoever has the file; "
            "its manifest lists them",
            manifest["file"],
            len(found),
        )
