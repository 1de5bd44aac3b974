"""Deciding on the faults of every release since the last decision: read, decide, keep."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from saydo.actions.deciding import Candidate, Earlier, decide, policy_hash
from saydo.actions.store import CREDITS, append, files, read
from saydo.engine import open_database
from saydo.errors import ConfigError
from saydo.home_lock import hold_home
from saydo.landing.pseudonyms import pseudonym_key
from saydo.release import current_release_id, previous_registry, read_manifest, release_dir
from saydo.release.store import RELEASE_ID, release_ids
from saydo.settings import Settings

log = logging.getLogger(__name__)

QUEUE = "service_recovery_queue"
# The account that a customer is credited on: one that is open, and of these the oldest.
ACCOUNTS = """
    select customer_id, id_key as account_key
    from read_parquet($identifiers)
    where id_type = 'account_id'
    qualify row_number() over (
        partition by customer_id
        order by valid_to_at is not null, valid_from_at nulls first, id_key
    ) = 1
"""
_OF_QUEUE = f"""
    select queue.*, queue.customer_id as decided_for, accounts.account_key
    from (select * from read_parquet($queue) where {{condition}}) as queue
    left join ({ACCOUNTS}) as accounts on queue.customer_id = accounts.customer_id
"""


@dataclass(frozen=True)
class Proposal:
    """What would be decided now: on which release, rows of CREDITS, how many wait for another.

    `other_version_count` are rows of the queue that were worked out under another version of the
    policy than policy.yml has now: the next release works them out anew.
    """

    release_id: str | None
    rows: list[dict[str, Any]]
    other_version_count: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Decision to number of rows."""
        return dict(sorted(Counter(row["decision"] for row in self.rows).items()))

    @property
    def total_amount(self) -> Decimal:
        """Sum of the credits, in the reporting currency."""
        credited = (row["credit_amount"] for row in self.rows if row["decision"] == "credit")
        return sum(credited, Decimal(0))


def decide_credits(settings: Settings, now: datetime | None = None) -> dict[str, Any]:
    """Decide on what waits, and keep the decisions; called again, nothing more is decided.

    Returns:
        release_id (none: nothing new is published), decision_counts, total_amount (text).

    Raises:
        ConfigError: the policy changed and kept its version.
        HomeBusy: somebody else changes the home.
    """
    with hold_home(settings, "deciding on credits"):
        proposal = propose_credits(settings, now)
        if proposal.release_id is not None:
            append(settings, CREDITS, proposal.release_id, proposal.rows)
    told = {
        "release_id": proposal.release_id,
        "decision_counts": proposal.counts,
        "total_amount": str(proposal.total_amount),
    }
    log.info("credits: %s", told)
    return told


def propose_credits(settings: Settings, now: datetime | None = None) -> Proposal:
    """What `decide_credits` would keep now; nothing is written. Arguments and errors as there."""
    now = now or datetime.now(UTC).replace(tzinfo=None)
    policy = settings.policy.recovery
    decided = read(settings, CREDITS).to_pylist()
    releases = _not_worked_off(settings, decided)
    if not releases:
        return Proposal(None, [])
    _refuse_changed_policy(settings, decided)
    owners = _owners(settings)
    candidates: dict[tuple[str, Any], Candidate] = {}
    others = 0
    for release_id in releases:
        # Of a day that several releases tell, the newest knows most.
        mine, other = _candidates(settings, release_id, owners)
        candidates |= {(one.customer_id, one.incident_date): one for one in mine}
        others += other
    if others:
        log.warning(
            "%s rows of the queue are of another version of the policy; the next run of the build "
            "works them out anew, and they are decided on after it",
            others,
        )
    earlier = [
        Earlier(
            owners.get(row["account_key"], row["decided_for"]),
            row["incident_date"],
            row["decision"],
            row["decided_at"],
        )
        for row in decided
    ]
    rows = decide(candidates.values(), earlier, policy, pseudonym_key(settings), now)
    return Proposal(releases[-1], rows, others)


def decisions_of(settings: Settings, queue: Path, identifiers: Path) -> list[dict[str, Any]]:
    """What a release's queue tells of decisions: rows of CREDITS, and handed_over_at.

    Args:
        settings: the home.
        queue: its service_recovery_queue.parquet.
        identifiers: its customer_identifiers.parquet.
    """
    return _rows(
        settings,
        _OF_QUEUE.format(condition="decided_at is not null"),
        {"queue": str(queue), "identifiers": str(identifiers)},
    )


def _rows(settings: Settings, sql: str, values: dict[str, str]) -> list[dict[str, Any]]:
    with open_database(settings) as connection:
        found = connection.execute(sql, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _not_worked_off(settings: Settings, decided: list[dict[str, Any]]) -> list[str]:
    """Releases that were current since the last decision, oldest first.

    One that was rolled back is not among them, nor one made for a day before the current one.
    """
    current = current_release_id(settings) or ""
    known = [f.stem for f in files(settings, CREDITS) if RELEASE_ID.fullmatch(f.stem)]
    last = max([*known, *(row["release_id"] for row in decided)], default="")
    return [
        release_id
        for release_id in release_ids(settings)
        if last < release_id <= current and read_manifest(settings, release_id)["becomes_current"]
    ]


def _refuse_changed_policy(settings: Settings, decided: list[dict[str, Any]]) -> None:
    policy = settings.policy.recovery
    known = {row["policy_hash"] for row in decided if row["policy_version"] == policy.version}
    if known - {None, policy_hash(policy)}:
        newest = max(row["policy_version"] for row in decided)
        raise ConfigError(
            f"`recovery` of {settings.policy_file.name} is not what version {policy.version} was "
            f"when it decided; give it version {newest + 1}. What was decided stands"
        )


def _owners(settings: Settings) -> dict[str, str]:
    """account_key to customer_id, as of the current release."""
    registry = previous_registry(settings)
    if registry is None:
        return {}
    held = pq.read_table(registry)
    if "released_at" in held.column_names:
        held = held.filter(pc.is_null(held.column("released_at")))
    return dict(zip(held["account_key"].to_pylist(), held["customer_id"].to_pylist(), strict=True))


def _candidates(
    settings: Settings, release_id: str, owners: Mapping[str, str]
) -> tuple[list[Candidate], int]:
    """Undecided rows of a release's queue under this version, and how many are of others."""
    folder = release_dir(settings, release_id)
    queue = folder / f"{QUEUE}.parquet"
    if not queue.is_file():  # a release of a version that had none
        return [], 0
    identifiers = folder / "customer_identifiers.parquet"
    rows = _rows(
        settings,
        _OF_QUEUE.format(condition="decided_at is null"),
        {"queue": str(queue), "identifiers": str(identifiers)},
    )
    version = settings.policy.recovery.version
    mine = [row for row in rows if row["policy_version"] == version]
    fields = Candidate.__dataclass_fields__.keys() - {"release_id"}
    made = [Candidate(**{n: row[n] for n in fields}, release_id=release_id) for row in mine]
    owned = [
        replace(one, customer_id=owners.get(one.account_key or "", one.customer_id)) for one in made
    ]
    return owned, len(rows) - len(mine)
