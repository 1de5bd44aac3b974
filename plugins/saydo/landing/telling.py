"""What a person should know of landed files, in the few lines that a run ends with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from saydo.landing.ledger import TAKEN_OUT, Batch
from saydo.notices import Notice, from_sentence

_QUARANTINE = (
    "`saydo quarantine` shows where; correct the mapping and land them again with `saydo feeds "
    "replay`, or deliver corrected files"
)


def batch_notices(batches: Iterable[Batch]) -> list[Notice]:
    """The warnings of landed files and how many of their rows are left out, files of a feed as one.

    Args:
        batches: entries of the ledger, in load order.

    Returns:
        one notice per feed and thing to know of, with the rows of all its files.
    """
    found: dict[tuple[str, str, str], list[tuple[str, int | None]]] = defaultdict(list)
    for batch in batches:
        for notice in (from_sentence("", warning) for warning in batch.warnings):
            key = (batch.feed, notice.what, notice.advice)
            found[key].append((batch.file_name, notice.count))
        for reason, count in batch.reason_counts.items():
            if reason not in TAKEN_OUT:
                key = (batch.feed, f"rows in quarantine ({reason})", _QUARANTINE)
                found[key].append((batch.file_name, count))
    return [
        Notice(what, _where(feed, [name for name, _ in files]), _total(files), advice)
        for (feed, what, advice), files in found.items()
    ]


def _where(feed: str, names: list[str]) -> str:
    distinct = list(dict.fromkeys(names))
    files = f"file {distinct[0]!r}" if len(distinct) == 1 else f"{len(distinct):,} files"
    return f"feed {feed}, {files}"


def _total(files: list[tuple[str, int | None]]) -> int | None:
    counts = [count for _, count in files if count is not None]
    return sum(counts) if counts else None
