"""A metric's figure as people read it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

_SHOWN: dict[str, Callable[[Decimal], str]] = {
    "customers": lambda value: f"{value:,.0f}",
    "share": lambda value: f"{100 * value:.1f}%",
    "ratio": lambda value: f"{100 * value:.1f}%",
    "points": lambda value: f"{value:.1f} points",
    "score_0_10": lambda value: f"{value:.2f} of 10",
    "score_0_100": lambda value: f"{value:.1f} of 100",
}


def shown(value: Decimal, unit: str) -> str:
    """The figure with its unit; a unit that is none of the known ones is a currency."""
    show = _SHOWN.get(unit)
    return show(value) if show else f"{value:,.2f} {unit}"


def shown_error(error: Decimal, answers: Decimal, unit: str) -> str:
    """How sure a figure is that is known from answers: what chance may do, and of how many."""
    places = 2 if unit == "score_0_10" else 1
    return f"standard error {error:.{places}f}, from {answers:,.0f} answers"
