"""Figures as they are published: six digits that matter, and parts that add up to their whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control

_DIGITS = 6
_DIGITS_MORE = 4
_MOST_DECIMALS = 9


def decimals(value: float) -> int:
    """Decimals that give a value six digits, 0 to 9."""
    if not value or not math.isfinite(value):
        return _MOST_DECIMALS
    return int(np.clip(_DIGITS - 1 - math.floor(math.log10(abs(value))), 0, _MOST_DECIMALS))


def shared_decimals(*values: float) -> int:
    """Decimals that give the smallest of some values six digits, and the largest at most ten."""
    told = [decimals(value) for value in values if value]
    return min(max(told), min(told) + _DIGITS_MORE) if told else _MOST_DECIMALS


def rounded(value: float | None, places: int | None = None) -> float | None:
    """A value with six digits, or with so many decimals; None stays None."""
    if value is None:
        return None
    return round(value, decimals(value) if places is None else places)


def adjusted(chances: Sequence[float | None]) -> list[float | None]:
    """p-values adjusted for being many, by Benjamini and Hochberg (1995); None stays None."""
    known = [number for number, chance in enumerate(chances) if chance is not None]
    found: list[float | None] = [None] * len(chances)
    if known:
        told = false_discovery_control([chances[number] for number in known])
        for number, chance in zip(known, told, strict=True):
            found[number] = float(chance)
    return found


def adjust_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Add `adjusted_p_value` to rows of one family, None where a row has no `p_value`."""
    for row, chance in zip(rows, adjusted([row.get("p_value") for row in rows]), strict=True):
        row["adjusted_p_value"] = chance
