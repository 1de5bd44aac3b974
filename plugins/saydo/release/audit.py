"""The gate's verdict on the candidate, without which nothing is published."""

from __future__ import annotations

import json
from typing import Any

from saydo.errors import ReleaseRefused
from saydo.settings import Settings


def read_audit(settings: Settings) -> dict[str, Any]:
    """The summary that `gate_marts` wrote, checked against the candidate as it is now.

    Returns:
        checked_at, evaluated_count, warning_count and warnings (text), for the manifest.

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
    if settings.warehouse.stat().st_mtime_ns > file.stat().st_mtime_ns:
        raise ReleaseRefused(f"the candidate was written to after it was audited: {again}")
    return {
        "checked_at": summary["checked_at"],
        "evaluated_count": summary["evaluated_count"],
        "warning_count": summary["failed"]["warning"],
        "warnings": summary["warnings"],
    }
