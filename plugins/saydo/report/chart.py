"""Where the marks of a small line chart are: one panel per series over shared months, no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 160, 4, 112, 34, 42

Point = tuple[float, float]


class Series(NamedTuple):
    """A named line: one value per month (None: a gap), and how a value is written."""

    name: str
    css_class: str
    values: Sequence[float | None]
    show: Callable[[float], str]


@dataclass(frozen=True)
class Marks:
    """What is drawn, in units of the panel: texts as they are shown, positions as SVG has them."""

    low: str
    high: str
    path: str
    lonely: Sequence[tuple[str, str]]
    last: tuple[str, str]
    last_label: tuple[str, str, str]  # x, y, text; so are the month labels
    month_labels: Sequence[tuple[str, int, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    grid: Sequence[int] = (TOP, HEIGHT - BOTTOM)


@dataclass(frozen=True)
class Chart:
    """One panel; `marks` is None where nothing is known."""

    name: str
    css_class: str
    marks: Marks | None


def panel(series: Series, months: Sequence[date], is_labelled: bool) -> Chart:
    """One line chart; its range is its own, so that the shape of each series is seen.

    A series without any value has no marks. Months are labelled if `is_labelled`.
    """
    known = [value for value in series.values if value is not None]
    if not known:
        return Chart(series.name, series.css_class, None)
    low, high = min(known), max(known)
    span = high - low or 1
    step = (WIDTH - LEFT - RIGHT) / max(len(months) - 1, 1)
    depth = HEIGHT - TOP - BOTTOM

    def place(index: int, value: float) -> Point:
        share = 0.5 if high == low else (value - low) / span
        return LEFT + index * step, TOP + (1 - share) * depth

    points = [None if v is None else place(i, v) for i, v in enumerate(series.values)]
    x, y = next(point for point in reversed(points) if point)
    marks = Marks(
        low=series.show(low),
        high=series.show(high),
        path=_path(points),
        lonely=_lonely(points),
        last=_shown(x, y),
        last_label=(*_shown(x + 10, y + 4), series.show(known[-1])),
        month_labels=_month_labels(months, step) if is_labelled else (),
    )
    return Chart(series.name, series.css_class, marks)


def _shown(x: float, y: float) -> tuple[str, str]:
    return f"{x:.1f}", f"{y:.1f}"


def _path(points: Sequence[Point | None]) -> str:
    """Move-and-line commands; a gap in the data is a gap in the line."""
    commands, is_down = [], False
    for point in points:
        if point:
            commands.append(f"{'L' if is_down else 'M'}{' '.join(_shown(*point))}")
        is_down = point is not None
    return " ".join(commands)


def _lonely(points: Sequence[Point | None]) -> list[tuple[str, str]]:
    """Where months without a neighbour are, which a line would not show."""
    padded = [None, *points, None]
    return [
        _shown(*here)
        for before, here, after in zip(padded, points, padded[2:], strict=False)
        if here and not before and not after
    ]


def _month_labels(months: Sequence[date], step: float) -> list[tuple[str, int, str]]:
    """Every month's name, or as many as fit; and each year where it begins, below."""
    every = max(1, -(-len(months) // 12))
    words = [(i, f"{month:%b}", 24) for i, month in enumerate(months) if i % every == 0]
    words += [(i, f"{m:%Y}", 8) for i, m in enumerate(months) if i == 0 or m.month == 1]
    return [(f"{LEFT + index * step:.1f}", HEIGHT - above, word) for index, word, above in words]
