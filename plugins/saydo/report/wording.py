"""Figures in words, as sentences of the report say them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

Number = Decimal | float | int

DIGITS = 3  # of an effect: more is noise


def effect(value: Number) -> str:
    """An effect with its sign, to three digits: '+0.498', '−12,300'."""
    return signed(value, _places(value))


def signed(value: Number, places: int) -> str:
    """A number with its sign, a real minus."""
    text = f"{abs(value):,.{places}f}"
    if not float(text.replace(",", "")):
        return text
    return f"{'−' if value < 0 else '+'}{text}"


def interval(low: Number | None, high: Number | None) -> str:
    """Both ends of a 95% interval, written alike; nothing where there is none."""
    if low is None or high is None:
        return ""
    places = min(_places(low), _places(high)) if low and high else max(_places(low), _places(high))
    return f"{signed(low, places)} to {signed(high, places)}"


def with_interval(value: Number, low: Number | None, high: Number | None) -> str:
    """An effect and, in brackets, its interval."""
    ends = interval(low, high)
    return f"{effect(value)} ({ends})" if ends else effect(value)


def month(day: date) -> str:
    """A month as 'March 2025'."""
    return f"{day:%B %Y}"


def listed(words: Iterable[str]) -> str:
    """The words with commas and a last 'and'."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def plain(code: str) -> str:
    """A code as words: 'dropped_sessions' is 'dropped sessions'."""
    return code.replace("_", " ")


def _places(value: Number | None) -> int:
    size = abs(float(value or 0))
    if size == 0 or size >= 100:
        return 0
    places, step = DIGITS - 1, 1.0
    while size < step and places < 8:
        step /= 10
        places += 1
    return places - 1 if size >= 10 else places
