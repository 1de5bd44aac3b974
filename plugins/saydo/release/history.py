"""Which releases there have been, for the `release_history` mart, and what they carry on."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from saydo.durable import replace_json
from saydo.release.store import (
    MANIFEST,
    current_link,
    current_release_id,
    read_manifest,
    release_dir,
    release_ids,
)
from saydo.settings import Settings

HISTORY_SCHEMA = pa.schema(
    [
        ("release_id", pa.string()),
        ("as_of_date", pa.date32()),
        ("published_at", pa.timestamp("us")),
        ("is_current", pa.bool_()),
        ("code_version", pa.string()),
        ("content_hash", pa.string()),
        ("evaluated_count", pa.int64()),
        ("warning_count", pa.int64()),
    ]
)


def history_row(manifest: dict[str, Any], is_current: bool) -> dict[str, Any]:
    """The release_history row of a manifest."""
    return {
        "release_id": manifest["release_id"],
        "as_of_date": date.fromisoformat(manifest["as_of_date"]),
        "published_at": datetime.fromisoformat(manifest["published_at"]).replace(tzinfo=None),
        "is_current": is_current,
        "code_version": manifest["code_version"],
        "content_hash": manifest["content_hash"],
        "evaluated_count": manifest["gate"]["evaluated_count"],
        "warning_count": manifest["gate"]["warning_count"],
    }


def history_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of `history_row` as a table of HISTORY_SCHEMA, oldest first."""
    ordered = sorted(rows, key=lambda row: row["release_id"])
    return pa.Table.from_pylist(ordered, schema=HISTORY_SCHEMA)


def releases_table(settings: Settings) -> pa.Table:
    """One row per release ever published here, removed ones included (HISTORY_SCHEMA).

    `published_at` is naive UTC. `saydo.build.prepare` writes this to state/releases.parquet.
    """
    return history_table(list(_rows(settings, current_release_id(settings)).values()))


def history_with(settings: Settings, manifest: dict[str, Any], becomes_current: bool) -> pa.Table:
    """The history as the release of `manifest` will see it: itself included."""
    current = manifest["release_id"] if becomes_current else current_release_id(settings)
    rows = _rows(settings, current)
    rows[manifest["release_id"]] = history_row(manifest, becomes_current)
    return history_table(list(rows.values()))


def _rows(settings: Settings, current: str | None) -> dict[str, dict[str, Any]]:
    manifests = [json.loads(file.read_text()) for file in manifest_files(settings).values()]
    return {m["release_id"]: history_row(m, m["release_id"] == current) for m in manifests}


def manifest_files(settings: Settings) -> dict[str, Path]:
    """Release id to manifest of every release ever published here, removed ones included."""
    retired = {file.stem: file for file in sorted(retired_dir(settings).glob("[!.]*.json"))}
    return retired | {
        release_id: release_dir(settings, release_id) / MANIFEST
        for release_id in release_ids(settings)
    }


def keep_history(settings: Settings, release_id: str) -> None:
    """Remember the manifest of a release whose files are about to be removed."""
    replace_json(retired_dir(settings) / f"{release_id}.json", read_manifest(settings, release_id))


def retired_dir(settings: Settings) -> Path:
    """Where the manifests of removed releases are."""
    return settings.published / "retired"


def previous_registry(settings: Settings) -> Path | None:
    """registry.parquet of the current release: the customer ids already given out."""
    return previous_table(settings, "registry")


def previous_table(settings: Settings, name: str) -> Path | None:
    """The Parquet file of a table of the current release, or None if it has no such table."""
    file = current_link(settings) / f"{name}.parquet"
    return file.resolve() if file.is_file() else None
