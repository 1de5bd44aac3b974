"""Handing over: a file with clear account ids in the restricted outbox, and its manifest.

The manifest is written last: a file without one is not handed over yet. What it lists is recorded
as decisions are, and is never handed over again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saydo.actions.deciding import POLICY_CODE
from saydo.actions.store import CREDITS, HAND_OVERS, append, has, read
from saydo.durable import replace_text
from saydo.engine import open_database
from saydo.home_lock import hold_home
from saydo.landing.pseudonyms import clear_account_files
from saydo.settings import Settings

if TYPE_CHECKING:
    from saydo.config.recovery import DestinationPolicy

log = logging.getLogger(__name__)

OUTBOX = "outbox"  # the destination that there always is
EXPIRED = "expired_at"  # key of a manifest whose file was removed for its age
COLUMNS = (
    "decision_id", "account_id", "incident_id", "incident_date", "credit_amount", "currency_code",
)  # fmt: skip
# What a spreadsheet takes for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def destinations(settings: Settings) -> list[tuple[str, DestinationPolicy]]:
    """By which code something is handed over, and where it goes beside the outbox."""
    credits = [(POLICY_CODE, one) for one in settings.policy.recovery.destinations]
    return credits + [
        (audience_code(segment.code), one)
        for segment in settings.segments.segments
        for one in segment.destinations
    ]


def audience_code(segment_code: str) -> str:
    """By what a segment is handed over."""
    return f"audience-{segment_code}"


def outbox(settings: Settings) -> Path:
    """Where hand-overs lie for whoever carries credits out: <id>.csv and <id>.json."""
    return settings.restricted / "outbox"


def hand_over(settings: Settings, now: datetime | None = None) -> dict[str, Any]:
    """Write the credits that were decided and not handed over as one file, and its manifest.

    A credit whose account has no clear id in the restricted store waits, and is counted.

    Returns:
        hand_over_id (none: nothing to hand over), row_count, total_amount (text), waiting_count.

    Raises:
        HomeBusy: somebody else changes the home.
    """
    now = now or datetime.now(UTC).replace(tzinfo=None)
    with hold_home(settings, "handing credits over"):
        record_hand_overs(settings, now)  # what a kill left between its manifest and its record
        remove_unfinished(settings)
        handed = handed_over(settings, OUTBOX)
        decided = [
            row
            for row in read(settings, CREDITS).to_pylist()
            if row["decision"] == "credit" and row["decision_id"] not in handed
        ]
        clear = account_ids(settings) if decided else {}
        rows = [
            row | {"account_id": clear[row["account_key"]]}
            for row in sorted(decided, key=lambda row: row["decision_id"])
            if row["account_key"] in clear
        ]
        told = {
            "hand_over_id": write_hand_over(settings, POLICY_CODE, COLUMNS, rows, now)
            if rows
            else None,
            "row_count": len(rows),
            "total_amount": str(sum((row["credit_amount"] for row in rows), Decimal(0))),
            "waiting_count": len(decided) - len(rows),
        }
    if told["waiting_count"]:
        log.warning(
            "%s credit(s) wait: the restricted store has no clear id of their accounts; `saydo "
            "feeds replay` of the feed of accounts brings them",
            told["waiting_count"],
        )
    log.info("handed over: %s", told)
    return told


def record_hand_overs(settings: Settings, now: datetime | None = None) -> dict[str, Any]:
    """Keep what the manifests in the outbox say was handed over; once each.

    Returns:
        hand_over_ids recorded now.
    """
    recorded = [
        manifest["hand_over_id"]
        for manifest in manifests(settings)
        if record_delivery(settings, manifest, OUTBOX, now)
    ]
    return {"hand_over_ids": recorded}


def manifests(settings: Settings) -> list[dict[str, Any]]:
    """Of every hand-over in the outbox, by its id."""
    files = sorted(outbox(settings).glob("[!.]*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def record_delivery(
    settings: Settings, manifest: dict[str, Any], destination: str, now: datetime | None = None
) -> bool:
    """Keep that a hand-over reached a destination; False if it was known."""
    if is_delivered(settings, manifest, destination):
        return False
    at = now or datetime.now(UTC).replace(tzinfo=None)
    append(
        settings,
        HAND_OVERS,
        f"{manifest['hand_over_id']}-{destination}",
        (
            {
                "hand_over_id": manifest["hand_over_id"],
                "decision_id": decision_id,
                "destination": destination,
                "handed_over_at": at,
            }
            for decision_id in manifest["decision_ids"]
        ),
    )
    return True


def is_delivered(settings: Settings, manifest: dict[str, Any], destination: str) -> bool:
    """Whether it is known that a hand-over reached a destination."""
    return has(settings, HAND_OVERS, f"{manifest['hand_over_id']}-{destination}")


def undelivered(
    settings: Settings, destination: str, policy_code: str = POLICY_CODE
) -> list[dict[str, Any]]:
    """Manifests of a policy in the outbox that have not reached a destination, oldest first."""
    return sorted(
        (
            manifest
            for manifest in manifests(settings)
            if manifest["policy_code"] == policy_code
            and EXPIRED not in manifest
            and not is_delivered(settings, manifest, destination)
        ),
        key=lambda manifest: (manifest["made_at"], manifest["hand_over_id"]),
    )


def handed_rows(settings: Settings, manifest: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of a hand-over's file, as texts by column."""
    text = (outbox(settings) / manifest["file"]).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def write_outbox(settings: Settings, manifest: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Write the file, and then the manifest with its number of rows and hash; owner's only."""
    folder = outbox(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = io.StringIO()
    writer = csv.DictWriter(text, manifest["columns"], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    replace_text(folder / manifest["file"], text.getvalue(), 0o600)
    content = manifest | {
        "row_count": len(rows),
        "sha256": hashlib.sha256(text.getvalue().encode()).hexdigest(),
    }
    write_manifest(settings, content)


def write_manifest(settings: Settings, manifest: dict[str, Any]) -> None:
    """Write a manifest in the place of what it was; owner's only."""
    file = outbox(settings) / f"{manifest['hand_over_id']}.json"
    replace_text(file, json.dumps(manifest, indent=2, sort_keys=True) + "\n", 0o600)


def remove_unfinished(settings: Settings) -> None:
    """Take away files that a kill left without their manifest."""
    for file in outbox(settings).glob("[!.]*.csv"):
        if not file.with_suffix(".json").is_file():
            file.unlink()


def write_hand_over(
    settings: Settings,
    policy_code: str,
    columns: Sequence[str],
    rows: list[dict[str, Any]],
    now: datetime,
    decision_ids: list[str] | None = None,
    is_full: bool = False,
) -> str:
    """Write a hand-over of rows with `decision_id` and `account_id`.

    Args:
        settings: the home.
        policy_code: what it is handed over by.
        columns: of the file.
        rows: of the file.
        now: naive UTC.
        decision_ids: what it carries out, where that is something else than the rows.
        is_full: whether the rows are all there are, and stand in the place of what was before.

    Returns:
        its id.
    """
    decided = [row["decision_id"] for row in rows] if decision_ids is None else decision_ids
    # The same decisions give the same name: a retry writes over what a kill has left.
    name = hashlib.sha256("\n".join(decided).encode()).hexdigest()[:16]
    hand_over_id = f"{policy_code}-{name}"
    manifest = {
        "hand_over_id": hand_over_id,
        "policy_code": policy_code,
        "file": f"{hand_over_id}.csv",
        "columns": list(columns),
        "decision_ids": decided,
        "is_full": is_full,
        "made_at": now.isoformat(timespec="seconds"),
        "recalled_decision_ids": [],
    }
    write_outbox(settings, manifest, [row | {"account_id": _plain(row)} for row in rows])
    return hand_over_id


def _plain(row: dict[str, Any]) -> str:
    account_id = row["account_id"]
    return f"'{account_id}" if account_id.startswith(_FORMULAS) else account_id


def handed_over(settings: Settings, destination: str) -> set[str]:
    """Ids of the decisions that reached a destination."""
    rows = read(settings, HAND_OVERS).to_pylist()
    return {row["decision_id"] for row in rows if row["destination"] == destination}


def account_ids(settings: Settings) -> dict[str, str]:
    """account_key to the clear account id, from the restricted store."""
    found: dict[str, str] = {}
    with open_database(settings) as connection:
        for file in clear_account_files(settings):
            found |= dict(
                connection.execute(
                    "select distinct account_key, account_id from read_parquet(?, "
                    "hive_partitioning = false) where account_id is not null",
                    [str(file)],
                ).fetchall()
            )
    return found
