"""Whether the rows are those that come next: not late, not a file again, not read the wrong way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import numpy as np

from saydo.gate.past.doubt import (
    LEAST_OTHERS,
    Delivered,
    Doubt,
    alike,
    around,
    is_beyond_chance,
)

_LEAST_ROWS = 14  # -ln of one in a million: so many are not missing by chance
_DAY = timedelta(days=1)
# Shares of a file's rows that make it worth a person's time.
_LATE_SHARE = 0.03
_LEAST_LATE = 5
_SAME_SHARE = 0.8
_EARLIER_FILES = 10


def late_rows(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """Rows of days longer ago than any other file of the feed had."""
    newest, ages = None, []
    for item in items:
        newest = max((day for day in (newest, item.last_day) if day), default=None)
        ages.append(
            {(newest - day).days: rows for day, rows in item.days.items()} if newest else {}
        )
    usual = [_age_of_most(age) for age in ages]
    place = {item.batch.batch_id: position for position, item in enumerate(items)}
    for position, item in enumerate(items):
        if not item.is_new or item.batch.delivery == "snapshot":
            continue
        others = [place[o.batch.batch_id] for o in alike(item, around(items, position)) if o.days]
        if len(others) < LEAST_OTHERS:
            continue
        oldest = int(1.5 * max(usual[other] for other in others)) + 2
        late = sum(rows for age, rows in ages[position].items() if age > oldest)
        known = sum(sum(ages[other].values()) for other in others)
        before = sum(r for o in others for age, r in ages[o].items() if age > oldest)
        expected = (before + 1) / known * item.facts.row_count
        if late >= max(_LEAST_LATE, _LATE_SHARE * item.facts.row_count) and is_beyond_chance(
            late, expected
        ):
            yield Doubt(
                item.batch.batch_id,
                "rows come no later than usual",
                f"{late} of {item.facts.row_count} rows are older than {oldest} days, the oldest "
                f"of {max(ages[position])} days",
                "Figures of days already published change. The feed's owner confirms that these "
                "days were delivered late, or corrects their dates.",
            )


def _age_of_most(ages: dict[int, int]) -> int:
    """The least age that 99 of 100 rows do not exceed."""
    limit, seen = 0.99 * sum(ages.values()), 0
    for age in sorted(ages):
        seen += ages[age]
        if seen >= limit:
            return age
    return 0


def swapped_dates(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """Rows that lie where the feed's next days do, once day and month are swapped back.

    A source of records has no next day: there, no date after the 12th of any month is left.
    """
    advice = (
        "Day and month are swapped where both can be read, so events lie months off. The feed's "
        "owner states the format, for example `strptime(day, '%d/%m/%Y')`."
    )
    steps = [
        (min(now.solid_days) - before.last_day, now.last_day - before.last_day)
        if before.last_day and now.last_day
        else None
        for before, now in pairwise(items)
    ]
    place = {item.batch.batch_id: position for position, item in enumerate(items)}
    for position, item in enumerate(items):
        if not item.is_new:
            continue
        others = alike(item, around(items, position))
        if item.facts.late_in_month is not None:
            shares = [o.facts.late_in_month for o in others if o.facts.late_in_month is not None]
            if (
                len(shares) >= LEAST_OTHERS
                and min(shares) >= 0.2
                and item.facts.late_in_month < 0.02
                and item.facts.row_count * min(shares) >= _LEAST_ROWS
            ):
                seen = f"{item.facts.late_in_month:.0%} of rows after the 12th of a month"
                seen += f", usually {min(shares):.0%} or more"
                yield Doubt(item.batch.batch_id, "dates are read as before", seen, advice, True)
            continue
        known = [
            step
            for o in others
            if (at := place[o.batch.batch_id]) and (step := steps[at - 1]) is not None
        ]
        before = items[position - 1].last_day if position else None
        if before is None or len(known) < LEAST_OTHERS or not item.days:
            continue
        first = before + _quantile([step[0] for step in known], 0.05) - 3 * _DAY
        last = before + _quantile([step[1] for step in known], 0.95) + 3 * _DAY
        total = sum(item.days.values())
        inside = sum(rows for day, rows in item.days.items() if first <= day <= last)
        swapped = inside + sum(
            rows
            for day, rows in item.days.items()
            if not first <= day <= last and day.day <= 12
            if first <= date(day.year, day.day, day.month) <= last
        )
        if swapped >= 0.95 * total and inside <= 0.9 * total and swapped - inside >= 10:
            seen = f"{inside} of {total} rows between {first} and {last}, as the feed goes on"
            seen += f"; {swapped} with day and month swapped"
            yield Doubt(item.batch.batch_id, "dates are read as before", seen, advice, True)


def _quantile(steps: Sequence[timedelta], share: float) -> timedelta:
    return timedelta(days=float(np.quantile([step.days for step in steps], share)))


def repeated_file(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """Nearly all rows are those of an earlier file of another name, and no later day is there."""
    for position, item in enumerate(items):
        if not item.is_new or item.batch.delivery == "snapshot" or not item.facts.keys:
            continue
        for earlier in reversed(items[max(0, position - _EARLIER_FILES) : position]):
            share = _common(earlier, item)
            if (
                share >= _SAME_SHARE
                and earlier.batch.file_name != item.batch.file_name
                and item.last_day
                and earlier.last_day
                and item.last_day <= earlier.last_day
                and not _repeats_as_a_rule(items, position)
            ):
                yield Doubt(
                    item.batch.batch_id,
                    "a new file brings new rows",
                    f"about {share:.0%} of its rows are those of {earlier.batch.file_name} "
                    f"({earlier.batch.batch_id}), and no later day",
                    "No row counts twice, but an old file may lie where a new one was meant. The "
                    "feed's owner delivers that one, or confirms that this is a correction.",
                )
                break


def _repeats_as_a_rule(items: Sequence[Delivered], position: int) -> bool:
    pairs = list(pairwise(items[:position]))[-_EARLIER_FILES:]
    shares = [_common(before, after) for before, after in pairs]
    return len(shares) >= LEAST_OTHERS and median(shares) >= 0.5


def _common(one: Delivered, other: Delivered) -> float:
    """Share of common rows, by the smallest hashes of both (bottom-k, Broder 1997)."""
    mine, theirs = set(one.facts.keys), set(other.facts.keys)
    if not mine or not theirs:
        return 0.0
    size = min(len(mine), len(theirs))
    if max(len(mine), len(theirs)) < 64:  # whole: every row is known
        size = len(mine | theirs)
    smallest = sorted(mine | theirs)[:size]
    return sum(key in mine and key in theirs for key in smallest) / len(smallest)
