"""Who is credited for a fault, as a pure function of what is known and what was decided before."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from saydo.config.recovery import RecoveryPolicy

POLICY_CODE = "recovery"
# In either arm: who is held out is as if credited, so that the arms stay alike in all later faults.
ASSIGNED = ("credit", "holdout")
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Candidate:
    """A customer with an active subscription, and a day on which an incident affected it."""

    customer_id: str
    account_key: str | None  # which of its accounts a credit goes to
    incident_id: str
    incident_date: date
    fault_minutes: Decimal
    is_measured: bool
    credit_amount: Decimal
    currency_code: str
    satisfaction_band: str | None
    has_consent: bool
    release_id: str


# What a decision keeps of its candidate.
_KEPT = (
    "account_key", "incident_id", "incident_date", "fault_minutes", "is_measured",
    "credit_amount", "currency_code", "satisfaction_band", "release_id",
)  # fmt: skip


@dataclass(frozen=True)
class Earlier:
    """What was decided before, of the customer whose the account is now."""

    customer_id: str
    incident_date: date
    decision: str
    decided_at: datetime  # naive UTC


def arm_of(policy: RecoveryPolicy, customer_id: str, key: bytes) -> str:
    """`holdout` or `credit`: by keyed hash, the same whenever it is asked of one version.

    The first 8 bytes of HMAC-SHA256(key, "recovery|version|customer_id") as a share in [0, 1).
    """
    text = f"{POLICY_CODE}|{policy.version}|{customer_id}".encode()
    drawn = int.from_bytes(hmac.new(key, text, hashlib.sha256).digest()[:8], "big") / 2**64
    return "holdout" if drawn < policy.holdout_share else "credit"


def policy_hash(policy: RecoveryPolicy) -> str:
    """Names what a version says; where decisions are sent is no part of them."""
    content = policy.model_dump_json(exclude={"version", "destinations"})
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def decide(
    candidates: Iterable[Candidate],
    earlier: Iterable[Earlier],
    policy: RecoveryPolicy,
    key: bytes,
    now: datetime,
) -> list[dict[str, Any]]:
    """Rows of CREDITS for the candidates that nothing was decided of, the most affected first.

    A customer's day is decided once, under whatever version. The budget is spent in order of
    minutes; the first credit that it does not hold ends it for everybody after, those to be held
    out too: else these would be less affected than the credited.

    Args:
        candidates: of one customer and day, one.
        earlier: all that was decided under the policy.
        policy: the policy.
        key: the secret that arms are drawn with.
        now: naive UTC.
    """
    told: dict[str, list[Earlier]] = defaultdict(list)
    for one in earlier:
        told[one.customer_id].append(one)
    left, rows = Decimal(str(policy.budget_per_run)), []
    is_spent = False
    hashed = policy_hash(policy)
    for candidate in sorted(candidates, key=_most_affected_first):
        before = told[candidate.customer_id]
        if any(one.incident_date == candidate.incident_date for one in before):
            continue
        decision, reason = _verdict(candidate, before, policy, now)
        if decision is None:
            decision, reason = arm_of(policy, candidate.customer_id, key), None
            cost = candidate.credit_amount if decision == "credit" else Decimal(0)
            is_spent = is_spent or cost > left
            if is_spent:
                decision, reason = "capped", "the budget of the run is spent"
            else:
                left -= cost
        before.append(Earlier(candidate.customer_id, candidate.incident_date, decision, now))
        rows.append(
            {name: getattr(candidate, name) for name in _KEPT}
            | {
                "decision_id": _decision_id(policy, candidate),
                "decided_for": candidate.customer_id,
                "policy_code": POLICY_CODE,
                "policy_version": policy.version,
                "policy_hash": hashed,
                "decision": decision,
                "reason": reason,
                "decided_at": now,
            }
        )
    return rows


def _most_affected_first(candidate: Candidate) -> tuple[Any, ...]:
    # Ties by a hash, which favours nobody for long.
    tie = hashlib.sha256(f"{candidate.incident_date}{candidate.customer_id}".encode()).hexdigest()
    return -candidate.fault_minutes, -candidate.credit_amount, tie


def _verdict(
    candidate: Candidate, before: list[Earlier], policy: RecoveryPolicy, now: datetime
) -> tuple[str | None, str | None]:
    """What rules a credit out, and why; nothing does: none."""
    if candidate.fault_minutes < Decimal(str(policy.min_fault_minutes)):
        return "too_small", f"less than {policy.min_fault_minutes:g} minutes"
    if not candidate.has_consent:
        return "no_consent", f"no {policy.consent} consent"
    assigned = [one.decided_at for one in before if one.decision in ASSIGNED]
    if any(now - at < timedelta(days=policy.days_between_credits) for at in assigned):
        return "too_recent", f"decided on less than {policy.days_between_credits} days ago"
    if sum(now - at < _YEAR for at in assigned) >= policy.max_credits_per_year:
        return "capped", f"{policy.max_credits_per_year} times in 365 days already"
    return None, None


def _decision_id(policy: RecoveryPolicy, candidate: Candidate) -> str:
    text = f"{POLICY_CODE}|{policy.version}|{candidate.customer_id}|{candidate.incident_date}"
    return "d_" + hashlib.sha256(text.encode()).hexdigest()[:24]
