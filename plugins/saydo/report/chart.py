"""Small line charts as inline SVG: one panel per series over shared months, no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 160, 4, 112, 34, 42


class Series(NamedTuple):
    """A named line: one value per month (None: a gap), and how a value is written."""

    name: str
    css_class: str
    values: Sequence[float | None]
    show: Callable[[float], str]


def panel(series: Series, months: Sequence[date], is_labelled: bool) -> str:
    """One SVG line chart; its range is its own, so that the shape of each series is seen.

    A series without any value says so instead. Months are labelled if `is_labelled`.
    """
    known = [value for value in series.values if value is not None]
    if not known:
        return f'<p class="none">{escape(series.name)}: nothing is known yet.</p>'
    low, high = min(known), max(known)
    span = high - low or 1
    step = (WIDTH - LEFT - RIGHT) / max(len(months) - 1, 1)
    depth = HEIGHT - TOP - BOTTOM

    def place(index: int, value: float) -> tuple[float, float]:
        share = 0.5 if high == low else (value - low) / span
        return LEFT + index * step, TOP + (1 - share) * depth

    points = [None if v is None else place(i, v) for i, v in enumerate(series.values)]
    last = max(i for i, point in enumerate(points) if point)
    x, y = points[last] or (0.0, 0.0)
    said = f"{series.name}: from {series.show(low)} to {series.show(high)}"
    marks = [
        f'<text class="name" x="{LEFT}" y="16"><tspan>{escape(series.name)}</tspan>'
        f" · between {escape(series.show(low))} and {escape(series.show(high))}</text>",
        *(_line(LEFT, line, WIDTH - RIGHT) for line in (TOP, TOP + depth)),
        f'<path class="line {series.css_class}" d="{_path(points)}"/>',
        *_lonely(points, series.css_class),
        f'<circle class="dot {series.css_class}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
        f'<text class="last" x="{x + 10:.1f}" y="{y + 4:.1f}">'
        f"{escape(series.show(known[-1]))}</text>",
    ]
    if is_labelled:
        marks += _month_labels(months, step)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">'
        + "".join(marks)
        + "</svg>"
    )


def _line(left: float, y: float, right: float) -> str:
    return f'<line class="grid" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>'


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Move-and-line commands; a gap in the data is a gap in the line."""
    commands, is_down = [], False
    for point in points:
        if point:
            commands.append(f"{'L' if is_down else 'M'}{point[0]:.1f} {point[1]:.1f}")
        is_down = point is not None
    return " ".join(commands)


def _lonely(points: Sequence[tuple[float, float] | None], css_class: str) -> list[str]:
    """Dots for months without a neighbour, which a line would not show."""
    padded = [None, *points, None]
    return [
        f'<circle class="dot {css_class}" cx="{here[0]:.1f}" cy="{here[1]:.1f}" r="2.5"/>'
        for before, here, after in zip(padded, points, padded[2:], strict=False)
        if here and not before and not after
    ]


def _month_labels(months: Sequence[date], step: float) -> list[str]:
    every = max(1, -(-len(months) // 12))
    words = [(i, f"{month:%b}", 24) for i, month in enumerate(months) if i % every == 0]
    words += [(i, f"{m:%Y}", 8) for i, m in enumerate(months) if i == 0 or m.month == 1]
    return [
        f'<text x="{LEFT + index * step:.1f}" y="{HEIGHT - above}">{word}</text>'
        for index, word, above in words
    ]
