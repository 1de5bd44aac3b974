"""Erased customers in decisions and in what was handed over."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from saydo.actions.handing_over import handed_rows, outbox, write_outbox
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


def _are_of(
    table: pa.Table, customer_ids: Collection[str], account_keys: Collection[str]
) -> pa.Array:
    def among(column: str, values: Collection[str]) -> pa.Array:
        return pc.is_in(table.column(column), pa.array(sorted(values), pa.string()))

    return pc.or_(among("decided_for", customer_ids), among("account_key", account_keys))


def _recall(settings: Settings, decision_ids: set[str]) -> None:
    for file in sorted(outbox(settings).glob("[!.]*.json")):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        rows = handed_rows(settings, manifest)
        # A file of everybody has rows that were decided, and handed over, before.
        told = {*manifest["decision_ids"], *(row["decision_id"] for row in rows)}
        found = decision_ids & told
        if not found:
            continue
        recalled = sorted({*manifest["recalled_decision_ids"], *found})
        kept = [row for row in rows if row["decision_id"] not in decision_ids]
        left = [one for one in manifest["decision_ids"] if one not in decision_ids]
        write_outbox(
            settings,
            manifest | {"recalled_decision_ids": recalled, "decision_ids": left},
            kept,
        )
        log.warning(
            "%s: %s decision(s) of erased persons are to be recalled from whoever has the file; "
            "its manifest lists them",
            manifest["file"],
            len(found),
        )
