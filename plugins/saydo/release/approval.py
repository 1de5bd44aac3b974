"""A person's approval of a candidate with warnings, where policy.yml asks for one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from saydo.durable import replace_json
from saydo.errors import ReleaseRefused
from saydo.release.audit import read_audit
from saydo.settings import Settings

_KEPT = "Nothing is published; the last release keeps serving."


@dataclass(frozen=True)
class Request:
    """What a person is asked about: the warnings of one audit.

    `audit_key` names the audited content and its warnings together, so that an approval is of just
    these, whenever it comes.
    """

    audit_key: str
    warnings: tuple[str, ...]

    @property
    def refusal(self) -> str:
        """Why nothing is published before somebody approves, with each warning."""
        return "\n".join(
            [
                f"The candidate carries {len(self.warnings)} warning(s), and gate.approve_warnings "
                "of policy.yml wants a person's approval first.",
                *(f"  {' '.join(text.split())}" for text in self.warnings),
                f"{_KEPT} Read the warnings; `saydo run --approve` publishes with them, and in "
                "Airflow the task approve_release asks.",
            ]
        )


def open_request(settings: Settings) -> Request | None:
    """What is to be asked before the audited candidate may be published.

    Returns:
        None where nobody need be asked: the policy does not want it, there is no warning, or just
        this audit was approved before.

    Raises:
        ReleaseRefused: there is no audit that would let the candidate be published at all.
    """
    return _unapproved(settings, read_audit(settings))


def approve(settings: Settings, audit_key: str) -> None:
    """Keep that a person approved the audit of that key, in `state/gate/approval.json`.

    Raises:
        ReleaseRefused: the candidate has been audited anew since the person was asked.
    """
    if _key(read_audit(settings)) != audit_key:
        raise ReleaseRefused(
            "the candidate has been built or checked again since this approval was asked for, and "
            f"is not what was approved. {_KEPT} Run again"
        )
    approved_at = datetime.now(UTC).isoformat(timespec="seconds")
    replace_json(_file(settings), {"audit_key": audit_key, "approved_at": approved_at})


def check_approved(settings: Settings, audit: dict[str, Any]) -> dict[str, str]:
    """What the manifest says of the approval: approved_at (ISO, UTC); nothing if none was needed.

    Args:
        settings: its policy.gate decides whether one is.
        audit: as `read_audit` gives it.

    Raises:
        ReleaseRefused: an approval is needed, and there is none of just this audit.
    """
    if request := _unapproved(settings, audit):
        raise ReleaseRefused(request.refusal)
    if not (settings.policy.gate.approve_warnings and audit["warnings"]):
        return {}
    return {"approved_at": _approval(settings)["approved_at"]}


def _unapproved(settings: Settings, audit: dict[str, Any]) -> Request | None:
    if not (settings.policy.gate.approve_warnings and audit["warnings"]):
        return None
    key = _key(audit)
    if _approval(settings).get("audit_key") == key:
        return None
    return Request(key, tuple(audit["warnings"]))


def _key(audit: dict[str, Any]) -> str:
    said = json.dumps([audit["table_hashes"], audit["warnings"]], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _approval(settings: Settings) -> dict[str, str]:
    file = _file(settings)
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ReleaseRefused(
            f"gate/{file.name} is not readable. {_KEPT} Remove it and run again: somebody is then "
            "asked anew"
        ) from error


def _file(settings: Settings) -> Path:
    # Beside the results of the gate, which are replaced whole by each check.
    return settings.state / "gate" / "approval.json"
