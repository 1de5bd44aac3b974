"""The estimate `segment_effects`: slopes by segment, from one regression, drawn together."""

from __future__ import annotations

import numpy as np
import pyfixest
import pytest
from chain_sums import group_of
from chain_worlds import estimated, policy_of, tables_of
from hypothesis import given
from hypothesis import strategies as st
from planted import World, plant
from pyfixest.demeaners import MapDemeaner

from saydo.estimate.chain import reasons
from saydo.estimate.chain.jackknife import infer
from saydo.estimate.chain.segments import slopes_of_segments
from saydo.estimate.chain.shrinkage import shrink
from saydo.estimate.chain.sums import EVERYBODY, read_samples
from saydo.estimate.segment_effects import SEGMENT_EFFECTS

REGRESSORS = ("below", "above", "service")


@pytest.fixture(scope="module")
def panel():
    """Those of the plan `max` spend 1 less a month per point below the edge; `rare` has few."""
    panel = plant(4, World(customers=2000))
    unhappy = np.minimum(panel["satisfaction"] - 6, 0)
    panel["revenue"] += np.where(panel["plan_code"] == "max", 1.0, 0.0) * unhappy
    few = panel["customer_id"] < "c000030"
    return panel.assign(plan_code=panel["plan_code"].mask(few, "rare"))


@pytest.fixture(scope="module")
def tables(panel):
    return tables_of(panel, only={"spending", "spending_leads"})


def test_slopes_of_segments_are_those_of_one_regression_with_interactions(panel, tables):
    samples = read_samples(tables)
    segments = {key[2]: s for key, s in samples.items() if key[:2] == ("spending", "plan_code")}
    ours = slopes_of_segments(
        samples["spending", *EVERYBODY], [*segments.values()], "revenue", REGRESSORS
    )
    rows = panel.dropna(subset=["revenue"]).assign(
        below=lambda rows: np.minimum(rows["satisfaction"] - 6, 0),
        above=lambda rows: np.maximum(rows["satisfaction"] - 6, 0),
    )
    names = []
    for code in segments:
        for name in REGRESSORS:
            rows[f"{name}_{code}"] = rows[name] * (rows["plan_code"] == code)
            names.append(f"{name}_{code}")
    rows["customer_group"] = rows["customer_id"].map(group_of)
    theirs = pyfixest.feols(
        f"revenue ~ {' + '.join(names)} | customer_id + month_start_date", rows,
        vcov={"CRV1": "customer_group"}, demeaner=MapDemeaner(fixef_tol=1e-12),
    )  # fmt: skip
    for code, slopes in zip(segments, ours, strict=True):
        for name in REGRESSORS:
            told = infer(slopes.of[name])
            assert told.estimate == pytest.approx(theirs.coef()[f"{name}_{code}"], rel=1e-6)
            if code != "rare":
                error = theirs.se()[f"{name}_{code}"]
                assert told.standard_error == pytest.approx(error, rel=0.02)


def test_the_segment_that_spends_less_when_unhappy_is_found_and_the_rare_one_is_not(tables):
    rows = estimated(SEGMENT_EFFECTS, tables)
    key = ("link", "band", "segment_type", "segment_code")
    found = {tuple(row[name] for name in key): row for row in rows}
    assert len(found) == len(rows) == 2 * 2 * 4
    below = {
        code: found["satisfaction_to_revenue", "below_edge", "plan_code", code]
        for code in ("basic", "plus", "max", "rare")
    }
    for code, truth in (("basic", 2.0), ("plus", 2.0), ("max", 3.0)):
        row = below[code]
        assert abs(row["segment_estimate"] - truth) <= 3 * row["segment_standard_error"]
        assert row["is_publishable"] and row["adjusted_p_value"] < 0.001
        drawn = sorted((row["segment_estimate"], row["common_estimate"]))
        assert drawn[0] <= row["estimate"] <= drawn[1]
        assert row["ci_low"] < row["estimate"] < row["ci_high"]
    assert below["max"]["estimate"] > below["basic"]["estimate"] + 0.5
    rare = below["rare"]
    assert rare["not_publishable_reason"] == reasons.FEW_IN_SEGMENT
    assert rare["estimate"] is rare["segment_estimate"] is rare["adjusted_p_value"] is None


def test_no_segment_is_told_of_a_link_that_is_not_ready(panel):
    rows = estimated(SEGMENT_EFFECTS, tables_of(panel.assign(revenue=0.0)))
    of_revenue = [row for row in rows if row["outcome_code"] == "revenue"]
    assert {row["not_publishable_reason"] for row in of_revenue} == {
        reasons.never_varies("revenue")
    }
    assert all(row["estimate"] is None for row in of_revenue)
    assert not estimated(SEGMENT_EFFECTS, tables_of(panel.head(0)))
    few = estimated(SEGMENT_EFFECTS, tables_of(panel), policy_of(min_customers=100000))
    assert {row["not_publishable_reason"] for row in few} == {reasons.FEW_CUSTOMERS}


def test_equal_segments_are_drawn_to_their_mean_and_unlike_ones_are_left():
    alike = shrink(np.array([1.0, 1.1, 0.9]), np.array([0.5, 0.5, 0.5]))
    assert alike.estimates == pytest.approx([1, 1, 1]) and (alike.kept == 0).all()
    assert alike.errors == pytest.approx([0.5 / np.sqrt(3)] * 3)
    unlike = shrink(np.array([1.0, 9.0]), np.array([0.01, 0.01]))
    assert unlike.estimates == pytest.approx([1, 9], abs=1e-4)
    one = shrink(np.array([2.0]), np.array([0.3]))
    assert (one.estimates[0], one.errors[0]) == pytest.approx((2.0, 0.3))


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.05, 3)), min_size=1, max_size=12),
    st.floats(0.1, 100),
    st.floats(-10, 10),
)
def test_shrinking_keeps_between_own_and_common_and_knows_no_unit(segments, scale, shift):
    own, errors = np.array(segments).T
    drawn = shrink(own, errors)
    low, high = np.minimum(own, drawn.common), np.maximum(own, drawn.common)
    assert ((low - 1e-9 <= drawn.estimates) & (drawn.estimates <= high + 1e-9)).all()
    assert (drawn.errors <= errors + 1e-9).all()
    again = shrink(own * scale + shift, errors * scale)
    assert again.estimates == pytest.approx(
        drawn.estimates * scale + shift, rel=1e-4, abs=1e-4 * scale
    )
