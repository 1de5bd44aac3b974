"""Columns whose values may say whose a row is, and whether those of two columns are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from saydo.draft.column import Column
from saydo.draft.synonyms import ACCOUNT, IDENTIFIERS
from saydo.draft.words import nearness

_JOINS = 0.5  # of the values of one column are in the other
_PHONE_DIGITS = 9
_FEW_ROWS = 50  # of which all may be one account's


def could_identify(column: Column) -> bool:
    """Whether a column's values may be keys of something."""
    if column.kind in ("email", "phone", "text"):
        is_named = nearness(column.words, ACCOUNT[:-1]) > 0.5
        return is_named or len(column.distinct) > 1 or len(column.values) < _FEW_ROWS
    return column.kind == "number" and all(re.fullmatch(r"\d+", v) for v in column.shown)


def built_in_type(column: Column) -> str | None:
    """The built-in identifier type that a column is by its name or its values."""
    if column.kind == "email":
        return "email"
    near = {name: nearness(column.words, phrases) for name, phrases in IDENTIFIERS.items()}
    best = max(near, key=lambda name: near[name])
    if best == "msisdn":
        digits = [re.sub(r"\D", "", value) for value in column.shown[:200]]
        is_phone = column.kind in ("phone", "number") and all(6 <= len(d) <= 18 for d in digits)
        return "msisdn" if is_phone and near[best] >= 0.6 else None
    if best == "email" or near[best] < 0.6:
        return "msisdn" if column.kind == "phone" else None
    return best


def joins(left: Column, right: Column) -> bool:
    """Whether most values of `left` are values of `right`, and that is no chance."""
    if left.kind in ("time", "boolean", "empty", "money") or not could_identify(left):
        return False
    if share_of(left, right) < _JOINS:
        return False
    is_small = all(
        value.isdigit() and len(value) < 7 and value[0] != "0" for value in left.shown[:200]
    )
    if not is_small:
        return True
    return left.words == right.words or (
        nearness(left.words, ACCOUNT[:-1]) > 0.5 and nearness(right.words, ACCOUNT) > 0.5
    )


def share_of(left: Column, right: Column) -> float:
    """The share of `left`'s values that are `right`'s; of telephone numbers the end counts."""
    mine, theirs = _compared(left), _compared(right)
    return len(mine & theirs) / len(mine) if mine else 0.0


def _compared(column: Column) -> frozenset[str]:
    cached = column.__dict__.get("compared")
    if cached is None:
        cached = column.__dict__["compared"] = frozenset(_plain(column))
    return cached


def _plain(column: Column) -> Iterator[str]:
    is_phone = built_in_type(column) == "msisdn"
    for value in column.distinct:
        if is_phone:
            yield re.sub(r"\D", "", value)[-_PHONE_DIGITS:]
        else:
            yield value.lower() if column.kind == "email" else value
