"""Overlaps and outcomes against golden figures, SciPy and statsmodels, and the table of circles."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact, hypergeom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from saydo.config import Policy
from saydo.estimate.circles import circles, overlap, phi
from saydo.estimate.intervals import wilson
from saydo.estimate.success_circles import CELLS, SUCCESS_CIRCLES

DAY = date(2025, 12, 31)


def cells_of(total, *sizes):
    """Cells of sets A, B, C from the sizes of A, B, C, AB, AC, BC, ABC."""
    a, b, c, ab, ac, bc, abc = sizes
    of = {
        (1, 1, 1): abc, (1, 1, 0): ab - abc, (1, 0, 1): ac - abc, (0, 1, 1): bc - abc,
        (1, 0, 0): a - ab - ac + abc, (0, 1, 0): b - ab - bc + abc, (0, 0, 1): c - ac - bc + abc,
    }  # fmt: skip
    of[0, 0, 0] = total - sum(of.values())
    return np.array(list(of), dtype=bool), np.array(list(of.values()))


def exact_tail(one: int, other: int, both: int, total: int = 1000) -> float:
    """Chance of so large an overlap, as a fraction of whole numbers."""
    ways = sum(comb(one, n) * comb(total - one, other - n) for n in range(both, other + 1))
    return float(Fraction(ways, comb(total, other)))


def test_golden_overlaps_are_as_defined():
    cells, counts = cells_of(1000, 300, 200, 100, 90, 45, 30, 20)
    hits = np.where(cells.all(axis=1), 14, 0)
    hits[-1] = 196
    found = {circle.members: circle for circle in circles(cells, counts, hits)}
    several = [found[members] for members in ((0, 1), (0, 2), (1, 2), (0, 1, 2))]
    assert [circle.expected_count for circle in several] == pytest.approx([60, 30, 20, 6])
    assert [circle.lift for circle in several] == pytest.approx([1.5, 1.5, 1.5, 10 / 3])
    assert [circle.tail_p for circle in several] == pytest.approx(
        [3.437191e-07, 5.922611e-04, 7.877460e-03, 4.713256e-06], rel=2e-7
    )
    assert [circle.tail_p for circle in several[:3]] == pytest.approx(
        [exact_tail(300, 200, 90), exact_tail(300, 100, 45), exact_tail(200, 100, 30)], rel=1e-12
    )
    inside = found[0, 1, 2]
    assert [inside.ci_low, inside.ci_high] == pytest.approx([0.481027, 0.854523], abs=1e-6)
    assert [inside.difference_low, inside.difference_high] == pytest.approx(
        [0.279466, 0.656353], abs=1e-6
    )
    assert inside.difference == pytest.approx(0.5)
    assert not any(circle.is_redundant for circle in found.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=8, max_size=8))
def test_any_cells_are_counted_as_scipy_and_statsmodels_say(drawn):
    cells = np.array(list(product([False, True], repeat=3)))
    counts = np.array([max(pair) for pair in drawn])
    hits = np.array([min(pair) for pair in drawn])
    total, all_hits = counts.sum(), hits.sum()
    for circle in circles(cells, counts, hits):
        rows = [n for n, cell in enumerate(cells) if all(cell[m] for m in circle.members)]
        count, hit = counts[rows].sum(), hits[rows].sum()
        assert (circle.count, circle.hits) == (count, hit)
        sizes = [counts[cells[:, member]].sum() for member in circle.members]
        if len(sizes) == 1 or not all(sizes):
            assert circle.tail_p is circle.lift is None
        elif len(sizes) == 2:
            assert circle.tail_p == pytest.approx(hypergeom(total, *sizes).sf(count - 1))
        else:
            chance = np.prod(np.array(sizes) / total)
            told = binomtest(int(count), int(total), chance, alternative="greater").pvalue
            assert circle.tail_p == pytest.approx(told)
        if not count:
            assert circle.ratio is circle.difference is circle.outcome_p is None
            continue
        assert [circle.ci_low, circle.ci_high] == pytest.approx(
            proportion_confint(hit, count, method="wilson")
        )
        if count == total:
            assert circle.difference is circle.outcome_p is None
            continue
        others = (all_hits - hit, total - count)
        assert [circle.difference_low, circle.difference_high] == pytest.approx(
            confint_proportions_2indep(hit, count, *others, compare="diff", method="newcomb"),
            abs=1e-9,
        )
        table = [[hit, count - hit], [others[0], others[1] - others[0]]]
        if 0 < all_hits < total:
            tails = [fisher_exact(table, alternative=way).pvalue for way in ("less", "greater")]
            assert circle.outcome_p == pytest.approx(min(1, 2 * min(tails)))
        else:
            assert circle.outcome_p is None


def test_phi_is_the_correlation_of_belonging():
    one, other = np.array([1, 1, 1, 0, 0, 0, 0, 1]), np.array([1, 1, 0, 0, 1, 0, 0, 1])
    both = float((one & other).sum())
    assert phi(both, one.sum(), other.sum(), 8) == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert phi(3, 8, 3, 8) == 0  # everybody is in the first


def test_nobody_overlaps_with_nobody():
    assert overlap(0, np.array([0, 5]), 10) == (None, None)
    assert overlap(0, np.array([0, 0]), 0) == (None, None)
    assert np.isnan(wilson(np.array([0.0]), np.array([0.0]))[0][0])


def table(cells, counts, hits, codes="a, b, c") -> pa.Table:
    sets = np.zeros((len(counts), 6), dtype=int)
    sets[:, : cells.shape[1]] = cells
    told = {
        "bet_code": "bet", "version": 1, "owner": "us", "why": "so", "bet_outcome": "o",
        "horizon_months": 3, "set_codes": codes, "evidence": "e", "cut_off_date": DAY,
    }  # fmt: skip
    return pa.Table.from_pylist(
        [
            told
            | {f"set_{n + 1}": int(row[n]) for n in range(6)}
            | {"customer_count": int(count), "outcome_count": int(hit)}
            for row, count, hit in zip(sets, counts, hits, strict=True)
        ]
    )


def judged(*arguments) -> dict[str, dict]:
    told = SUCCESS_CIRCLES.run({CELLS: table(*arguments)}, Policy(), DAY).table
    return {row["set_codes"]: row for row in told.cast(SUCCESS_CIRCLES.schema).to_pylist()}


def test_a_bet_has_every_combination_and_chances_adjusted_over_them():
    cells, counts = cells_of(1000, 300, 200, 100, 90, 45, 30, 20)
    hits = np.where(cells.all(axis=1), 14, counts // 5)
    rows = judged(cells, counts, hits)
    assert set(rows) == {
        " & ".join(part) for size in (1, 2, 3) for part in combinations("abc", size)
    }
    several = [row for row in rows.values() if row["set_count"] > 1]
    for chance in ("tail_p", "outcome_p"):
        adjusted = {"tail_p": "adjusted_p", "outcome_p": "outcome_adjusted_p"}[chance]
        told = multipletests([row[chance] for row in several], method="fdr_bh")[1]
        assert [row[adjusted] for row in several] == pytest.approx(list(told))
    assert rows["a & b & c"]["verdict"] == "proven"
    assert {rows[name]["verdict"] for name in "abc"} == {"evidence"}


def test_an_outcome_that_is_rarer_inside_contradicts_the_bet():
    cells, counts = cells_of(1000, 300, 200, 100, 90, 45, 30, 20)
    hits = np.where(cells[:, 0] & cells[:, 1], counts // 20, counts // 2)
    assert judged(cells, counts, hits)["a & b"]["verdict"] == "contradicted"


def test_sets_that_repeat_each_other_prove_nothing():
    cells = np.array([[True, True], [False, False], [True, False]])
    rows = judged(cells, np.array([100, 880, 20]), np.array([80, 100, 10]), "a, b")
    assert rows["a & b"]["is_redundant"] and rows["a & b"]["verdict"] == "not_shown"


@pytest.mark.parametrize("hits", [0, 1])
def test_a_bet_about_nobody_or_with_one_outcome_for_all_is_not_measurable(hits):
    cells, counts = cells_of(1000, 300, 200, 100, 90, 45, 30, 20)
    assert judged(cells, counts, counts * hits)["a & b"]["verdict"] == "not_measurable"
    nobody = judged(np.zeros((1, 3), dtype=bool), np.array([0]), np.array([0]))
    assert nobody["a & b & c"]["verdict"] == "not_measurable"
    assert nobody["a"]["customer_count"] == 0 and nobody["a"]["outcome_ratio"] is None


def test_a_bet_without_truth_is_proven_in_at_most_one_world_of_twenty():
    """Sets that depend on each other as strongly as they may, and an outcome of nobody's doing."""
    rng = np.random.default_rng(16)
    proven = 0
    for _ in range(120):
        trait = rng.normal(size=2000)
        inside = trait[:, None] + rng.normal(size=(2000, 4)) > 1.2
        outcome = rng.random(2000) < 0.15
        cells, cell = np.unique(inside, axis=0, return_inverse=True)
        counts = np.bincount(cell.ravel())
        hits = np.bincount(cell.ravel(), outcome).astype(int)
        rows = judged(cells, counts, hits, "a, b, c, d")
        proven += any(row["verdict"] == "proven" for row in rows.values())
    assert proven <= 6
