"""Keep what a gate found: JSON and Data Docs of every suite, one summary, and the words to show."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from saydo.durable import replace_folder, temporary
from saydo.gate.engine import Finding, Outcome
from saydo.pages import render

INDEX = Path(__file__).with_name("index.html")


def finding_text(suite: str, finding: Finding) -> str:
    """A failed critical expectation as lines for an error message."""
    lines = [
        f"  suite {suite}: {finding.expectation}",
        f"    observed: {finding.observed}",
        f"    meaning:  {finding.note}",
    ]
    lines += [f"    for example: {sample}" for sample in finding.samples]
    return "\n".join(lines)


def warning_text(finding: Finding) -> str:
    """A failed warning as a sentence and, on a line of its own, what it means and who acts."""
    example = f" (for example {finding.samples[0]})" if finding.samples else ""
    return f"{finding.expectation}: observed {finding.observed}{example}\n{finding.note}"


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Counts, failures by severity and the texts of the warnings over all suites."""
    warning_count = sum(len(outcome.warnings) for outcome in outcomes)
    return {
        "evaluated_count": sum(outcome.evaluated_count for outcome in outcomes),
        "warning_count": warning_count,
        "failed": {
            "critical": sum(len(outcome.critical) for outcome in outcomes),
            "warning": warning_count,
        },
        "warnings": [
            f"{outcome.suite}: {warning_text(part)}"
            for outcome in outcomes
            for finding in outcome.warnings
            for part in finding.told
        ],
        "suites": [
            {
                "suite": outcome.suite,
                "row_count": outcome.row_count,
                "evaluated_count": outcome.evaluated_count,
                "failed": {
                    "critical": len(outcome.critical),
                    "warning": len(outcome.warnings),
                },
            }
            for outcome in outcomes
        ],
    }


def store(folder: Path, outcomes: Sequence[Outcome], success: bool, **facts: Any) -> dict[str, Any]:
    """Write `<suite>.json`, `docs/<suite>.html`, `docs/index.html` and `summary.json` to `folder`.

    The folder is made complete beside and swapped in: it always holds one whole check.

    Args:
        folder: replaced whole.
        outcomes: one per suite.
        success: the gate's verdict.
        facts: what else the summary says.

    Returns:
        the summary.
    """
    checked_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    summary = {"success": success, "checked_at": checked_at, **facts, **summarise(outcomes)}
    for left_by_a_crash in folder.parent.glob(f".tmp-{folder.name}-*"):
        shutil.rmtree(left_by_a_crash)
    beside = temporary(folder)
    (beside / "docs").mkdir(parents=True)
    for outcome in outcomes:
        content = outcome.result.to_json_dict() | {"findings": _findings(outcome)}
        _write_json(beside / f"{outcome.suite}.json", content)
        (beside / "docs" / f"{outcome.suite}.html").write_text(_page(outcome), encoding="utf-8")
    (beside / "docs" / "index.html").write_text(render(INDEX, summary=summary), encoding="utf-8")
    _write_json(beside / "summary.json", summary)
    replace_folder(beside, folder)
    return summary


def _findings(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {
            "expectation": finding.expectation,
            "severity": finding.severity,
            "note": finding.note,
            "observed": finding.observed,
            "samples": list(finding.samples),
        }
        for finding in outcome.findings
    ]


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1, default=str) + "\n", encoding="utf-8")


def _page(outcome: Outcome) -> str:
    """GX's own Data Docs page of a result, rendered directly: building a whole site costs more."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    outcome.result.meta.setdefault("run_id", None)
    return _view().render(ValidationResultsPageRenderer().render(outcome.result))


@cache
def _view() -> Any:
    """One for all pages: each one compiles the templates for itself, a quarter of the gate."""
    from great_expectations.render.view import DefaultJinjaPageView

    return DefaultJinjaPageView()
