"""Names of columns and files as words in their plain spelling, and how near one is to another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from saydo.draft.synonyms import SPELLINGS

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"(?<=[a-z]{2})(?=\d)")


@cache
def words_of(name: str) -> tuple[str, ...]:
    """`custNo` and `Customer Number` are both (customer, no)."""
    found = [word for word in _NO_WORD.split(_HUMP.sub(" ", name).lower()) if word]
    found = [part for word in found for part in _NUMBERED.split(word)]
    return tuple(part for word in found for part in SPELLINGS.get(word, word).split())


def slug_of(name: str, most: int = 40) -> str:
    """A name as a short code: lower case, words joined by underlines."""
    words = [word for word in _NO_WORD.split(_HUMP.sub(" ", name).lower()) if word]
    while len(words) > 1 and len("_".join(words)) > most:
        words.pop()
    slug = re.sub(r"[^a-z0-9_]", "", "_".join(words))[:most].strip("_")
    return slug if slug and slug[0].isalpha() else f"c_{slug}".rstrip("_")


def nearness(words: tuple[str, ...], phrases: Iterable[str]) -> float:
    """How well a name says one of the phrases, from 0 to 1; of equal ones the first counts more."""
    best = 0.0
    for place, phrase in enumerate(phrases):
        wanted = words_of(phrase)
        if words == wanted:
            near = 1.0
        elif len(wanted) == 1 and len(wanted[0]) < 3:  # `at`, `on`, `id` say too little in a name
            near = 0.0
        elif words[-len(wanted) :] == wanted:
            near = 0.8
        elif words[: len(wanted)] == wanted:
            near = 0.6
        elif any(words[i : i + len(wanted)] == wanted for i in range(len(words))):
            near = 0.5
        else:
            near = 0.0
        if near:
            best = max(best, near - 0.005 * place)
    return best
