"""Days without rows on which a feed has always had some."""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import numpy as np

from saydo.gate.past.doubt import (
    LEAST_OTHERS,
    Delivered,
    Doubt,
    around,
)

# -ln of one in a million: the rows that chance leaves out no day of.
_LEAST_ROWS_MISSED = 14
_LEAST_WEEKS = 4
_LEAST_GAPS = 6
# One hole in a year is not what a feed usually has; a holiday every few weeks is.
_DAYS_PER_HOLE = 250
_DAY = timedelta(days=1)


def missing_days(
    items: Sequence[Delivered], other_feeds_last_day: date | None, is_grave: bool
) -> Iterator[Doubt]:
    """Days without rows on which this feed has always had them, before, within or after a file.

    A day of the week counts as one with rows if it had them in nine weeks of ten; else the feed has
    a rhythm if its gaps are regular, such as a month. A hole no longer than one before is usual: a
    holiday.

    Args:
        items: the feed's batches, in load order.
        other_feeds_last_day: up to where other feeds have rows: only then may a file's end be cut.
        is_grave: whether the policy refuses a file for it.
    """
    solid: dict[date, int] = defaultdict(int)
    for item in items:
        if item.batch.delivery == "incremental":
            for day, rows in item.solid_days.items():
                solid[day] = max(solid[day], rows)
    told = [
        (batch_id, *hole)
        for hole in _holes(solid)
        if (batch_id := _beside(items, hole[0], hole[1]))
    ]
    for batch_id, first, last, rows in [*told, *_cut_ends(items, other_feeds_last_day)]:
        shown = f"{first}" if first == last else f"{first} to {last}"
        yield Doubt(
            batch_id,
            "no day is missing",
            f"no row of {shown}, where about {rows:.0f} are usual",
            "These days are not delivered, or not yet, and count as days on which nothing "
            "happened. The feed's owner delivers them, or confirms that nothing did; "
            "whether such a file is refused says gate.missing_days of policy.yml.",
            is_grave,
        )


def _holes(solid: dict[date, int]) -> list[tuple[date, date, float]]:
    """(first, last, usual rows) of each hole, where hardly another one is half as long."""
    if not solid:
        return []
    start, total = min(solid), (max(solid) - min(solid)).days + 1
    every_day = [start + offset * _DAY for offset in range(total)]
    weeks = Counter(day.weekday() for day in every_day)
    rows_of = defaultdict(list)
    for day, rows in solid.items():
        rows_of[day.weekday()].append(rows)
    usual = {
        weekday: median(rows)
        for weekday, rows in rows_of.items()
        if weeks[weekday] >= _LEAST_WEEKS and len(rows) + 1 >= 0.9 * weeks[weekday]
    }
    if not usual:
        return _irregular_gaps(solid)
    expected = [day for day in every_day if day.weekday() in usual]
    runs: list[list[date]] = [[]]
    for day in expected:
        if day not in solid:
            runs[-1].append(day)
        elif runs[-1]:
            runs.append([])
    runs = [run for run in runs if run]
    return [
        (run[0], run[-1], rows)
        for run in runs
        if (rows := sum(usual[day.weekday()] for day in run)) >= _LEAST_ROWS_MISSED
        and sum(2 * len(other) >= len(run) for other in runs) - 1 <= len(expected) // _DAYS_PER_HOLE
    ]


def _irregular_gaps(solid: dict[date, int]) -> list[tuple[date, date, float]]:
    """A gap of twice the usual in a feed that comes by the month or in another even rhythm."""
    days = sorted(solid)
    gaps = [(after - before).days for before, after in pairwise(days)]
    if len(gaps) <= _LEAST_GAPS or median(solid.values()) < _LEAST_ROWS_MISSED:
        return []
    widest = int(np.argmax(gaps))
    others = gaps[:widest] + gaps[widest + 1 :]
    if max(others) > 1.5 * median(others) or gaps[widest] < 1.8 * max(others):
        return []
    return [(days[widest] + _DAY, days[widest + 1] - _DAY, float(median(solid.values())))]


def _cut_ends(
    items: Sequence[Delivered], other_feeds_last_day: date | None
) -> Iterator[tuple[str, date, date, float]]:
    """The last days of a week's or a month's file, where all of the feed's others go to its end."""
    for position, item in enumerate(items):
        if not item.is_new or len(item.days) < LEAST_OTHERS:
            continue
        others = [o for o in around(items, position) if len(o.days) >= LEAST_OTHERS]
        usual = median([other.facts.day_count or 0 for other in others] or [0])
        others = [o for o in others if (o.facts.day_count or 0) <= 2 * usual]  # no history in one
        if len(others) < LEAST_OTHERS:
            continue
        last = max(item.days)
        ends = [max(other.days) for other in others]
        if all(end == _month_end(end) for end in ends):
            end = _month_end(last)
        elif len({end.weekday() for end in ends}) == 1:
            end = last + timedelta(days=(ends[0].weekday() - last.weekday()) % 7)
        else:
            continue
        cut = (end - last).days
        rows = median(
            sum(rows for day, rows in other.days.items() if (final - day).days < cut)
            for other, final in zip(others, ends, strict=True)
        )
        goes_on = other_feeds_last_day is not None and other_feeds_last_day >= end
        if goes_on and rows >= _LEAST_ROWS_MISSED:
            yield item.batch.batch_id, last + _DAY, end, rows


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _beside(items: Sequence[Delivered], first: date, last: date) -> str | None:
    """The new batch that tells of a hole: the first with the day after it, else the day before.

    None if it was told when a batch accepted by now came.
    """
    after = [item for item in items if last + _DAY in item.solid_days]
    if any(not item.is_new for item in after):
        return None
    beside = after or [item for item in items if first - _DAY in item.solid_days and item.is_new]
    return beside[0].batch.batch_id if beside else None
