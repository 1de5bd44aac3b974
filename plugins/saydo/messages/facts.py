"""What a run has to tell people, as the home and the steps' results say it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

from saydo.build.inputs import recorded
from saydo.errors import DeliveryRefused, ReleaseRefused
from saydo.landing import Batch, read_ledger
from saydo.messages.message import Message
from saydo.messages.outbox import told_subjects
from saydo.notices import LATE, told_by
from saydo.release import read_manifest
from saydo.settings import Settings

_MOST_IDS = 10
_SERVES = "The last good release keeps serving."
_REFUSED_ADVICE = (
    "the log of the run says which file, line and column. Replace or remove the file, or correct "
    "the feed (saydo feeds check), and run again"
)


def _is_told(settings: Settings, text: str) -> bool:
    """Whether a refusal is about files or deliveries that people were told of before."""
    told = told_subjects(settings, "delivery_refused")
    files = [b.file_name for b in _kept_out(read_ledger(settings)) if b.batch_id in told]
    return any(one in text for one in (*files, *(n.what for n in told_by(settings, LATE))))


def published(settings: Settings, release: dict[str, Any]) -> list[Message]:
    """The release that `saydo.release.publish` says it made; none if readers had it before."""
    if not release["is_new"]:
        return []
    release_id = release["release_id"]
    manifest = read_manifest(settings, release_id)
    customers = release["row_counts"].get("customer_profiles", 0)
    warnings, notices = len(manifest["gate"]["warnings"]), len(manifest["notices"])
    serves = (
        "Readers have it now." if release["is_current"] else "One of a later day stays current."
    )
    return [
        Message(
            "published",
            (release_id,),
            f"Saydo: release as of {release['as_of_date']} published",
            f"{customers:,} customers; {warnings} warnings of its audit, {notices} notices of its "
            f"run. {serves}",
            f"release {release_id}",
            "read its report" + (", which lists what to know" if warnings or notices else ""),
        )
    ]


def refusals(settings: Settings) -> list[Message]:
    """The refused files that nobody was told of yet, a message per feed."""
    told = told_subjects(settings, "delivery_refused")
    by_feed: dict[str, list[str]] = defaultdict(list)
    for batch in _kept_out(read_ledger(settings)):
        if batch.batch_id not in told:
            by_feed[batch.feed].append(batch.batch_id)
    return [_refused(feed, ids) for feed, ids in sorted(by_feed.items())]


def _kept_out(ledger: list[Batch]) -> list[Batch]:
    """The refused files that no newer one of their name has replaced."""
    newest: dict[tuple[str, str], int] = {}
    for batch in ledger:
        if batch.status in ("landed", "accepted", "duplicate"):
            newest[batch.feed, batch.file_name] = batch.sequence
    return [
        batch
        for batch in ledger
        if batch.status == "refused"
        and newest.get((batch.feed, batch.file_name), batch.sequence) <= batch.sequence
    ]


def _refused(feed: str, ids: list[str]) -> Message:
    files = "1 file" if len(ids) == 1 else f"{len(ids):,} files"
    more = f" and {len(ids) - _MOST_IDS:,} more" if len(ids) > _MOST_IDS else ""
    return Message(
        "delivery_refused",
        tuple(sorted(ids)),
        f"Saydo: {files} of feed {feed} refused",
        f"Nothing of what was refused is loaded. {_SERVES}",
        f"feed {feed}, {', '.join(ids[:_MOST_IDS])}{more}",
        _REFUSED_ADVICE,
    )


def late(settings: Settings) -> list[Message]:
    """The deliveries that the run found late, a message for each."""
    return [
        Message(
            "late_source",
            (notice.where, notice.what),
            f"Saydo: {notice.where} is late",
            f"There is {notice.what}.",
            notice.where,
            notice.advice,
        )
        for notice in told_by(settings, LATE)
    ]


def of_failure(
    settings: Settings, dag_id: str, run_id: str, task_id: str, error: object, advice: str
) -> list[Message]:
    """What it is that stopped a run.

    Args:
        settings: the home.
        dag_id: of the run.
        run_id: of the run.
        task_id: which stopped for good.
        error: why; its text is not told, since it may hold delivered values.
        advice: what to do about that task.

    Returns:
        refused files and late deliveries, where these did; a refused release; else the run itself.
    """
    where = f"{dag_id}, task {task_id}, run {run_id}"
    if isinstance(error, DeliveryRefused):
        found = late(settings) + refusals(settings)
        if found or _is_told(settings, str(error)):
            return found
    if isinstance(error, ReleaseRefused):
        begun = recorded(settings, "attempted")
        reason = hashlib.sha256(str(error).encode()).hexdigest()
        return [
            Message(
                "release_refused",
                (task_id, begun.key if begun else run_id, reason),
                f"Saydo: the release as of {begun.as_of_date if begun else 'this run'} is refused",
                f"What was built may not go out. {_SERVES}",
                where,
                advice,
            )
        ]
    return [
        Message(
            "failed_run",
            (dag_id, run_id),
            f"Saydo: {dag_id} stopped at {task_id}",
            f"It ended with {type(error).__name__}. {_SERVES}",
            where,
            advice,
        )
    ]
