"""Shapes: a part of a file, all times shifted, scores turned round or on another scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from saydo.gate.past.doubt import (
    CHANCE,
    LEAST_OTHERS,
    Delivered,
    Doubt,
    around,
    is_beyond_chance,
    is_rhythm_known,
    spread,
)

_LN_CHANCE = -math.log(CHANCE)
# Two thirds of a file are what chance, growth and the weather leave of a steady one.
_PART = 0.65
_NEIGHBOURS = 8
_LEAST_WEEKDAYS = 5
_YEAR = 300  # days; then a holiday is known
# An hour is a change of clocks, not of zone.
_SHIFTS = np.arange(2, 23)
_LEAST_TIMES = 30
_LEAST_HOURS = 5  # files
_LEAST_SCORES = 20
_STEPS = 20


def part_of_file(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """A file of far fewer rows a day than its feed's neighbours, of the same day of the week.

    Each file is held against the median of the nearest ones; the feed's own files so held say what
    is usual, holidays among them. Before it has a year of those, a holiday may be like the emptiest
    day of the week.
    """
    dated = [item for item in items if item.facts.day_count and item.last_day]
    is_daily = bool(dated) and median(item.facts.day_count or 0 for item in dated) == 1
    dated = [item for item in dated if item.facts.day_count == 1 or not is_daily]
    if len(dated) <= _NEIGHBOURS:
        return
    logs = np.array([math.log(item.facts.rows_per_day or 1) for item in dated])
    days = [item.last_day for item in dated if item.last_day]
    weekdays = np.array([day.weekday() if is_daily else 0 for day in days])
    residuals = np.array([_residual(logs, weekdays, at) for at in range(len(dated))])
    has_year = (max(days) - min(days)).days >= _YEAR
    lowest = min(
        float(np.median(logs[weekdays == weekday]))
        for weekday in set(weekdays.tolist())
        if (weekdays == weekday).sum() >= 2
    )
    for at, item in enumerate(dated):
        if not item.is_new or residuals[at] > math.log(_PART):
            continue
        if at and days[at] <= days[at - 1]:
            continue  # rows that came late, on a day without any
        usual_rows = math.exp(logs[at] - residuals[at])
        # Days of a few late rows say nothing of full ones.
        is_like = np.abs(logs - residuals - math.log(usual_rows)) < math.log(3)
        is_like[at] = False
        others = residuals[is_like]
        if len(others) < _NEIGHBOURS:
            continue
        noise = max(spread(others), 1 / math.sqrt(usual_rows * (item.facts.day_count or 1)))
        if (
            residuals[at] < -5 * noise
            and residuals[at] < others.min() - max(0.1, 3 / math.sqrt(math.exp(logs[at])))
            and (has_year or logs[at] < lowest + math.log(_PART))
        ):
            yield Doubt(
                item.batch.batch_id,
                "a file is whole",
                f"{math.exp(logs[at]):.0f} rows a day, usually about {usual_rows:.0f} on such a "
                "day and never so few",
                "A part of the file may be missing. The feed's owner confirms it, or delivers it "
                "whole, if possible with its number of rows in FILE.manifest.json.",
            )


def _residual(logs: np.ndarray, weekdays: np.ndarray, at: int) -> float:
    """Log of a day's rows against the median of the nearest other days, of the same weekday."""
    places = np.arange(len(logs))
    alike_days = places[(weekdays == weekdays[at]) & (places != at)]
    if len(alike_days) < _LEAST_WEEKDAYS:
        alike_days = places[places != at]
    nearest = alike_days[np.argsort(np.abs(alike_days - at), kind="stable")[:_NEIGHBOURS]]
    return float(logs[at] - np.median(logs[nearest]))


def shifted_hours(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """The hours of the day fit the feed's others far better, and well, once they are shifted."""
    for position, item in enumerate(items):
        mine = np.array(item.facts.hours, dtype=float)
        others = [
            np.array(o.facts.hours, dtype=float)
            for o in around(items, position)
            if sum(o.facts.hours) >= _LEAST_TIMES
        ]
        if not item.is_new or mine.sum() < _LEAST_TIMES or len(others) < _LEAST_HOURS:
            continue
        if not is_rhythm_known(around(items, position)):
            continue
        shares = np.array([hours / hours.sum() for hours in others])
        profile = _smoothed(shares.mean(axis=0))
        logs = np.log(np.array([np.roll(profile, -shift) for shift in range(24)])).T
        shift, gain, fit = (values[0] for values in _best_shifts(mine[None] / mine.sum(), logs))
        if gain * mine.sum() < _LN_CHANCE or gain < 0.2:
            continue
        if _breadth(mine) < 0.6 * _breadth(shares.mean(axis=0)):
            continue  # one job wrote them all in an hour of its own
        _, gains, _ = _best_shifts(shares, logs)
        if gain > 0.2 + 2 * gains.max() and fit >= (shares @ logs[:, 0]).min() - 0.1:
            # Where one job writes all rows in an hour, its hour may have been moved.
            is_spread = bool(np.sort(profile)[-2:].sum() < 0.9)
            yield Doubt(
                item.batch.batch_id,
                "events happen at the usual hours of the day",
                f"they fit the feed's other files {shift:+d} hours from where they are",
                "All times are shifted: the feed's time zone is not the one that its files are "
                "written in now, and events at night count for another day. The feed's owner "
                "corrects `timezone` or the expression, or confirms the change by a new name of "
                "the feed.",
                is_spread,
            )


def _smoothed(profile: np.ndarray) -> np.ndarray:
    """A clock change moves an hour's rows to the next, and no hour is impossible."""
    around_it = (np.roll(profile, 1) + np.roll(profile, -1)) / 2
    mixed = 0.9 * profile + 0.1 * around_it + 1e-3
    return np.asarray(mixed / mixed.sum())


def _fit(hours: np.ndarray, profile: np.ndarray) -> float:
    """Mean logarithm of likelihood of a row."""
    return float((hours * np.log(profile)).sum() / hours.sum())


def _breadth(hours: np.ndarray) -> float:
    """How many hours a file's rows are spread over: the exponential of their entropy."""
    shares = hours[hours > 0] / hours.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _best_shifts(shares: np.ndarray, logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours to move each file's rows by, the gain a row over at most one hour, and the fit.

    Args:
        shares: a row per file, the share of its rows in each hour.
        logs: by hour and shift, the logarithm of the usual share of the hour shifted to.
    """
    fits = shares @ logs
    shift = _SHIFTS[fits[:, _SHIFTS].argmax(axis=1)]
    fit = fits[np.arange(len(fits)), shift]
    return (shift + 12) % 24 - 12, fit - fits[:, [0, 1, 23]].max(axis=1), fit


def other_scores(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """Scores turned round, squeezed into a part of their scale, or drifted away from before."""
    for position, item in enumerate(items):
        if not item.is_new:
            continue
        others = around(items, position)
        if not is_rhythm_known(others):
            continue
        for question, steps in item.facts.scores.items():
            mine = _histogram(steps)
            past = [
                _histogram(o.facts.scores[question]) for o in others if question in o.facts.scores
            ]
            if mine.sum() < _LEAST_SCORES or len(past) < LEAST_OTHERS:
                continue
            pooled = np.sum(past, axis=0)
            if pooled.sum() < 3 * _LEAST_SCORES:
                continue
            if found := _turned(mine, pooled, past) or _squeezed(mine, pooled):
                yield Doubt(
                    item.batch.batch_id,
                    "scores mean what they meant",
                    f"question {question}: {found}",
                    "The answers are on another scale than the feed says, or best and worst have "
                    "changed places, so satisfaction would jump for no reason of the customers. "
                    "The survey's owner corrects scale_min, scale_max or is_reversed, or gives the "
                    "question a new question_code.",
                    True,
                )
            elif found := _drifted(mine, past):
                yield Doubt(
                    item.batch.batch_id,
                    "scores stay near the feed's usual",
                    f"question {question}: {found}",
                    "Published as it is. The survey's owner looks at whom was asked, and how, "
                    "before anybody explains the change by the customers.",
                )


def _histogram(steps: dict[str, int]) -> np.ndarray:
    counts = np.zeros(_STEPS + 1)
    for step, rows in steps.items():
        counts[int(step)] = rows
    return counts


def _turned(mine: np.ndarray, pooled: np.ndarray, past: Sequence[np.ndarray]) -> str | None:
    """The mirrored distribution fits far better, and as well as other files fit the usual one."""
    usual = pooled + 0.5 * (pooled + pooled[::-1] > 0)
    usual = (usual + 1e-9) / (usual + 1e-9).sum()
    straight, mirrored = _fit(mine, usual), _fit(mine, usual[::-1])
    worst = min(_fit(counts, usual) for counts in past if counts.sum() >= _LEAST_SCORES / 2)
    gain = mirrored - straight
    if (
        gain * mine.sum() > _LN_CHANCE
        and gain > 0.3
        and mirrored >= min(worst, _fit(pooled, usual) - 0.1) - 0.2
    ):
        return f"mean {_mean(mine):.1f} of 10, usually {_mean(pooled):.1f}: turned round it fits"
    return None


def _squeezed(mine: np.ndarray, pooled: np.ndarray) -> str | None:
    """No answer at an end of the scale where many were, or many where none was."""
    share = pooled / pooled.sum()
    for counts, usual, what in (
        (mine, share, "above"),
        (mine[::-1], share[::-1], "below"),
    ):
        top = int(np.max(np.nonzero(counts)[0]))
        gone = float(usual[top + 1 :].sum())
        if top <= 0.6 * _STEPS and gone >= 0.15 and -counts.sum() * math.log1p(-gone) > _LN_CHANCE:
            edge = 10 * (top if what == "above" else _STEPS - top) / _STEPS
            return f"no answer {what} {edge:g} of 10, usually {gone:.0%}"
        usual_top = int(np.max(np.nonzero(usual)[0]))
        new = float(counts[usual_top + 1 :].sum())
        if (
            usual_top <= 0.6 * _STEPS
            and new >= 0.15 * counts.sum()
            and is_beyond_chance(new, counts.sum() / pooled.sum())
        ):
            edge = 10 * (usual_top if what == "above" else _STEPS - usual_top) / _STEPS
            return f"{new / counts.sum():.0%} of answers {what} {edge:g} of 10, where none was"
    return None


def _drifted(mine: np.ndarray, past: Sequence[np.ndarray]) -> str | None:
    counts = [other for other in past if other.sum() >= _LEAST_SCORES / 2]
    if len(counts) < LEAST_OTHERS:
        return None
    means = [_mean(other) for other in counts]
    usual, now = median(means), _mean(mine)
    deviation = _deviation(np.sum(counts, axis=0))
    noise = math.hypot(spread(means), deviation / math.sqrt(mine.sum()))
    beyond = max(min(means) - now, now - max(means))
    if abs(now - usual) >= max(0.7, 6 * noise) and beyond >= 0.25 * abs(now - usual):
        return f"mean {now:.1f} of 10, usually {usual:.1f}"
    return None


def _mean(counts: np.ndarray) -> float:
    """Mean on a scale of 0-10."""
    return float((counts * np.arange(_STEPS + 1)).sum() / counts.sum() * 10 / _STEPS)


def _deviation(counts: np.ndarray) -> float:
    places = np.arange(_STEPS + 1) * 10 / _STEPS
    return float(math.sqrt((counts * (places - _mean(counts)) ** 2).sum() / counts.sum()))
