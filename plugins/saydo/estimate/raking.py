"""Raking: weights under which a sample has the margins of the population it speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Raking again lifts weights a little above the cap, and each round less. What is above it after
# these rounds stays, and max_weight tells it.
_TRIMMING_ROUNDS = 20
_ABOVE_CAP = 1.01


@dataclass(frozen=True)
class Raking:
    """The weights of the answers of each cell, and how they were found.

    `weights` has one weight per cell; over all answers their mean is 1. `is_converged` says that
    after `iteration_count` passes over all margins every level has its share, within the tolerance.
    """

    weights: np.ndarray
    iteration_count: int
    is_converged: bool


def rake(
    counts: np.ndarray,
    design: np.ndarray,
    levels: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    *,
    tolerance: float,
    max_iterations: int,
    max_weight: float | None = None,
) -> Raking:
    """Iterative proportional fitting on cells, from design weights: w = d x m_fit / m_sample.

    Weights above the cap are cut to it and the rest is raked again, until the margins hold and no
    weight is above the cap. Deming and Stephan, Annals of Mathematical Statistics 11 (1940).

    Args:
        counts: answers of each cell, (cells,), all above 0.
        design: design weight of an answer of each cell, (cells,), all above 0.
        levels: for each margin the level of each cell, (cells,), from 0.
        targets: for each margin the population's share of each level, (levels,), summing to 1.
        tolerance: how far a level's weighted share may be off its target.
        max_iterations: passes over all margins, those after trimming included.
        max_weight: the cap, as a multiple of the mean weight; None trims nothing.

    Raises:
        ValueError: a level with a positive target has no answer, so no weight can reach it.
    """
    _check_reachable(counts, levels, targets)
    total = counts.sum()
    masses = counts * design
    masses = masses * (total / masses.sum())
    masses, used, converged = _fit(masses, levels, targets, tolerance, max_iterations)
    for _ in range(_TRIMMING_ROUNDS if max_weight else 0):
        if not converged or (masses / counts).max() <= max_weight * _ABOVE_CAP:
            break
        trimmed = np.minimum(masses, max_weight * counts)
        left = max_iterations - used
        masses, more, converged = _fit(trimmed, levels, targets, tolerance, left)
        used += more
    return Raking(masses / counts, used, converged)


def collapse(answers: np.ndarray, targets: np.ndarray, least: int) -> np.ndarray:
    """Pool the levels of one margin that too few answers speak for.

    All sparse levels become one; with too few answers still, it takes in the level that has the
    fewest of the others, and so on. A level that only the sample has is sparse, too.

    Args:
        answers: answers of each level, (levels,).
        targets: the population's share of each level, (levels,).
        least: answers that a level needs to stand alone.

    Returns:
        The group of each level, (levels,), numbered from 0 without gaps; levels of one number are
        one level to the raking.
    """
    is_pooled = (answers < least) | (targets <= 0)
    if is_pooled.any():
        for level in np.argsort(answers, kind="stable"):
            if answers[is_pooled].sum() >= least and targets[is_pooled].sum() > 0:
                break
            is_pooled[level] = True
    first = int(np.argmax(is_pooled))
    own = np.where(is_pooled, first, np.arange(len(answers)))
    return np.unique(own, return_inverse=True)[1]


def shares(masses: np.ndarray, levels: np.ndarray, level_count: int) -> np.ndarray:
    """Share of each level in the masses of cells, (level_count,)."""
    return np.bincount(levels, masses, level_count) / masses.sum()


def _fit(
    masses: np.ndarray,
    levels: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    tolerance: float,
    max_iterations: int,
) -> tuple[np.ndarray, int, bool]:
    total = masses.sum()
    for done in range(max_iterations + 1):
        off = [
            np.abs(shares(masses, level, len(target)) - target).max()
            for level, target in zip(levels, targets, strict=True)
        ]
        if max(off, default=0.0) <= tolerance:
            return masses, done, True
        if done == max_iterations:
            break
        for level, target in zip(levels, targets, strict=True):
            sums = np.bincount(level, masses, len(target))
            factors = np.divide(target * total, sums, out=np.zeros_like(sums), where=sums > 0)
            masses = masses * factors[level]
    return masses, max_iterations, False


def _check_reachable(
    counts: np.ndarray, levels: Sequence[np.ndarray], targets: Sequence[np.ndarray]
) -> None:
    for number, (level, target) in enumerate(zip(levels, targets, strict=True)):
        empty = np.flatnonzero((np.bincount(level, counts, len(target)) == 0) & (target > 0))
        if empty.size:
            raise ValueError(
                f"margin {number}, level {empty[0]}: {target[empty[0]]:.4f} of the population and "
                "no answer; no weight can reach it. Collapse it with another level first"
            )
