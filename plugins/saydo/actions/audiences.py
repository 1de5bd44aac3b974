"""Audiences: who of a segment is sent to whoever works with it, decided account by account.

An account is added when its customer is in the segment with consent, and removed when it is not any
more. What stands is each account's last decision, so that only what changed is decided on.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from saydo.actions.handing_over import (
    OUTBOX,
    account_ids,
    audience_code,
    handed_over,
    record_hand_overs,
    remove_unfinished,
    write_hand_over,
)
from saydo.actions.recovering import ACCOUNTS
from saydo.actions.store import AUDIENCES, append, files, read
from saydo.engine import open_database
from saydo.home_lock import hold_home
from saydo.release import current_release_id, release_dir
from saydo.release.store import RELEASE_ID
from saydo.settings import Settings

log = logging.getLogger(__name__)

MEMBERSHIPS = "segment_memberships"
AUDIENCE_COLUMNS = ("decision_id", "segment_code", "account_id", "change")
_CHANGE = {"add": "added", "remove": "removed"}
_CONFIGURED = pa.schema(
    [("segment_code", pa.string()), ("version", pa.int64()), ("consent", pa.string())]
)
# Of two customers that are one account now, one counts.
_CHANGES = f"""
    with members as (
        select
            segment_code, configured.version, configured.consent, accounts.account_key,
            min(customer_id) as customer_id, bool_or(reason = 'member') as is_allowed
        from read_parquet($memberships) as memberships
        inner join ({ACCOUNTS}) as accounts using (customer_id)
        inner join configured using (segment_code)
        where is_current
        group by all
    ),

    standing as (
        select segment_code, segment_version, account_key, decided_for, decision
        from decided
        qualify row_number() over (
            partition by segment_code, account_key
            order by decided_at desc, release_id desc, decision_id desc
        ) = 1
    ),

    changed as (
        select
            segment_code,
            account_key,
            coalesce(members.version, standing.segment_version) as segment_version,
            coalesce(members.customer_id, standing.decided_for) as decided_for,
            case
                when members.is_allowed then 'add'
                when standing.decision = 'add' then 'remove'
                else 'no_consent'
            end as decision,
            case
                when members.is_allowed then 'in the segment'
                when members.account_key is not null then 'no ' || members.consent || ' consent'
                else 'not in the segment any more'
            end as reason
        from members
        full outer join standing using (segment_code, account_key)
        where
            case
                when members.is_allowed then standing.decision is distinct from 'add'
                when standing.decision = 'add' then true
                else members.account_key is not null and standing.decision is null
            end
    )

    select
        'a_' || substr(
            sha256(concat_ws('|', segment_code, account_key, $release_id)), 1, 24
        ) as decision_id,
        changed.*,
        $release_id as release_id
    from changed
    order by segment_code, decision, decision_id
"""


@dataclass(frozen=True)
class AudienceProposal:
    """What would be decided now: on which release, and rows of AUDIENCES."""

    release_id: str | None
    rows: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Segment to decision to number of rows."""
        told: dict[str, Counter[str]] = {}
        for row in self.rows:
            told.setdefault(row["segment_code"], Counter())[row["decision"]] += 1
        return {code: dict(sorted(found.items())) for code, found in sorted(told.items())}


def decide_audiences(settings: Settings, now: datetime | None = None) -> dict[str, Any]:
    """Decide on the segments of the current release, and keep it; called again, nothing more.

    Returns:
        release_id (none: nothing new is published), decision_counts by segment.

    Raises:
        ConfigError: segments.yml is wrong.
        HomeBusy: somebody else changes the home.
    """
    with hold_home(settings, "deciding on audiences"):
        proposal = propose_audiences(settings, now)
        if proposal.release_id is not None:
            append(settings, AUDIENCES, proposal.release_id, proposal.rows)
    told = {"release_id": proposal.release_id, "decision_counts": proposal.counts}
    log.info("audiences: %s", told)
    return told


def propose_audiences(settings: Settings, now: datetime | None = None) -> AudienceProposal:
    """What `decide_audiences` would keep now; nothing is written. Errors as there.

    A release that is older than what was decided on, after a rollback, decides nothing.
    """
    now = now or datetime.now(UTC).replace(tzinfo=None)
    release_id = current_release_id(settings)
    known = [f.stem for f in files(settings, AUDIENCES) if RELEASE_ID.fullmatch(f.stem)]
    if release_id is None or release_id <= max(known, default=""):
        return AudienceProposal(None, [])
    folder = release_dir(settings, release_id)
    if not (folder / f"{MEMBERSHIPS}.parquet").is_file():  # of a version that had none
        return AudienceProposal(None, [])
    configured = [
        {"segment_code": one.code, "version": one.version, "consent": one.consent}
        for one in settings.segments.segments
        if one.hand_over != "none"
    ]
    with open_database(settings) as connection:
        connection.register("configured", pa.Table.from_pylist(configured, _CONFIGURED))
        connection.register("decided", read(settings, AUDIENCES))
        found = connection.execute(
            _CHANGES,
            {
                "memberships": str(folder / f"{MEMBERSHIPS}.parquet"),
                "identifiers": str(folder / "customer_identifiers.parquet"),
                "release_id": release_id,
            },
        )
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return AudienceProposal(release_id, [row | {"decided_at": now} for row in rows])


def segment_sizes(settings: Settings, release_id: str) -> dict[str, int]:
    """Segment of segments.yml to how many customers a release has in it; nobody is 0."""
    sizes = dict.fromkeys(sorted(one.code for one in settings.segments.segments), 0)
    file = release_dir(settings, release_id) / f"{MEMBERSHIPS}.parquet"
    if not file.is_file():
        return {}
    with open_database(settings) as connection:
        found = connection.execute(
            "select segment_code, count(*) from read_parquet(?) where is_current group by all",
            [str(file)],
        ).fetchall()
    return sizes | dict(found)


def hand_over_audiences(settings: Settings, now: datetime | None = None) -> dict[str, Any]:
    """Write what was decided and not handed over, a file and its manifest for each segment.

    A difference says `added` or `removed` of each account, once, as it stands now; a full file
    lists every `member`. An account without a clear id in the restricted store waits.

    Returns:
        hand_over_ids, row_counts by segment, waiting_count.

    Raises:
        HomeBusy: somebody else changes the home.
    """
    now = now or datetime.now(UTC).replace(tzinfo=None)
    modes = {one.code: one.hand_over for one in settings.segments.segments}
    made, counts, waiting = [], {}, 0
    with hold_home(settings, "handing audiences over"):
        record_hand_overs(settings, now)
        remove_unfinished(settings)
        handed = handed_over(settings, OUTBOX)
        decided = [r for r in read(settings, AUDIENCES).to_pylist() if r["decision"] in _CHANGE]
        waits = [row for row in decided if row["decision_id"] not in handed]
        clear = account_ids(settings) if waits else {}
        for code in sorted({row["segment_code"] for row in waits}):
            mine = [row for row in decided if row["segment_code"] == code]
            is_full = modes.get(code) == "full"
            goes = [
                row["decision_id"]
                for row in waits
                if row["segment_code"] == code and row["account_key"] in clear
            ]
            waiting += sum(row["segment_code"] == code for row in waits) - len(goes)
            if not goes:
                continue
            rows = _rows(mine, set(goes), clear, is_full)
            made.append(
                write_hand_over(
                    settings, audience_code(code), AUDIENCE_COLUMNS, rows, now,
                    decision_ids=sorted(goes), is_full=is_full,
                )
            )  # fmt: skip
            counts[code] = len(rows)
    told = {"hand_over_ids": made, "row_counts": counts, "waiting_count": waiting}
    if waiting:
        log.warning(
            "%s account(s) of audiences wait: the restricted store has no clear id of them; "
            "`saydo feeds replay` of the feed of accounts brings them",
            waiting,
        )
    log.info("handed over: %s", told)
    return told


def _rows(
    decided: Iterable[dict[str, Any]], goes: set[str], clear: dict[str, str], is_full: bool
) -> list[dict[str, Any]]:
    """What stands of each account: of all who are in it, or of those whose decisions go now."""
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(decided, key=lambda row: (row["decided_at"], row["release_id"])):
        last[row["account_key"]] = row
    return [
        row
        | {
            "account_id": clear[key],
            "change": "member" if is_full else _CHANGE[row["decision"]],
        }
        for key, row in sorted(last.items(), key=lambda entry: entry[1]["decision_id"])
        if key in clear and (row["decision"] == "add" if is_full else row["decision_id"] in goes)
    ]
