"""The rules of one table, as both who finds them and who evaluates them need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["sources", "marts"]

_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list", "column_set")


class RuleError(Exception):
    """A suite is missing or wrong. The gates turn it into a refusal of their own kind."""


@dataclass(frozen=True)
class Suite:
    """The rules of one table.

    `key` are the columns that name a failing row to a reader: ids and pseudonyms, never a personal
    value. `may_be_empty` is for a table that has no row before something first happens.
    """

    kind: Kind
    table: str
    expectations: tuple[Any, ...]
    key: tuple[str, ...]
    may_be_empty: bool = False

    @property
    def name(self) -> str:
        """For example `marts.customer_profiles`."""
        return f"{self.kind}.{self.table}"


def describe(rule: Any) -> str:
    """A rule in a reader's words: its description, or its type and its columns."""
    if rule.description:
        return rule.description
    columns = columns_of(rule)
    return f"{rule.expectation_type}({', '.join(columns)})" if columns else rule.expectation_type


def columns_of(rule: Any) -> list[str]:
    """The columns that a rule names."""
    columns: list[str] = []
    for argument in _COLUMN_ARGUMENTS:
        value = getattr(rule, argument, None)
        columns += [value] if isinstance(value, str) else list(value or ())
    return columns
