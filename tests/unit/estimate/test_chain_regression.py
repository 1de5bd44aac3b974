"""Least squares from sums by group: held to pyfixest, statsmodels and a published example."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyfixest
import pytest
import statsmodels.api as statsmodels
from chain_sums import chain_tables, group_of, tilted_weights
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.datasets import wage_panel
from planted import World, plant
from pyfixest.demeaners import MapDemeaner

from saydo.config import Policy
from saydo.config.chain import Sample, chain_samples
from saydo.estimate.chain.jackknife import covariance, infer
from saydo.estimate.chain.regression import fit, pooled_moments, within_moments
from saydo.estimate.chain.sums import EVERYBODY, read_samples

TENURES = (6, 12)
SAMPLES = {s.code: s for s in chain_samples(Policy().chain, ["drops", "speed"], TENURES)}
EXACT = MapDemeaner(fixef_tol=1e-12)
SLOPES = {"below": ("below",), "above": ("above",), "service": ("service",)}


@pytest.fixture(scope="module")
def panel():
    return plant(7)


def sample(panel: pd.DataFrame, declared: Sample):
    tenures = TENURES if "months_since_acquisition" in panel else ()
    tables = chain_tables(panel, [declared], tenures=tenures)
    return read_samples(tables)[(declared.code, *EVERYBODY)]


def own(*names: str):
    return {name: (name,) for name in names}


def with_slopes(panel):
    return panel.assign(
        below=np.minimum(panel["satisfaction"] - 6, 0),
        above=np.maximum(panel["satisfaction"] - 6, 0),
    )


@pytest.mark.parametrize(
    ("code", "formula", "regressors"),
    [
        ("satisfaction", "satisfaction ~ service + service_before",
         own("service", "service_before")),
        ("spending", "revenue ~ below + above + service", SLOPES),
        ("spending", "revenue ~ satisfaction + service",
         {"satisfaction": ("below", "above"), "service": ("service",)}),
        ("parts", "satisfaction ~ kpi_drops + kpi_speed", own("kpi_drops", "kpi_speed")),
        ("spending_leads", "new_services ~ below + above + service + service_after + service_later",
         SLOPES | own("service_after", "service_later")),
    ],
)  # fmt: skip
def test_coefficients_of_unbalanced_panels_are_pyfixests_and_so_are_errors_by_group(
    panel, code, formula, regressors
):
    outcome = formula.split()[0]
    rows = with_slopes(panel).dropna(subset=[outcome])
    found = sample(panel, SAMPLES[code])
    ours = fit(within_moments(found), outcome, regressors)
    rows["customer_group"] = rows["customer_id"].map(group_of)
    theirs = pyfixest.feols(
        f"{formula} | customer_id + month_start_date", rows, vcov={"CRV1": "customer_group"},
        demeaner=EXACT,
    )  # fmt: skip
    pooled = fit(pooled_moments(found), outcome, regressors)
    beside = pyfixest.feols(f"{formula} | month_start_date", rows)
    for name in regressors:
        told = infer(ours.of(name))
        assert told.estimate == pytest.approx(theirs.coef()[name], rel=1e-6)
        assert told.standard_error == pytest.approx(theirs.se()[name], rel=0.01)
        assert pooled.of(name).estimate == pytest.approx(beside.coef()[name], rel=1e-6)


@pytest.mark.parametrize("code", ["satisfaction", "spending"])
def test_errors_are_within_a_tenth_of_those_clustered_by_customer(panel, code):
    outcome, names = ("revenue", SLOPES) if code == "spending" else (
        "satisfaction", own("service", "service_before"))  # fmt: skip
    rows = with_slopes(panel).dropna(subset=[outcome])
    ours = fit(within_moments(sample(panel, SAMPLES[code])), outcome, names)
    theirs = pyfixest.feols(
        f"{outcome} ~ {' + '.join(names)} | customer_id + month_start_date", rows,
        vcov={"CRV1": "customer_id"}, demeaner=EXACT,
    )  # fmt: skip
    for name in names:
        assert infer(ours.of(name)).standard_error == pytest.approx(theirs.se()[name], rel=0.1)


def test_tilted_answers_are_weighted_least_squares(panel):
    declared = SAMPLES["satisfaction_tilted_1"]
    ours = fit(
        within_moments(sample(panel, declared)), "satisfaction", own("service", "service_before")
    )
    weight = tilted_weights(panel, declared.tilt, 0.5)
    theirs = pyfixest.feols(
        "satisfaction ~ service + service_before | customer_id + month_start_date",
        panel.assign(weight=weight), weights="weight", demeaner=EXACT,
    )  # fmt: skip
    for name in ("service", "service_before"):
        assert ours.of(name).estimate == pytest.approx(theirs.coef()[name], rel=1e-6)


def test_the_jackknife_is_that_of_refitting_without_each_group(panel):
    few = panel[panel["customer_id"] < "c000400"]
    found = fit(within_moments(sample(few, SAMPLES["spending"])), "revenue", SLOPES)
    estimands = [found.of(name) for name in SLOPES]
    from chain_sums import group_of

    rows = with_slopes(few).dropna(subset=["revenue"])
    groups = rows["customer_id"].map(group_of)
    refits = np.array(
        [
            pyfixest.feols(
                "revenue ~ below + above + service | customer_id + month_start_date",
                rows[groups != group], demeaner=EXACT,
            ).coef()[list(SLOPES)]
            for group in sorted(groups.unique())[:10]
        ]
    )  # fmt: skip
    ours = np.stack([estimand.values[1:11] for estimand in estimands], axis=1)
    assert ours == pytest.approx(refits, rel=1e-6)
    count = groups.nunique()
    away = np.stack([e.values[1:] - e.values[0] for e in estimands])
    assert covariance(estimands) == pytest.approx((count - 1) / count * away @ away.T)


def test_the_wages_of_vella_and_verbeek_are_those_of_the_books():
    """Wooldridge, Introductory Econometrics, table 14.2; and in linearmodels' documentation."""
    wages = wage_panel.load()
    rows = wages.assign(
        customer_id=wages["nr"].astype(str),
        month_start_date=pd.to_datetime(wages["year"].astype(str) + "-01-01").dt.date,
        satisfaction=np.nan,
    )
    regressors = ("expersq", "union", "married")
    found = sample(rows, Sample("wages", ("lwage", *regressors)))
    within = fit(within_moments(found), "lwage", own(*regressors))
    printed = {"expersq": -0.0052, "union": 0.0800, "married": 0.0467}
    assert {name: round(within.of(name).estimate, 4) for name in regressors} == printed
    everybody = ("educ", "black", "hisp", "exper", *regressors)
    found = sample(rows, Sample("wages", ("lwage", *everybody)))
    pooled = fit(pooled_moments(found), "lwage", own(*everybody))
    printed = {
        "educ": 0.0913, "black": -0.1392, "hisp": 0.0160, "exper": 0.0672, "expersq": -0.0024,
        "union": 0.1825, "married": 0.1083,
    }  # fmt: skip
    assert {name: round(pooled.of(name).estimate, 4) for name in everybody} == printed


def hazard(panel):
    """The hazard's regressors on rows, by another way than sums."""
    rows = with_slopes(panel).sort_values(["customer_id", "month_start_date"])
    columns = {}
    for name in ("below", "above", "service"):
        mean = rows.groupby("customer_id")[name].expanding().mean().to_numpy()
        columns[f"{name}_deviation"], columns[f"{name}_mean"] = rows[name] - mean, mean
    for months in TENURES:
        columns[f"tenure_{months}"] = (rows["months_since_acquisition"] >= months).astype(float)
    seasons = pd.get_dummies(rows["month_start_date"].astype(str), dtype=float)
    return rows["churned"], pd.concat([pd.DataFrame(columns), seasons], axis=1)


def test_the_hazard_is_least_squares_and_near_the_mean_effect_of_a_logistic_one(panel):
    leaves, regressors = hazard(panel)
    names = SAMPLES["churn"].variables[1:]
    ours = fit(pooled_moments(sample(panel, SAMPLES["churn"])), "churned", own(*names))
    linear = statsmodels.OLS(leaves, regressors).fit()
    for name in names:
        assert ours.of(name).estimate == pytest.approx(linear.params[name], abs=1e-8)
    logistic = statsmodels.Logit(leaves, regressors).fit(disp=False, maxiter=100)
    curve, score = logistic.predict() * (1 - logistic.predict()), panel["satisfaction"].to_numpy()
    for name, whose in (("below", score < 6), ("above", score > 6), ("service", score > -9)):
        told = infer(ours.of(f"{name}_deviation"))
        mean_effect = logistic.params[f"{name}_deviation"] * curve[whose].mean()
        assert abs(mean_effect - told.estimate) < told.standard_error


def test_what_never_varies_or_moves_with_others_only_is_named_and_the_rest_stands(panel):
    spoiled = panel.assign(
        kpi_drops=panel["kpi_speed"] * 2 + 1,
        service=panel["service"],
        constant=panel["customer_id"].str[1:].astype(int) % 7 * 1.5,
        by_month=pd.to_datetime(panel["month_start_date"]).dt.month * 0.1,
    )
    names = ("kpi_drops", "kpi_speed", "service", "constant", "by_month")
    found = sample(spoiled, Sample("parts", ("satisfaction", *names)))
    told = fit(within_moments(found), "satisfaction", own(*names))
    assert "kpi_drops, kpi_speed move together only" in told.why_not("kpi_drops")
    assert told.why_not("constant") == "constant never varies within customers"
    assert told.why_not("by_month") == "by_month never varies within customers"
    alone = fit(within_moments(found), "satisfaction", own("kpi_speed", "service"))
    assert told.why_not("service") is None
    assert told.of("service").values == pytest.approx(alone.of("service").values)


SMALL = plant(3, World(customers=60, months=5))


@settings(max_examples=15, deadline=None)
@given(
    order=st.randoms(use_true_random=False),
    scale=st.floats(0.001, 1000),
    shift=st.floats(-50, 50),
    moved=st.floats(-50, 50),
)
def test_order_scale_and_constants_change_what_they_must_and_nothing_else(
    order, scale, shift, moved
):
    numbers = list(range(len(SMALL)))
    order.shuffle(numbers)
    person = SMALL["customer_id"].str[1:].astype(int)
    changed = SMALL.assign(
        revenue=SMALL["revenue"] * scale + shift * (person % 5),
        service=SMALL["service"] + moved * (person % 3),
    ).iloc[numbers]
    before = fit(within_moments(sample(SMALL, SAMPLES["spending"])), "revenue", SLOPES)
    after = fit(within_moments(sample(changed, SAMPLES["spending"])), "revenue", SLOPES)
    for name in SLOPES:
        assert after.of(name).values == pytest.approx(
            before.of(name).values * scale, rel=1e-5, abs=1e-5 * scale
        )
