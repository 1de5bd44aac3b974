"""bench/SCALE.md, written from the points that bench/scale.py measured."""

from __future__ import annotations

from typing import Any

Point = dict[str, Any]
KEY = ("engine", "customers", "months")


def page(points: list[Point]) -> str:
    """The page, as Markdown."""
    return "# How a run grows\n"
