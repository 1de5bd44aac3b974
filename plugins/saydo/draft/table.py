"""Sampled files of one shape as one table: what a feed will read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from glob import escape
from pathlib import PurePosixPath

from saydo.draft.column import Column
from saydo.draft.sample import Sample
from saydo.draft.shapes import Step, columns_of
from saydo.draft.synonyms import PRIVATE
from saydo.draft.words import nearness, slug_of, words_of

_DAY = r"\d{4}-\d{2}-\d{2}"
_PACKED_DAY = r"(?<!\d)(?:19|20)\d{6}(?!\d)"
_CHANGING = re.compile(rf"{_DAY}|\d+")


@dataclass
class Table:
    """Files of one shape. `columns` hold the values of all of them, in the order of their names."""

    samples: list[Sample]
    columns: list[Column]
    path: str
    steps: tuple[Step, ...] = ()
    personal: frozenset[str] = frozenset()  # columns that identify a person

    @property
    def key(self) -> str:
        """What tells it from all others: its path, and its sheet where a workbook has several."""
        return f"{self.path}\0{self.first.options.get('sheet', '')}"

    @property
    def first(self) -> Sample:
        """The first of its files."""
        return self.samples[0]

    @cached_property
    def name(self) -> str:
        """A name for its feed: that of its files, without what changes among them."""
        stem = PurePosixPath(self.path).name
        stem = stem.removesuffix(".gz").removesuffix(".zst").rpartition(".")[0] or stem
        sheet = str(self.first.options.get("sheet", ""))
        return slug_of(_CHANGING.sub(" ", stem.replace("*", " ")) + " " + sheet)

    @cached_property
    def file_words(self) -> frozenset[str]:
        """The words of its files' name and folder."""
        sheet = str(self.first.options.get("sheet", ""))
        return frozenset(words_of(f"{self.path} {sheet}")) | frozenset(
            re.split(r"[\W_]+", f"{self.path} {sheet}".lower())
        )

    @property
    def row_count(self) -> int:
        """Sampled rows."""
        return max((len(column.values) for column in self.columns), default=0)

    @property
    def snapshot_day(self) -> str | None:
        """The expression for the day in the name of its files, if each has one."""
        names = [PurePosixPath(sample.name).name for sample in self.samples]
        if all(re.search(_DAY, name) for name in names):
            return "regexp_extract(file_name, '[0-9]{4}-[0-9]{2}-[0-9]{2}')"
        if all(re.search(_PACKED_DAY, name) for name in names):
            return "strptime(regexp_extract(file_name, '[0-9]{8}'), '%Y%m%d')"
        return None

    def can_unpivot(self, columns: Iterable[Column]) -> bool:
        """Whether columns may become rows: they are the file's own, of no object or element."""
        return not self.steps and all(len(column.path) == 1 for column in columns)

    def is_private(self, column: Column) -> bool:
        """Whether a column's values are a person's, and so may land in no clear text."""
        named_so = nearness(column.words, PRIVATE) > 0.5
        return named_so or column.name in self.personal or column.kind in ("email", "phone")


def grouped(samples: Iterable[Sample]) -> list[Table]:
    """One table for files whose names differ in numbers only, and whose columns are the same.

    Objects may lack what others have: of them the names alone decide.
    """
    groups: dict[tuple, list[Sample]] = {}
    for sample in sorted(samples, key=lambda sample: (sample.name, str(sample.options))):
        names = () if sample.objects else tuple(column.path for column in sample.columns)
        kind = (sample.format, str(sorted(sample.options.items())), sample.header_rows)
        groups.setdefault((_CHANGING.sub("*", sample.name), names, kind), []).append(sample)
    for shape in sorted(groups, key=lambda shape: len(shape[0])):
        # A correction is often named for what it corrects: `ledger_2025-12_again.csv`.
        for other in [other for other in groups if other != shape and other[1:] == shape[1:]]:
            if shape in groups and fnmatchcase(other[0], _starred(shape[0])):
                groups[shape] += groups.pop(other)
    for group in groups.values():
        group.sort(key=lambda sample: sample.name)
    used = {sample.name for group in groups.values() for sample in group}
    return [_table(group, used) for group in groups.values()]


def _starred(pattern: str) -> str:
    return re.sub(r"[*]([-_.][*])+", "*", pattern)


def _table(group: Sequence[Sample], used: set[str]) -> Table:
    first = group[0]
    names = sorted({sample.name for sample in group})
    if len(names) == 1:
        return Table(list(group), first.columns, escape(names[0]))
    if first.objects:
        all_objects = [found for sample in group for found in sample.objects]
        columns = columns_of(all_objects)
    else:
        columns = [
            replace(
                column,
                values=[v for s in group for v in s.columns[i].values],
                sizes=tuple(s.row_count for s in group),
            )
            for i, column in enumerate(first.columns)
        ]
    pattern = _starred(_CHANGING.sub("*", escape(names[0])))
    if not all(fnmatchcase(name, pattern) for name in names):
        pattern = _common(names)
    if any(fnmatchcase(name, pattern) for name in used - set(names)):
        pattern = _common(names)
    return Table(list(group), columns, pattern)


def _common(names: list[str]) -> str:
    """What differs among names, as one star."""
    start = 0
    while len({name[: start + 1] for name in names}) == 1:
        start += 1
    end = 0
    shortest = min(map(len, names)) - start
    while end < shortest and len({name[-end - 1 :] for name in names}) == 1:
        end += 1
    return escape(names[0][:start]) + "*" + escape(names[0][len(names[0]) - end :])
