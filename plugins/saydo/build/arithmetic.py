"""A user's arithmetic as SQL that has one value on every engine, and none where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"\s*(?:(?P<word>[a-z][a-z0-9_]*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[-+*/(),]))"
)
# Engines refuse, or answer in ways of their own, what these have no value for.
_KNOWN_ABOVE = {"ln": "> 0", "sqrt": ">= 0"}


def in_doubles(expression: str) -> str:
    """The expression with every measure and number as a double: decimals multiplied a few times
    would overflow, and engines round them in their own ways. A quotient over zero is null, and so
    is the root of less.

    `expression` is arithmetic as `kpi_measures` reads it, token by token.
    """
    return _sum(_Tokens(expression))


class _Tokens:
    def __init__(self, expression: str) -> None:
        self._rest: Iterator[re.Match[str]] = TOKEN.finditer(expression.strip())
        self._next = next(self._rest, None)

    @property
    def upcoming(self) -> str:
        return self._next[0].strip() if self._next else ""

    def take(self) -> str:
        taken, self._next = self.upcoming, next(self._rest, None)
        return taken


def _sum(tokens: _Tokens) -> str:
    text = _product(tokens)
    while tokens.upcoming in ("+", "-"):
        text += f" {tokens.take()} {_product(tokens)}"
    return text


def _product(tokens: _Tokens) -> str:
    text = _value(tokens)
    while tokens.upcoming in ("*", "/"):
        sign = tokens.take()
        value = _value(tokens)
        text += f" {sign} " + (f"nullif({value}, 0e0)" if sign == "/" else value)
    return text


def _value(tokens: _Tokens) -> str:
    first = tokens.take()
    if first in ("+", "-"):
        return f"{first} {_value(tokens)}"  # apart: two of them would begin a comment
    if first == "(":
        return f"({_listed(tokens)})"
    if tokens.upcoming == "(":
        tokens.take()
        arguments = _listed(tokens)
        if first in _KNOWN_ABOVE:
            arguments = f"case when {arguments} {_KNOWN_ABOVE[first]} then {arguments} end"
        return f"{first}({arguments})"
    return f"{first}e0" if first[0].isdigit() else f"cast({first} as double)"


def _listed(tokens: _Tokens) -> str:
    """What stands in the bracket that was opened, which is closed."""
    parts = [_sum(tokens)]
    while tokens.upcoming == ",":
        tokens.take()
        parts.append(_sum(tokens))
    tokens.take()
    return ", ".join(parts)
