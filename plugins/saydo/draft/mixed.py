"""Columns that hold identifiers of several types, told by a column beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from saydo.draft.column import Column
from saydo.draft.synonyms import TYPE_WORDS
from saydo.draft.table import Table
from saydo.draft.words import words_of
from saydo.sql import literal

_MOST_TYPES = 10
_ENOUGH = 0.97
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+[.][^@\s]+")
_PHONE = re.compile(r"[+(0][\d ()/.-]{6,20}")


@dataclass(frozen=True)
class Mixed:
    """A column, the one that says of which type a value is, and the identifier type of each."""

    column: Column
    told_by: Column
    types: dict[str, str]

    @property
    def type_sql(self) -> str:
        """The expression for `id_type`."""
        told = sorted(self.types.items())
        arms = " ".join(f"when {literal(value)} then {literal(name)}" for value, name in told)
        return f"case {self.told_by.sql} {arms} end"

    def of_type(self, name: str) -> Column:
        """The column with the values of one type alone."""
        told = [(value or "").strip() for value in self.told_by.values]
        values = [
            value if self.types.get(kind) == name else None
            for value, kind in zip(self.column.values, told, strict=True)
        ]
        return replace(self.column, values=values)


def mixed_columns(table: Table) -> Iterator[Mixed]:
    """The columns of a table that hold, by another column, identifiers of several types."""
    for column in table.columns:
        if column.kind != "text" or len(column.distinct) <= 1:
            continue
        for other in table.columns:
            is_type = other.kind == "text" and 1 < len(other.distinct) <= _MOST_TYPES
            if other is column or not is_type:
                continue
            types = _types(column, other)
            if len(set(types.values())) > 1 and set(types) == other.distinct:
                yield Mixed(column, other, types)
                break


def _types(column: Column, other: Column) -> dict[str, str]:
    held: dict[str, list[str]] = {}
    for value, told in zip(column.values, other.values, strict=True):
        if value and told:
            held.setdefault(told.strip(), []).append(value.strip())
    found = {told: _type_of(told, values) for told, values in held.items()}
    return {told: name for told, name in found.items() if name}


def _type_of(told: str, values: list[str]) -> str | None:
    emails = sum(bool(_EMAIL.fullmatch(value)) for value in values)
    if emails:
        return "email" if emails >= _ENOUGH * len(values) else None
    words = set(words_of(told))
    for name, known in TYPE_WORDS.items():
        if words & known:
            return name if name != "email" else None
    phones = sum(bool(_PHONE.fullmatch(value)) for value in values)
    return "msisdn" if phones >= _ENOUGH * len(values) else None
