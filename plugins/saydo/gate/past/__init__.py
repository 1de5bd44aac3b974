"""What only a feed's own past can tell: how the new batches differ from the feed's others.

Each comparison takes the measurements of the feed's batches (`saydo.gate.facts`), accepted ones and
the new ones beside it, and says what is unlike them. Which of that refuses a file is said by the
catalogue of faults; the expectations of `expectations.comparisons` show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import duckdb

from saydo.config import Policy
from saydo.gate.past.arrivals import late_rows, repeated_file, swapped_dates
from saydo.gate.past.days import missing_days
from saydo.gate.past.doubt import LEAST_DAYS, Delivered, Doubt, around
from saydo.gate.past.numbering import shared_numbering
from saydo.gate.past.shapes import other_scores, part_of_file, shifted_hours
from saydo.gate.past.values import (
    drifted_magnitudes,
    emptied_columns,
    flipped_signs,
    identifiers_of_many,
)
from saydo.landing.ledger import Batch
from saydo.landing.questions import undeclared_questions
from saydo.settings import Settings

__all__ = [
    "HISTORY",
    "LEAST_DAYS",
    "Delivered",
    "Doubt",
    "around",
    "beside_other_feeds",
    "compare",
]

# A year of daily files: a holiday comes once in it.
HISTORY = 400


def compare(
    items: Sequence[Delivered], policy: Policy, other_feeds_last_day: date | None = None
) -> list[Doubt]:
    """All doubts about the new batches of one feed, those that refuse first.

    Args:
        items: the feed's batches in load order.
        policy: what a user may move.
        other_feeds_last_day: the last day of which any other feed has rows.
    """
    gate = policy.gate
    is_snapshot = any(item.is_new and item.batch.delivery == "snapshot" for item in items)
    doubts = [
        *shifted_hours(items),
        *swapped_dates(items),
        *other_scores(items),
        *emptied_columns(items, gate.max_null_ratio),
        *flipped_signs(items),
        *drifted_magnitudes(items),
        *identifiers_of_many(items),
    ]
    if not is_snapshot:
        doubts += [
            *missing_days(items, other_feeds_last_day, gate.missing_days == "refuse"),
            *part_of_file(items),
            *late_rows(items),
            *repeated_file(items),
        ]
    return sorted(doubts, key=lambda doubt: not doubt.is_grave)


def beside_other_feeds(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    new: Sequence[Batch],
    accepted: Sequence[Batch],
) -> Iterator[Doubt]:
    """Doubts that a feed's own past cannot tell: another feed's keys, undeclared question codes.

    Args:
        connection: holds a view of the new batches, named as the source.
        settings: policy, feeds, dictionaries and where raw is.
        source: the canonical table.
        new: its new batches.
        accepted: its accepted ones.
    """
    yield from shared_numbering(connection, settings, source, new, accepted)
    if source != "survey_responses":
        return
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for batch_id, code, count in connection.execute(
        "select _batch_id, question_code, count(*) from survey_responses group by all"
    ).fetchall():
        counts[batch_id][code] = count
    for batch_id, codes in counts.items():
        for sentence in undeclared_questions(settings.feeds.all_questions, codes):
            seen, _, advice = sentence.partition("; ")
            yield Doubt(batch_id, "question codes are declared", seen, advice)
