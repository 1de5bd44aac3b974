"""Header lines and columns of a sampled table; lists inside objects, taken apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from saydo.draft.column import Column
from saydo.draft.sample import MOST_ROWS, NotReadable, Sample
from saydo.draft.synonyms import SECOND_HEADERS
from saydo.draft.times import times_of

_DEEPEST = 6  # objects in objects


@dataclass(frozen=True)
class Step:
    """One `unnest`: a list of objects, and the name of its elements."""

    column: str
    name: str


def with_columns(sample: Sample) -> Sample:
    """The sample with its columns, header lines told from data.

    Raises:
        NotReadable: there is a header and no row.
    """
    if sample.objects:
        return replace(sample, columns=columns_of(sample.objects))
    width = len(sample.rows[0])
    header = [(name or "").strip() for name in sample.rows[0]]
    options = sample.options
    if _is_data(header):
        names = [f"column{i}" for i in range(1, width + 1)]
        options = options | {"header": False, "names": names}
        count, data = 0, sample.rows
    else:
        count = _header_rows(sample.rows)
        names = [name or f"column{i}" for i, name in enumerate(header, 1)]
        data = sample.rows[count:]
        if len({name.lower() for name in names}) < width:
            names = _told_apart(names)
            options = options | {"names": names}
    data = [row for row in data if len(row) == width][:MOST_ROWS]
    if not data:
        raise NotReadable("it has a header and no row of as many values: nothing can be told of it")
    labels = [""] * width
    if count == 2:
        labels = _labels(header, sample.rows[1])
    elif count > 2:
        labels = [(text or "").strip() for text in sample.rows[1]]
    columns = [
        Column((name,), [row[i] for row in data], label)
        for i, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    return replace(sample, columns=columns, header_rows=max(count, 1), options=options)


def _told_apart(names: list[str]) -> list[str]:
    """The names, those that come again with a number."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        told.append(name if seen[name.lower()] == 1 else f"{name} {seen[name.lower()]}")
    return told


def _is_data(header: list[str]) -> bool:
    """Whether the first line holds values: a number, a time or an address among them."""
    filled = [value for value in header if value]
    return any("@" in v or times_of([v], is_named_so=False) for v in filled) or (
        len(filled) > 1 and sum(v.replace(".", "", 1).isdigit() for v in filled) > len(filled) / 2
    )


def _header_rows(rows: list[list[str | None]]) -> int:
    """Qualtrics writes names, texts and import ids; SurveyMonkey questions and their options."""
    if len(rows) > 2 and any('"ImportId"' in (value or "") for value in rows[2]):
        return 3
    if len(rows) > 1:
        second = [(value or "").strip().lower() for value in rows[1]]
        if (set(second) & SECOND_HEADERS or "" in [v or "" for v in rows[0]]) and not second[0]:
            return 2
    return 1


def _labels(header: list[str], second: list[str | None]) -> list[str]:
    """What a column asks: its question, and what the second line adds."""
    labels, question = [], ""
    for i, name in enumerate(header):
        question = name or question
        text = ((second[i] if i < len(second) else "") or "").strip()
        adds = text and text.lower() not in SECOND_HEADERS and text != question
        labels.append(f"{question} - {text}" if adds else question)
    return labels


def columns_of(objects: list[dict[str, Any]]) -> list[Column]:
    """A column for each value in the objects that is no list."""
    paths: dict[tuple[str, ...], None] = {}
    flat = [dict(_scalars(found)) for found in objects]
    for row in flat:
        paths |= dict.fromkeys(row)
    columns = []
    for path in paths:
        values = [row.get(path) for row in flat]
        filled = [value for value in values if value is not None]
        columns.append(Column(path, [_text(value) for value in values], native=_native(filled)))
    return columns


def _scalars(value: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple, Any]]:
    for name, item in value.items():
        if isinstance(item, dict):
            if len(path) < _DEEPEST:
                yield from _scalars(item, (*path, name))
        elif not isinstance(item, list):
            yield (*path, name), item


def _native(values: list[Any]) -> str:
    """Parquet keeps its types: times have to be told from text. JSON's numbers come as text."""
    if values and all(isinstance(value, (datetime, date)) for value in values):
        return "time"
    return ""


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (str, int, Decimal)):
        return str(value)
    return json.dumps(value) if isinstance(value, float) else None


def unnested(sample: Sample) -> Iterator[tuple[Sample, tuple[Step, ...]]]:
    """The sample with one of its lists of objects taken apart, for each such list."""
    for path in _lists(sample.objects):
        taken, steps = sample.objects, []
        element = ""
        for depth, names in enumerate(path):
            column = ".".join(((element,) if depth else ()) + names)
            element = _singular(names[-1])
            while any(element in found for found in taken[:100]):
                element += "_item"
            inside = names if depth == 0 else (steps[-1].name, *names)
            taken = [
                {**found, element: item}
                for found in taken
                for item in _list_at(found, inside)
                if isinstance(item, dict)
            ][: 5 * MOST_ROWS]
            steps.append(Step(column, element))
        if taken:
            yield replace(sample, objects=taken, columns=columns_of(taken)), tuple(steps)


def _lists(objects: list[dict[str, Any]]) -> list[tuple[tuple[str, ...], ...]]:
    """Where lists of objects are: of each, the path to it, and on inside its elements."""
    found: dict[tuple[tuple[str, ...], ...], None] = {}

    def look(value: dict[str, Any], before: tuple, path: tuple[str, ...]) -> None:
        for name, item in value.items():
            here = (*path, name)
            if re.search(r"[.\s\[\]]", name):  # not what a step of `unnest` may be of
                continue
            if isinstance(item, dict) and len(here) < _DEEPEST:
                look(item, before, here)
            elif isinstance(item, list) and any(isinstance(one, dict) for one in item):
                found[(*before, here)] = None
                if len(before) < 2:
                    for one in item:
                        if isinstance(one, dict):
                            look(one, (*before, here), ())

    for value in objects[:1_000]:
        look(value, (), ())
    return list(found)


def _list_at(value: Any, path: tuple[str, ...]) -> list[Any]:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def _singular(name: str) -> str:
    plain = "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_") or "item"
    return plain[:-1] if plain.endswith("s") and len(plain) > 3 else f"{plain}_item"
