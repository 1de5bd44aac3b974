"""The gate's verdict on the candidate, without which nothing is published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from saydo.errors import ReleaseRefused
from saydo.settings import Settings


@dataclass(frozen=True)
class Audit:
    """A successful gate: its counts and warnings, as they go into the manifest."""

    summary: dict[str, Any]


def read_audit(settings: Settings) -> Audit:
    """The summary that `gate_marts` wrote, checked against the candidate as it is now.

    Raises:
        ReleaseRefused: no summary, a failed one, one that checked nothing, or one of an earlier
            candidate.
    """
    file = settings.state / "gate" / "marts" / "summary.json"
    again = "run `gate_marts`, then publish again"
    if not settings.warehouse.is_file():
        raise ReleaseRefused(f"there is no {settings.warehouse.name}: run the build first")
    if not file.is_file():
        raise ReleaseRefused(f"the candidate has not been audited: {again}")
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseRefused(f"gate/marts/summary.json is not readable: {again}") from error
    if summary.get("success") is not True:
        raise ReleaseRefused(
            "the gate refused this candidate: correct what gate_marts reported, then run it again"
        )
    if not summary.get("evaluated_count"):
        raise ReleaseRefused(f"the gate evaluated no expectation, so nothing was checked: {again}")
    audited = summary.get("candidate_mtime_ns")
    if audited is not None and settings.warehouse.stat().st_mtime_ns > audited:
        raise ReleaseRefused(f"the candidate was written to after it was audited: {again}")
    return Audit(
        {
            "success": True,
            "evaluated_count": int(summary["evaluated_count"]),
            "warning_count": int(summary.get("warning_count", len(summary.get("warnings", [])))),
            "warnings": summary.get("warnings", []),
        }
    )
