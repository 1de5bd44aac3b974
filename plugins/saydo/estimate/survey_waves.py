"""Answers of each wave, weighted to the customers of its month.

A wave is the answers to one question role in one month. All is done on cells: answers of a wave
with the same attributes and design weight are one row, and have one weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saydo.config import Policy
from saydo.estimate.raking import Raking, collapse, rake

CUSTOMERS = "int_active_customers_summarised_to_cells"
INVITATIONS = "int_survey_invitations_summarised_to_cells"
ANSWERS = "int_survey_answers_summarised_to_cells"
REPEATS = "int_survey_repeats_summarised_to_cells"


@dataclass(frozen=True)
class Levels:
    """Levels of columns in order, and of each table's rows the number of theirs, (rows,)."""

    names: list[tuple[Any, ...]]
    of_rows: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Margin:
    """A margin of one wave. Per level with customers or answers, each (levels,).

    `levels` are numbers of `Levels.names`, `groups` says which were raked as one, `of_cells` the
    position of each of the wave's cells, (cells,).
    """

    attribute: str
    levels: np.ndarray
    targets: np.ndarray
    groups: np.ndarray
    of_cells: np.ndarray

    @property
    def is_collapsed(self) -> np.ndarray:
        """Whether a level was raked together with another, (levels,)."""
        return np.bincount(self.groups)[self.groups] > 1


@dataclass(frozen=True)
class Wave:
    """One wave: its rows of the answers, its margins, and the weights that these gave."""

    month: date
    role: str
    cells: np.ndarray
    margins: tuple[Margin, ...]
    raking: Raking


def numbers(table: pa.Table, column: str) -> np.ndarray:
    """A column of counts or sums, (rows,)."""
    return table.column(column).cast(pa.float64()).to_numpy()


def levels_of(tables: Mapping[str, pa.Table], *columns: str) -> Levels:
    """The levels that columns have together, in order, over all tables; of no column there is one.

    Each name is a tuple, with a value per column.
    """
    row_counts = [table.num_rows for table in tables.values()]
    numbers_of = np.zeros(sum(row_counts), dtype=np.int64)
    values: list[list[Any]] = []
    for column in columns:
        joined = pa.chunked_array(
            [chunk for table in tables.values() for chunk in table.column(column).chunks],
            next(iter(tables.values())).schema.field(column).type,
        )
        encoded = pc.dictionary_encode(joined.combine_chunks())
        order = pc.sort_indices(encoded.dictionary).to_numpy()
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order), dtype=order.dtype)
        values.append(encoded.dictionary.take(pa.array(order)).to_pylist())
        numbers_of = numbers_of * len(order) + rank[encoded.indices.to_numpy()].astype(np.int64)
    found, numbered = np.unique(numbers_of, return_inverse=True)
    names = [()] if not columns else []
    for number in found if columns else ():
        name = []
        for known in reversed(values):
            number, at = divmod(int(number), len(known))
            name.append(known[at])
        names.append(tuple(reversed(name)))
    parts = np.split(numbered, np.cumsum(row_counts)[:-1])
    return Levels(names, dict(zip(tables, parts, strict=True)))


def weighted_waves(sums: Mapping[str, pa.Table], policy: Policy) -> list[Wave]:
    """Rake each wave to the active customers of its month, by month and role.

    Args:
        sums: the tables CUSTOMERS and ANSWERS, by attributes of the policy's margins.
        policy: margins, limits and tolerance.
    """
    tables = {name: sums[name] for name in (CUSTOMERS, ANSWERS)}
    answers = sums[ANSWERS]
    months = levels_of(tables, "month_start_date")
    margins = {name: levels_of(tables, name) for name in policy.weighting.margins}
    customers = numbers(sums[CUSTOMERS], "customer_count")
    population = {
        name: np.bincount(
            months.of_rows[CUSTOMERS] * len(margin.names) + margin.of_rows[CUSTOMERS],
            customers,
            len(months.names) * len(margin.names),
        ).reshape(len(months.names), len(margin.names))
        for name, margin in margins.items()
    }
    counts, design = numbers(answers, "answer_count"), numbers(answers, "design_weight")
    if not answers.num_rows:
        return []
    wave_of = levels_of({ANSWERS: answers}, "month_start_date", "question_role")
    order = np.argsort(wave_of.of_rows[ANSWERS], kind="stable")
    ends = np.cumsum(np.bincount(wave_of.of_rows[ANSWERS], minlength=len(wave_of.names)))
    found = []
    for (month, role), cells in zip(wave_of.names, np.split(order, ends[:-1]), strict=True):
        of_month = months.of_rows[ANSWERS][cells[0]]
        fitted = tuple(
            _margin(
                name,
                population[name][of_month],
                margin.of_rows[ANSWERS][cells],
                counts[cells],
                policy.weighting.min_level_answers,
            )
            for name, margin in margins.items()
        )
        raking = _rake(counts[cells], design[cells], fitted, policy)
        found.append(Wave(month, role, cells, fitted, raking))
    return found


def weights_of(waves: list[Wave], cell_count: int) -> np.ndarray:
    """Weight of an answer of each row of the answers, (cells,)."""
    weights = np.zeros(cell_count)
    for wave in waves:
        weights[wave.cells] = wave.raking.weights
    return weights


def _margin(
    attribute: str, population: np.ndarray, levels: np.ndarray, counts: np.ndarray, least: int
) -> Margin:
    answers = np.bincount(levels, counts, len(population))
    present = np.flatnonzero((population > 0) | (answers > 0))
    targets = population[present] / population.sum()
    groups = collapse(answers[present], targets, least)
    return Margin(attribute, present, targets, groups, np.searchsorted(present, levels))


def _rake(
    counts: np.ndarray, design: np.ndarray, margins: tuple[Margin, ...], policy: Policy
) -> Raking:
    return rake(
        counts,
        design,
        [margin.groups[margin.of_cells] for margin in margins],
        [np.bincount(margin.groups, margin.targets) for margin in margins],
        tolerance=policy.weighting.tolerance,
        max_iterations=policy.weighting.max_iterations,
        max_weight=policy.weighting.max_weight,
    )
