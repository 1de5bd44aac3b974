"""What the page inside Airflow tells: releases, readiness, refusals; reasons and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow.parquet as pq

from saydo.errors import ConfigError
from saydo.landing import Batch, read_ledger
from saydo.release import current_release_id, read_manifest, release_dir
from saydo.release.store import release_ids
from saydo.serve.page.files import has_page
from saydo.settings import Settings

# Of a release, beside its tables: what it is called, and where.
PAGES = {
    "report": "report/index.html",
    "data map": "report/data_map.html",
    "docs": "docs/index.html",
}
_MOST_REFUSALS = 20


@dataclass(frozen=True)
class Release:
    """A kept release. `problem` says why nothing else is known of it, and is mostly empty."""

    release_id: str
    is_current: bool
    problem: str = ""
    as_of: date | None = None
    published_at: datetime | None = None  # UTC
    content_hash: str = ""
    code_version: str = ""
    row_count: int = 0
    evaluated_count: int = 0
    warnings: tuple[str, ...] = ()
    pages: tuple[tuple[str, str], ...] = ()  # name and path of those that it has


@dataclass(frozen=True)
class Feature:
    """How ready a part of a source is: a grade from A to F, and why."""

    name: str
    grade: str
    why: str


@dataclass(frozen=True)
class Source:
    """How ready a canonical source is in the current release; its worst feature comes first."""

    name: str
    owner: str
    features: tuple[Feature, ...]
    loaded_count: int
    quarantined_count: int
    last_event_at: datetime | None


@dataclass(frozen=True)
class Refusal:
    """A file that was refused, or of which rows were: when, and the reasons with their rows."""

    landed_at: datetime
    feed: str
    file_name: str
    reason: str  # of the whole file; empty where only rows were refused
    row_counts: tuple[tuple[str, int], ...]
    is_replaced: bool


@dataclass(frozen=True)
class Overview:
    """All of the page."""

    releases: tuple[Release, ...]  # newest first
    sources: tuple[Source, ...]
    refusals: tuple[Refusal, ...]  # newest first

    @property
    def current(self) -> Release | None:
        """The release that readers see."""
        return next((release for release in self.releases if release.is_current), None)


def read_overview(settings: Settings) -> Overview:
    """What the page tells, as it is now. Nothing is locked: who publishes need not wait."""
    current = current_release_id(settings)
    return Overview(
        releases=tuple(
            found
            for release_id in reversed(release_ids(settings))
            if (found := _release(settings, release_id, current))
        ),
        sources=_sources(settings, current),
        refusals=_refusals(read_ledger(settings)),
    )


def _release(settings: Settings, release_id: str, current: str | None) -> Release | None:
    is_current = release_id == current
    try:
        manifest = read_manifest(settings, release_id)
        return Release(
            release_id=release_id,
            is_current=is_current,
            as_of=date.fromisoformat(manifest["as_of_date"]),
            published_at=datetime.fromisoformat(manifest["published_at"]),
            content_hash=manifest["content_hash"],
            code_version=manifest["code_version"],
            row_count=sum(manifest["row_counts"].values()),
            evaluated_count=manifest["gate"]["evaluated_count"],
            warnings=tuple(manifest["gate"]["warnings"]),
            pages=tuple(
                (name, path) for name, path in PAGES.items() if has_page(settings, release_id, path)
            ),
        )
    except (ConfigError, FileNotFoundError):
        return None  # removed by retention since it was listed
    except (ValueError, KeyError, TypeError) as error:
        return Release(release_id, is_current, f"its manifest.json cannot be read: {error!r}")


def _sources(settings: Settings, current: str | None) -> tuple[Source, ...]:
    """The sources of data_readiness, the least ready first."""
    if current is None:
        return ()
    file = release_dir(settings, current) / "data_readiness.parquet"
    if not file.is_file():
        return ()
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(file).to_pylist():
        if row.get("subject_type", "source") == "source":
            by_source.setdefault(row["source"], []).append(row)
    found = [_source(name, rows) for name, rows in by_source.items()]
    return tuple(sorted(found, key=lambda source: (-ord(source.features[0].grade), source.name)))


def _source(name: str, rows: Sequence[dict[str, Any]]) -> Source:
    worst_first = sorted(rows, key=lambda row: (-ord(row["grade"]), row["feature"]))
    first = worst_first[0]
    return Source(
        name=name,
        owner=first.get("owner") or "",
        features=tuple(Feature(row["feature"], row["grade"], row["why"]) for row in worst_first),
        # Of the source, and so the same in each row of it.
        loaded_count=first["loaded_count"] or 0,
        quarantined_count=first["quarantined_count"] or 0,
        last_event_at=max(
            (row["last_event_at"] for row in rows if row["last_event_at"]), default=None
        ),
    )


def _refusals(batches: Sequence[Batch]) -> tuple[Refusal, ...]:
    in_use = {(batch.feed, batch.file_name) for batch in batches if batch.is_in_use}
    refused = [
        batch
        for batch in batches
        if batch.status == "refused" or (batch.is_in_use and batch.quarantined_count)
    ]
    newest = sorted(refused, key=lambda batch: batch.landed_at, reverse=True)[:_MOST_REFUSALS]
    return tuple(
        Refusal(
            landed_at=datetime.fromisoformat(batch.landed_at),
            feed=batch.feed,
            file_name=batch.file_name,
            reason=_reason(batch),
            row_counts=tuple(sorted(batch.reason_counts.items(), key=lambda item: -item[1])),
            is_replaced=batch.status == "refused" and (batch.feed, batch.file_name) in in_use,
        )
        for batch in newest
    )


def _reason(batch: Batch) -> str:
    """Why the file was refused, without the examples: a log is the place for keys of rows."""
    lines = (batch.refused_reason or "").splitlines()
    told = [line.strip() for line in lines if not line.lstrip().startswith("for example:")]
    return "\n".join(told).strip()
