"""One column of a sample: its values, and what they show of its kind."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from saydo.config.measure_names import SQL_WORDS
from saydo.draft.synonyms import CURRENCIES, IDENTIFIERS, TIME_WORDS
from saydo.draft.times import Times, times_of
from saydo.draft.words import nearness, words_of
from saydo.sql import literal, quoted

Kind = Literal["empty", "boolean", "number", "money", "time", "email", "phone", "currency", "text"]

_MOST_DISTINCT = 2_000  # values of which the kind is found
_ENOUGH = 0.97
_QUOTED = SQL_WORDS | {"at", "date", "time", "timestamp"}  # read as else in some place
_NEAR_A_PHONE = 0.6
_TRUE = {"yes", "y", "true", "t", "1", "ja", "oui", "si"}
_FALSE = {"no", "n", "false", "f", "0", "nein", "non"}
_NUMBER = re.compile(r"[+-]?(\d+([.]\d*)?|[.]\d+)([eE][+-]?\d+)?")
_MONEY = re.compile(r"[-+]?\s*[$€£¥]?\s*[-+]?\d[\d.,' ]*\s*(?:[$€£¥]|[A-Z]{3})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+[.][^@\s]+")
_PHONE = re.compile(r"[+(]?\d[\d ()/.-]{5,20}")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}


@dataclass(eq=False)
class Column:
    """A column as the file writes it. `path` has several parts for a value inside an object.

    `label` is the second header line's text. `native` is the engine type class of Parquet columns
    that are no text: `time`, `number`, `boolean`; empty for text.
    """

    path: tuple[str, ...]
    values: list[str | None]
    label: str = ""
    native: str = ""
    sizes: tuple[int, ...] = ()  # rows of each file, where there are several

    @property
    def name(self) -> str:
        """The name as people say it."""
        return ".".join(self.path)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name, in their plain spelling; of a value in an object, of its own."""
        return words_of(".".join(self.path[1:] or self.path))

    @property
    def raw_sql(self) -> str:
        """The column in an expression, as delivered."""
        return ".".join(
            part if _PLAIN.fullmatch(part) and part.lower() not in _QUOTED else quoted(part)
            for part in self.path
        )

    @property
    def sql(self) -> str:
        """The column in an expression, without the blanks around its values, if they have any."""
        return f"nullif(trim({self.raw_sql}), '')" if self.has_blanks else self.raw_sql

    @cached_property
    def has_blanks(self) -> bool:
        """Whether values begin or end with a blank."""
        return any(value is not None and value != value.strip() for value in self.values)

    @cached_property
    def filled(self) -> list[str]:
        """The values that are there, without blanks around them."""
        return [value.strip() for value in self.values if value is not None and value.strip()]

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The different values."""
        return frozenset(self.filled)

    @cached_property
    def shown(self) -> list[str]:
        """Some of the different values, the same on each call."""
        return sorted(self.distinct)[:: max(1, len(self.distinct) // _MOST_DISTINCT)]

    @property
    def is_unique(self) -> bool:
        """Whether every row of a file has a value of its own."""
        if not self.sizes:
            return bool(self.values) and len(self.distinct) == len(self.values)
        return all(all(part) and len(set(part)) == len(part) for part in self.parts)

    @property
    def parts(self) -> list[list[str | None]]:
        """The values of each file."""
        sizes = self.sizes or (len(self.values),)
        ends = itertools.accumulate(sizes)
        return [self.values[end - size : end] for end, size in zip(ends, sizes, strict=True)]

    @property
    def missing_share(self) -> float:
        """The share of rows without a value."""
        return 1 - len(self.filled) / len(self.values) if self.values else 1.0

    @cached_property
    def times(self) -> Times | None:
        """How it writes times, if it does."""
        if self.native not in ("", "time"):
            return None
        return times_of(self.shown, is_named_so=bool(TIME_WORDS & set(self.words)))

    @cached_property
    def kind(self) -> Kind:
        """What the values are."""
        values = self.shown
        if not values:
            return "empty"
        if self.native in ("number", "boolean"):
            return self.native  # type: ignore[return-value]
        lower = {value.lower() for value in values}
        if len(lower) == 2 and lower & _TRUE and lower & _FALSE:
            return "boolean"
        if self._most(_EMAIL):
            return "email"
        if self.times:
            return "time"
        if self._is_phone:
            return "phone"
        if self._most(_NUMBER):
            return "number"
        if set(values) <= CURRENCIES or (
            "currency" in self.words and {value.upper() for value in values} <= CURRENCIES
        ):
            return "currency"
        if self._most(_MONEY) and not self._most(re.compile(r"[\d ]+")):
            return "money"
        return "text"

    @property
    def _is_phone(self) -> bool:
        if not self._most(_PHONE):
            return False
        if nearness(self.words, IDENTIFIERS["msisdn"]) >= _NEAR_A_PHONE:
            return True
        return any(v[0] == "+" for v in self.shown) and not any("." in v for v in self.shown)

    def _most(self, pattern: re.Pattern[str]) -> bool:
        return sum(bool(pattern.fullmatch(v)) for v in self.shown) >= _ENOUGH * len(self.shown)

    @property
    def is_number(self) -> bool:
        """Whether it can be counted with."""
        return self.kind in ("number", "money")

    @cached_property
    def numbers(self) -> list[float]:
        """The values that are plain numbers."""
        return [float(value) for value in self.filled if _NUMBER.fullmatch(value)]

    @property
    def number_sql(self) -> str:
        """The column as a number, where its text is more than one."""
        if self.kind != "money":
            return self.sql
        signs = "".join(sorted({c for v in self.shown for c in v if c in "$€£¥' "}))
        text = self.raw_sql
        if signs:
            text = f"translate({text}, {literal(signs)}, '')"
        if any(re.search(r"[A-Z]{3}$", value) for value in self.shown):
            text = f"regexp_replace({text}, '[A-Z]+$', '')"
        if any(re.search(r",\d{1,2}\D*$", value) for value in self.shown):  # 1.234,56
            return f"replace(replace({text}, '.', ''), ',', '.')"
        return f"replace({text}, ',', '')"

    @property
    def currency(self) -> str | None:
        """The currency that a sign in the values says."""
        found = {_SYMBOLS[c] for value in self.shown[:50] for c in value if c in _SYMBOLS}
        return found.pop() if self.kind == "money" and len(found) == 1 else None
