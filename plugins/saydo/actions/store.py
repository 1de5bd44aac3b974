"""Decisions as state: files of rows below state/decisions/, added to and never changed.

Each file is put in place at once and has a name of its own: the release it was decided on, or the
hand-over that it records. So a second run writes a file that is there already, which changes
nothing. Only erasure takes rows out, and a restored home gets back those that its release tells.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saydo.durable import replace_table
from saydo.settings import Settings


@dataclass(frozen=True)
class Kind:
    """One kind of rows: its folder below state/decisions/, and its columns."""

    name: str
    schema: pa.Schema


CREDITS = Kind(
    "credit_decisions",
    pa.schema(
        [
            ("decision_id", pa.string()),
            ("policy_code", pa.string()),
            ("policy_version", pa.int64()),
            ("policy_hash", pa.string()),  # tells that a policy changed and kept its version
            (
                "decided_for",
                pa.string(),
            ),  # the customer then; whose the account is now, is looked up
            ("account_key", pa.string()),
            ("incident_id", pa.string()),
            ("incident_date", pa.date32()),
            ("decision", pa.string()),
            ("reason", pa.string()),
            ("fault_minutes", pa.decimal128(18, 6)),
            ("is_measured", pa.bool_()),
            ("credit_amount", pa.decimal128(18, 2)),
            ("currency_code", pa.string()),
            ("satisfaction_band", pa.string()),  # as of the release
            ("decided_at", pa.timestamp("us")),  # naive UTC
            ("release_id", pa.string()),
        ]
    ),
)
HAND_OVERS = Kind(
    "hand_overs",
    pa.schema(
        [
            ("hand_over_id", pa.string()),
            ("decision_id", pa.string()),
            ("destination", pa.string()),
            ("handed_over_at", pa.timestamp("us")),  # naive UTC
        ]
    ),
)
AUDIENCES = Kind(
    "audience_decisions",
    pa.schema(
        [
            ("decision_id", pa.string()),
            ("segment_code", pa.string()),
            ("segment_version", pa.int64()),
            ("decided_for", pa.string()),  # the customer then, as of credits
            ("account_key", pa.string()),
            ("decision", pa.string()),  # add, remove, no_consent
            ("reason", pa.string()),
            ("decided_at", pa.timestamp("us")),  # naive UTC
            ("release_id", pa.string()),
        ]
    ),
)
KINDS = (CREDITS, AUDIENCES, HAND_OVERS)


def files(settings: Settings, kind: Kind) -> list[Path]:
    """The files of a kind, by name."""
    return sorted(_folder(settings, kind).glob("[!.]*.parquet"))


def has(settings: Settings, kind: Kind, name: str) -> bool:
    """Whether a file of that name was written."""
    return (_folder(settings, kind) / f"{name}.parquet").is_file()


def append(settings: Settings, kind: Kind, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as one more file, at once; one that is there already is left as it is.

    No rows are a file, too: it says that there was nothing to decide.
    """
    if not has(settings, kind, name):
        table = pa.Table.from_pylist(list(rows), kind.schema)
        replace_table(_folder(settings, kind) / f"{name}.parquet", table)


def read(settings: Settings, kind: Kind) -> pa.Table:
    """All rows of a kind, file by file."""
    tables = [pq.read_table(file, schema=kind.schema) for file in files(settings, kind)]
    return pa.concat_tables(tables) if tables else kind.schema.empty_table()


def remove(settings: Settings, is_gone: Callable[[Kind, pa.Table], pa.Array]) -> int:
    """Rewrite the files that have rows for which `is_gone` is true, without these.

    Returns:
        how many rows went.
    """
    count = 0
    for kind in KINDS:
        for file in files(settings, kind):
            table = pq.read_table(file, schema=kind.schema)
            gone = pc.fill_null(is_gone(kind, table), False)
            if found := pc.sum(gone).as_py():
                replace_table(file, table.filter(pc.invert(gone)))
                count += found
    return count


def decided_hash(settings: Settings) -> str:
    """Names what was decided and handed over; empty if nothing was."""
    counted = [
        (kind.name, file.stem, pq.read_metadata(file).num_rows)
        for kind in KINDS
        for file in files(settings, kind)
    ]
    told = [entry for entry in counted if entry[-1]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16] if told else ""


def _folder(settings: Settings, kind: Kind) -> Path:
    return settings.state / "decisions" / kind.name
