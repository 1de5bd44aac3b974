"""What was landed under another mapping than its feed has now, and what no feed accounts for.

A batch remembers what it was landed with. Where its feed's mapping differs, the next run lands its
file again, in its place in the load order; the rows of before count until the new are accepted.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from saydo.config import Feed
from saydo.errors import ConfigError
from saydo.landing.commit import remove_batch
from saydo.landing.fingerprint import stamp
from saydo.landing.ledger import Batch, Status, ledger_folder, read_ledger, write_entry
from saydo.landing.mapping_hash import mapping_hash
from saydo.notices import Notice, tell
from saydo.settings import Settings

_KEPT_ADVICE = (
    "deliver the files again under their names, or withdraw the batches (saydo feeds withdraw)"
)


@dataclass(frozen=True)
class Outdated:
    """The batches of a feed that were landed under another mapping than it has now."""

    again: tuple[tuple[Batch, Path], ...]  # with the file, to be landed again
    kept: tuple[Batch, ...]  # their files are gone, or have other content


def outdated(settings: Settings, feed: Feed, ledger: list[Batch]) -> Outdated:
    """Compare what a feed's batches in use were landed with to the mapping as it is now.

    Args:
        settings: where the files are.
        feed: the mapping.
        ledger: the feed's, in load order.
    """
    now = mapping_hash(settings, feed)
    used = [b for b in ledger if b.is_in_use and not _is_overtaken(b, now)]
    # A replay has no file of its own: it is outdated with the batch that its rows are of.
    other = {batch.replay_of or batch.batch_id for batch in used if batch.mapping_hash != now}
    other -= {batch.replaces for batch in used}  # landed again already: the gate decides
    again, kept = [], []
    same = defaultdict(list)
    for batch in ledger if other else []:
        same[batch.content_hash].append(batch)
    for batch in used:
        if batch.batch_id in other:
            file = _file_of(settings, same[batch.content_hash], batch)
            again += [(batch, file)] if file else []
            kept += [] if file else [batch]
    return Outdated(tuple(again), tuple(kept))


def _is_overtaken(batch: Batch, mapping: str) -> bool:
    """Whether it waits to replace another batch, with rows of a mapping that was changed since."""
    return bool(batch.replaces) and batch.status == "landed" and batch.mapping_hash != mapping


def _file_of(settings: Settings, same: list[Batch], batch: Batch) -> Path | None:
    """A file below landing/ with the content of a batch: its own, or one that repeated it.

    `same` are the entries of that content.
    """
    known = [batch] if batch.status == "landed" else same
    for entry in sorted(known, key=lambda entry: entry.file_name != batch.file_name):
        file = settings.landing / entry.file_name
        if not file.is_file() or not file.resolve().is_relative_to(settings.landing.resolve()):
            continue
        found = stamp(file)
        if found.size != batch.file_size:
            continue
        # Size and time as they were noted mean the same content. Otherwise only reading it can
        # tell.
        if found.mtime_ns == entry.file_mtime_ns or _has_content(file, batch.content_hash):
            return file
    return None


def _has_content(file: Path, content_hash: str) -> bool:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == content_hash


def next_id(ledger: Iterable[Batch], feed: str, content_hash: str, file_name: str) -> str:
    """The id of the next landing of a content: a build never sees other rows under an id it knows.

    The second landing is `<feed>-<content>-2`. Ids of what is not in use and left nothing are free;
    that of a refused file is for the file's next try.
    """
    first = f"{feed}-{content_hash[:12]}"
    taken = {
        batch.batch_id
        for batch in ledger
        if batch.is_in_use
        or batch.status == "replaced"
        or (batch.status == "refused" and batch.file_name != file_name)
    }
    batch_id, number = first, 1
    while batch_id in taken:
        number += 1
        batch_id = f"{first}-{number}"
    return batch_id


def make_way(settings: Settings, feed: Feed, batch: Batch) -> None:
    """Take out a batch that is about to be landed again, if nobody has accepted it yet.

    Nothing of it has ever counted; it is landed again under its own id, as a refused one is. The
    caller holds the feed's lock.
    """
    for entry in read_ledger(settings, feed.name):
        if entry.status == "landed" and batch.batch_id == entry.batch_id:
            _take_out(settings, entry, "refused")
        elif entry.status == "landed" and batch.batch_id == entry.replay_of:
            _take_out(settings, entry, "replaced")


def _take_out(settings: Settings, batch: Batch, status: Status) -> None:
    reason = "its mapping was changed before it was checked"
    write_entry(settings, batch.model_copy(update={"status": status, "refused_reason": reason}))
    remove_batch(settings, batch.source, batch.batch_id)


def settle(settings: Settings, feed: Feed) -> list[Batch]:
    """Take out what nobody waits for any more; the feed's ledger after that.

    A refusal goes whose file is gone or was taken since, or which is of a landing that the mapping
    of now has no need of. What waits to replace another batch goes with the mapping it was landed
    with. The caller holds the feed's lock.
    """
    now, ledger = mapping_hash(settings, feed), read_ledger(settings, feed.name)
    overtaken = {batch.batch_id for batch in ledger if _is_overtaken(batch, now)}
    refused = [batch for batch in ledger if batch.status == "refused"]
    # As on nearly every run: no file needs to be looked at.
    if not overtaken and not refused:
        return ledger
    for batch in ledger:
        if batch.status == "landed" and {batch.batch_id, batch.replay_of} & overtaken:
            _take_out(settings, batch, "replaced")
    wanted = {batch.batch_id for batch, _ in outdated(settings, feed, ledger).again}
    for batch in refused:
        is_wanted = batch.replaces in wanted
        if not batch.replaces:
            is_wanted = (settings.landing / batch.file_name).is_file() and not any(
                (other.file_name, other.content_hash) == (batch.file_name, batch.content_hash)
                and (other.is_in_use or other.status == "duplicate")
                and other.sequence >= batch.sequence
                for other in ledger
            )
        if not is_wanted:
            (ledger_folder(settings) / f"{batch.batch_id}.json").unlink(missing_ok=True)
    return read_ledger(settings, feed.name)


def look_back(settings: Settings) -> None:
    """Before a run lands anything: tell what no feed accounts for, and ask where policy says so.

    Raises:
        ConfigError: `policy.landing.reland` is `ask`, and files would be landed again.
    """
    tell(settings, "feeds that left", _notices_of_feeds_that_left(settings))
    if settings.policy.landing.reland == "ask":
        for_each = [
            (feed, outdated(settings, feed, read_ledger(settings, feed.name)))
            for feed in settings.feeds.feeds
        ]
        stop_to_ask(settings, [(feed.name, len(found.again)) for feed, found in for_each])


def stop_to_ask(settings: Settings, counts: Iterable[tuple[str, int]]) -> None:
    """Stop where files would be landed again and the policy is to ask.

    Args:
        settings: its policy decides.
        counts: feed, and how many of its files would be landed again.

    Raises:
        ConfigError: says which, and how to go on.
    """
    told = [f"{count} of {feed}" for feed, count in counts if count]
    if told and settings.policy.landing.reland == "ask":
        raise ConfigError(
            f"files would be landed again, because their feed's mapping changed: "
            f"{', '.join(told)}; nothing was landed. Set `landing: {{reland: land}}` in "
            f"{settings.policy_file} and run again, or give the feeds the mapping of before"
        )


def tell_landed_again(settings: Settings, feed: Feed, count: int, kept: Iterable[Batch]) -> None:
    """Say how many files of a feed were landed again, and which batches could not be."""
    notices = _kept_notices(feed, kept)
    if count:
        what = f"{_files(count)} landed again under the feed's mapping as it is now"
        notices.insert(0, Notice(what, f"feed {feed.name}", count))
    tell(settings, f"land {feed.name} again", notices)


def outlook(settings: Settings) -> list[Notice]:
    """What the next run will say of batches landed before; nothing is changed."""
    notices = []
    for feed in settings.feeds.feeds:
        found = outdated(settings, feed, read_ledger(settings, feed.name))
        if count := len(found.again):
            stops = settings.policy.landing.reland == "ask"
            what = "would be landed again by the next run: the feed's mapping has changed"
            advice = "which stops to ask (policy: landing.reland)" if stops else ""
            notices.append(
                Notice(
                    f"{'file' if count == 1 else 'files'} {what}",
                    f"feed {feed.name}",
                    count,
                    advice,
                )
            )
        notices += _kept_notices(feed, found.kept)
    return notices + _notices_of_feeds_that_left(settings)


def _files(count: int) -> str:
    return "file was" if count == 1 else "files were"


def _kept_notices(feed: Feed, kept: Iterable[Batch]) -> list[Notice]:
    """One notice a table: the feed's own, or one that it fed before."""
    tables = defaultdict(list)
    for batch in kept:
        tables[batch.source].append(batch)
    notices = []
    for source, batches in sorted(tables.items()):
        rows = sum(batch.loaded_count for batch in batches)
        what = f"batches ({rows:,} rows) count as an earlier mapping landed them"
        advice = _KEPT_ADVICE
        if source != feed.source:
            what = f"batches ({rows:,} rows) of {source}, which the feed no longer maps to, count"
            advice = f"saydo feeds withdraw --feed {feed.name} --source {source} takes them out"
        what += ": their files are gone from landing/ or have other content"
        notices.append(Notice(what, f"feed {feed.name}", len(batches), advice))
    return notices


def _notices_of_feeds_that_left(settings: Settings) -> list[Notice]:
    known = {feed.name for feed in settings.feeds.feeds}
    left = defaultdict(list)
    for batch in read_ledger(settings):
        if batch.is_in_use and batch.feed not in known:
            left[batch.feed].append(batch)
    return [
        Notice(
            f"batches ({sum(b.loaded_count for b in batches):,} rows) still count, though the feed "
            f"is no longer in {settings.feeds_file.name}",
            f"feed {feed}",
            len(batches),
            f"saydo feeds withdraw --feed {feed} takes them out",
        )
        for feed, batches in sorted(left.items())
    ]
