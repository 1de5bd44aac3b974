"""Differences within strata against oracles written apart, and the table of groups."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import chi2

from saydo.config import Policy
from saydo.estimate.differences import stratified_difference
from saydo.estimate.survey_groups_monthly import CELLS, SURVEY_GROUPS_MONTHLY

Z = 1.959964
# (hits, count, other hits, other count) of a stratum
STRATUM = st.tuples(
    st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)
).map(lambda drawn: (min(drawn[:2]), drawn[1], min(drawn[2:]), drawn[3]))
TABLES = st.lists(STRATUM, min_size=1, max_size=5)


def difference(*strata):
    return stratified_difference(*np.array(strata, dtype=float).T)


def both(strata):
    return [stratum for stratum in strata if stratum[1] and stratum[3]]


def exact_difference(strata) -> Fraction:
    """The fraction itself, stratum by stratum."""
    above = below = Fraction(0)
    for hits, count, other_hits, other_count in both(strata):
        weight = Fraction(count * other_count, count + other_count)
        above += weight * (Fraction(hits, count) - Fraction(other_hits, other_count))
        below += weight
    return above / below


def score(strata, tried: float) -> float:
    """Standard errors that the difference is off `tried`; the likeliest shares are searched for."""
    total = variance = 0.0
    for hits, count, other_hits, other_count in both(strata):

        def unlikely(share, hits=hits, count=count, other_hits=other_hits, other=other_count):
            return -(
                xlogy(hits, share + tried)
                + xlogy(count - hits, 1 - share - tried)
                + xlogy(other_hits, share)
                + xlogy(other - other_hits, 1 - share)
            )

        ends = (max(0, -tried), min(1, 1 - tried))
        found = minimize_scalar(unlikely, bounds=ends, options={"xatol": 1e-10}).x
        size, weight = count + other_count, count * other_count / (count + other_count)
        spread = (found + tried) * (1 - found - tried) / count + found * (1 - found) / other_count
        variance += weight**2 * spread * size / (size - 1)
        total += weight
    return (float(exact_difference(strata)) - tried) * total / variance**0.5


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_the_difference_is_that_of_the_fractions_and_lies_in_its_interval(strata):
    told = difference(*strata)
    if not both(strata):
        assert told is None
        return
    assert told.value == pytest.approx(float(exact_difference(strata)), abs=1e-12)
    assert -1 <= told.low <= told.value <= told.high <= 1 and 0 <= told.p_value <= 1
    if abs(told.p_value - 0.05) > 1e-6:
        assert (told.p_value < 0.05) == (not told.low <= 0 <= told.high)


@settings(max_examples=100, deadline=None)
@given(TABLES.filter(both))
def test_strata_have_no_order_groups_change_places_and_a_group_alone_says_nothing(strata):
    told = difference(*strata)
    again = difference(*reversed(strata), (7, 9, 0, 0), (0, 0, 3, 4))
    turned = difference(*((row[2], row[3], row[0], row[1]) for row in strata))
    figures = (told.value, told.low, told.high, told.p_value)
    assert figures == pytest.approx((again.value, again.low, again.high, again.p_value), abs=1e-9)
    assert figures == pytest.approx(
        (-turned.value, -turned.high, -turned.low, turned.p_value), abs=1e-6
    )


@settings(max_examples=100, deadline=None)
@given(TABLES.filter(both))
def test_an_interval_ends_where_the_score_test_refuses(strata):
    told = difference(*strata)
    if told.value > -1:
        assert score(strata, told.low) == pytest.approx(Z, abs=1e-3)
    if told.value < 1:
        assert score(strata, told.high) == pytest.approx(-Z, abs=1e-3)


@settings(max_examples=100, deadline=None)
@given(TABLES.filter(both))
def test_the_p_value_is_that_of_cochran_mantel_and_haenszel(strata):
    off = variance = 0.0
    for hits, count, other_hits, other_count in both(strata):
        size, did = count + other_count, hits + other_hits
        off += hits - count * did / size
        variance += count * other_count * did * (size - did) / (size**2 * (size - 1))
    expected = chi2.sf(off**2 / variance, 1) if variance else 1.0
    assert difference(*strata).p_value == pytest.approx(expected, abs=1e-9)


def test_published_intervals_are_found_again():
    # Newcombe, Statistics in Medicine 17 (1998), table II, method 6.
    for stratum, low, high in (
        ((56, 70, 48, 80), 0.0528, 0.3382),
        ((9, 10, 3, 10), 0.1700, 0.8406),
    ):
        told = difference(stratum)
        assert (told.low, told.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("shares", "apart", "counts", "others"),
    [
        ((0.9, 0.7), 0.03, (300, 120), (60, 50)),  # asked and not asked in unequal parts
        ((0.97, 0.95), 0.0, (1000, 120), (80, 8)),  # few leave, of a small control hardly any
        ((0.9, 0.6, 0.4), -0.1, (200, 80, 40), (40, 60, 40)),
    ],
)
def test_95_of_100_intervals_hold_the_difference_that_was_planted(shares, apart, counts, others):
    rng = np.random.default_rng(8)
    shares, counts, others = np.array(shares), np.array(counts), np.array(others)
    held = pooled = 0
    for _ in range(1000):
        hits, other_hits = rng.binomial(counts, shares + apart), rng.binomial(others, shares)
        told = stratified_difference(*map(np.float64, (hits, counts, other_hits, others)))
        held += told.low <= apart <= told.high
        crude = stratified_difference(
            *(np.array([part.sum()], dtype=float) for part in (hits, counts, other_hits, others))
        )
        pooled += crude.low <= apart <= crude.high
    assert 920 <= held <= 980
    # Strata thrown together would mistake who was drawn for what asking does.
    assert pooled < held or apart == 0


def cell(group: str, paying: int, staying: int | None, **values):
    return {
        "month_start_date": date(2025, 1, 1), "group_type": group, "survey_code": "tracker",
        "design_weight": 2.0, "draw_count": 1, "customer_count": paying + 1, "paying_count": paying,
        "staying_count": staying, "total_mrr": 10.0 * paying,
        "total_mrr_after": None if staying is None else 11.0 * staying,
        "is_pending": staying is None,
    } | values  # fmt: skip


def estimated(*cells):
    types = pa.schema(
        [("month_start_date", pa.date32()), ("group_type", pa.string()),
         ("survey_code", pa.string()), ("design_weight", pa.decimal128(18, 6)),
         ("draw_count", pa.int64()), ("customer_count", pa.int64()), ("paying_count", pa.int64()),
         ("staying_count", pa.int64()), ("total_mrr", pa.decimal128(38, 2)),
         ("total_mrr_after", pa.decimal128(38, 2)), ("is_pending", pa.bool_())]
    )  # fmt: skip
    columns = {
        field.name: pa.array([row[field.name] for row in cells]).cast(field.type)
        if cells
        else pa.array([], field.type)
        for field in types
    }
    table = pa.table(columns, schema=types)
    made = SURVEY_GROUPS_MONTHLY.run({CELLS: table}, Policy(), date(2025, 12, 31))
    assert made.table.schema == SURVEY_GROUPS_MONTHLY.schema
    rows = made.table.to_pylist()
    return {(row["month_start_date"].month, row["group_type"]): row for row in rows}


def test_the_invited_are_both_and_are_compared_within_a_stratum():
    rows = estimated(
        cell("answered", 100, 95), cell("silent", 80, 70), cell("not_sampled", 50, 45),
        cell("answered", 20, 10, design_weight=1.25),
        cell("not_sampled", 30, 15, design_weight=1.25),
        cell("silent", 40, 0, survey_code="no control"), cell("answered", 9, 0, draw_count=2),
    )  # fmt: skip
    invited = rows[1, "invited"]
    told = difference((165, 180, 45, 50), (10, 20, 15, 30), (0, 40, 0, 0), (0, 9, 0, 0))
    assert (invited["customer_count"], invited["paying_count"]) == (254, 249)
    assert invited["staying_count"] == 175 and invited["stay_ratio"] == pytest.approx(175 / 249)
    assert invited["stay_difference"] == pytest.approx(told.value)
    assert invited["stay_difference_low"] == pytest.approx(told.low)
    assert invited["stay_difference_high"] == pytest.approx(told.high)
    assert invited["stay_difference_p_value"] == pytest.approx(told.p_value)
    assert invited["total_mrr"] == 2490 and invited["total_mrr_after"] == 1925
    assert invited["mrr_change_ratio"] == pytest.approx(1925 / 2490 - 1)
    assert rows[1, "silent"]["stay_difference"] == pytest.approx(70 / 80 - 45 / 50)
    assert rows[1, "not_sampled"]["stay_difference"] is None
    assert rows[1, "not_sampled"]["stay_ratio"] == pytest.approx(60 / 80)


def test_nobody_pending_stays():
    rows = estimated(
        cell("answered", 40, None), cell("not_sampled", 29, None),
        cell("answered", 40, 39, month_start_date=date(2024, 12, 1)),
    )  # fmt: skip
    row = rows[1, "answered"]
    outcomes = [name for name in row if name.startswith("stay") or "after" in name]
    assert len(outcomes) == 9 and not any(row[name] is not None for name in outcomes)
    assert row["mrr_change_ratio"] is None and row["is_pending"] and not row["is_small_cell"]
    assert rows[1, "not_sampled"]["is_small_cell"]
    assert rows[12, "answered"]["stay_ratio"] == pytest.approx(39 / 40)


def test_without_a_control_nothing_is_compared_and_without_payers_nothing_is_shared():
    rows = estimated(cell("silent", 40, 39), cell("answered", 0, 0, total_mrr=0.0))
    assert rows.keys() == {(1, "answered"), (1, "silent"), (1, "invited")}
    for row in rows.values():
        assert row["stay_difference"] is row["stay_difference_low"] is None
    assert rows[1, "answered"]["stay_ratio"] is rows[1, "answered"]["mrr_change_ratio"] is None
    assert rows[1, "silent"]["stay_ratio"] == pytest.approx(39 / 40)


def test_of_no_draws_there_is_an_empty_table():
    assert estimated() == {}
