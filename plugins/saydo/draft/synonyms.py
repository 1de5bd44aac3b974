"""The one table of synonyms, `synonyms.yml` beside this module, as Python sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_TABLE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


def _each(entries: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: _listed(text) for name, text in entries.items()}


SPELLINGS: dict[str, str] = _TABLE["spellings"]
TIME_WORDS = frozenset(_listed(_TABLE["time_words"]))
IDENTIFIERS = _each(_TABLE["identifiers"])
TYPE_WORDS = {name: frozenset(_listed(text)) for name, text in _TABLE["type_words"].items()}
ACCOUNT = _listed(_TABLE["account"])
IMPERSONAL = frozenset(_listed(_TABLE["impersonal"]))
PERSONAL = frozenset(_listed(_TABLE["personal"]))
PRIVATE = _listed(_TABLE["private"])
COLUMNS = {table: _each(columns) for table, columns in _TABLE["columns"].items()}
MEASURES = _each(_TABLE["measures"])
LEVELS = frozenset(_listed(_TABLE["levels"]))
UNITS: dict[str, dict[str, str]] = _TABLE["units"]
FILES = {table: frozenset(_listed(words)) for table, words in _TABLE["files"].items()}
NO_AMOUNT = frozenset(_listed(_TABLE["no_amount"]))
MONTHLY = frozenset(_listed(_TABLE["monthly"]))
HUNDREDTHS = frozenset(_listed(_TABLE["hundredths"]))
VALUES = {column: _each(values) for column, values in _TABLE["values"].items()}
QUESTIONS = _each(_TABLE["questions"])
SECOND_HEADERS = frozenset(_listed(_TABLE["second_headers"]))
CURRENCIES = frozenset(_listed(_TABLE["currencies"]))
