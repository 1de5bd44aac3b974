"""What a person decided about proposed links: state/linkage/decisions.json, kept for good."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from saydo.durable import replace_json
from saydo.errors import ConfigError
from saydo.settings import Settings


@dataclass(frozen=True)
class Decision:
    """One pair of accounts (keys in order), what was decided, why, and when (UTC)."""

    account_key: str
    other_account_key: str
    decision: Literal["accepted", "rejected"]
    reason: str
    decided_at: str


def read_decisions(settings: Settings) -> list[Decision]:
    """All decisions, one a pair, in the order of the keys."""
    file = _file(settings)
    if not file.is_file():
        return []
    return [Decision(**row) for row in json.loads(file.read_text(encoding="utf-8"))]


def decide(
    settings: Settings,
    pair: tuple[str, str],
    decision: Literal["accepted", "rejected"],
    reason: str,
) -> Decision:
    """Keep a decision; a later one about the same pair replaces it. It holds from the next run on.

    Raises:
        ConfigError: no reason was given, the pair is one account, or what was accepted and what
            was rejected would contradict each other.
    """
    if not reason.strip():
        raise ConfigError("a decision needs its reason: --reason 'called the branch'")
    first, second = sorted(pair)
    if first == second:
        raise ConfigError("a pair is of two accounts")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = Decision(first, second, decision, reason.strip(), now)
    others = [d for d in read_decisions(settings) if _pair(d) != (first, second)]
    _refuse_contradiction([*others, made])
    _write(settings, [*others, made])
    return made


def _refuse_contradiction(decisions: list[Decision]) -> None:
    """Accepted pairs join accounts, over any number of steps, and no rejected pair."""
    root: dict[str, str] = {}

    def find(account: str) -> str:
        while root.get(account, account) != account:
            account = root[account]
        return account

    for decision in decisions:
        if decision.decision == "accepted":
            root[find(decision.account_key)] = find(decision.other_account_key)
    for decision in decisions:
        left, right = _pair(decision)
        if decision.decision == "rejected" and find(left) == find(right):
            raise ConfigError(
                f"{left} and {right} cannot be rejected while accepted pairs join them; decide "
                "the pairs between them again first"
            )


def forget_decisions(settings: Settings, account_keys: Collection[str]) -> None:
    """Take out the decisions about erased accounts."""
    known = read_decisions(settings)
    kept = [d for d in known if not set(_pair(d)) & set(account_keys)]
    if len(kept) < len(known):
        _write(settings, kept)


def decisions_hash(settings: Settings) -> str:
    """Names what has been decided; empty if nothing has."""
    rows = [(*_pair(decision), decision.decision) for decision in read_decisions(settings)]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16] if rows else ""


def _pair(decision: Decision) -> tuple[str, str]:
    return decision.account_key, decision.other_account_key


def _write(settings: Settings, decisions: list[Decision]) -> None:
    replace_json(_file(settings), [asdict(decision) for decision in sorted(decisions, key=_pair)])


def _file(settings: Settings) -> Path:
    return settings.state / "linkage" / "decisions.json"
