"""Survey figures from cells are those that a pandas oracle finds answer by answer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import norm

from saydo.config import Policy
from saydo.estimate.satisfaction_monthly import SATISFACTION_MONTHLY
from saydo.estimate.survey_waves import ANSWERS, CUSTOMERS, INVITATIONS, REPEATS
from saydo.estimate.survey_weighting import SURVEY_WEIGHTING

MONTHS = (date(2025, 1, 1), date(2025, 4, 1))  # a quarterly survey
ATTRIBUTES = {
    "region_code": ["north", "south", "west"], "tenure_band": ["a", "b"], "plan_code": ["l", "m"],
    "experience_band": ["good", "poor"], "customer_type": ["consumer"], "age_band": ["o", "y"],
}  # fmt: skip
NAMES = list(ATTRIBUTES)
ONE_ROLE = "recommend"


def business(seed: int = 4, size: int = 1500) -> pd.DataFrame:
    """Customers x months: attributes, whether invited, and the answer of those who gave one."""
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({name: rng.choice(of, size) for name, of in ATTRIBUTES.items()})
    trait, parts = rng.normal(0, 1.5, size), []
    for month in MONTHS:
        part = people.assign(customer=range(size), month=month)
        part.loc[rng.random(size) < 0.1, "plan_code"] = "s"
        part["design_weight"] = np.where(part["region_code"] == "west", 1.25, 2.5)
        part["is_invited"] = rng.random(size) < 1 / part["design_weight"]
        answers = part["is_invited"] & (
            rng.random(size) < np.where(part["plan_code"] == "l", 0.7, 0.3)
        )
        score = np.clip(np.round(6.5 + trait + rng.normal(0, 1.5, size)), 0, 10)
        part["score"] = np.where(answers, score, np.nan)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def sums_of(rows: pd.DataFrame) -> dict[str, pa.Table]:
    """What the intermediate models sum, as Arrow tables."""
    rows = rows.assign(month_start_date=rows["month"], question_role=ONE_ROLE)
    rows["cell_key"] = rows[["month", "design_weight", *NAMES]].astype(str).agg("|".join, axis=1)
    given = rows[rows["score"].notna()].copy()
    given = given.assign(
        square=given["score"] ** 2, top=given["score"] >= 9, promoter=given["score"] >= 9,
        detractor=given["score"] <= 6,
    )  # fmt: skip
    wave = ["month_start_date", "question_role"]
    answers = given.groupby([*wave, "cell_key", *NAMES, "design_weight"], as_index=False).agg(
        answer_count=("score", "size"), invited_answer_count=("is_invited", "sum"),
        total_score=("score", "sum"), total_squared_score=("square", "sum"),
        top_box_count=("top", "sum"), promoter_count=("promoter", "sum"),
        detractor_count=("detractor", "sum"),
    )  # fmt: skip
    first, second = (given[given["month"] == month] for month in MONTHS)
    both = second.merge(first, on="customer", suffixes=("", "_before"))
    both["product"] = both["score"] * both["score_before"]
    repeats = both.groupby(["cell_key", "cell_key_before"], as_index=False).agg(
        answer_count=("score", "size"), total_score=("score", "sum"),
        previous_total_score=("score_before", "sum"), total_product=("product", "sum"),
    )  # fmt: skip
    tables = {
        CUSTOMERS: rows.groupby(["month_start_date", *NAMES], as_index=False).agg(
            customer_count=("customer", "size")
        ),
        INVITATIONS: rows[rows["is_invited"]]
        .groupby([*wave, *NAMES], as_index=False)
        .agg(invited_count=("customer", "size")),
        ANSWERS: answers,
        REPEATS: repeats.rename(columns={"cell_key_before": "previous_cell_key"}),
    }
    return {
        name: pa.Table.from_pandas(table, preserve_index=False) for name, table in tables.items()
    }


def weighted_one_by_one(rows: pd.DataFrame, margins: list[str]) -> pd.DataFrame:
    """The oracle: every answer raked by itself, a fixed number of passes."""
    parts = []
    for _, month in rows.groupby("month"):
        given = month[month["score"].notna()].copy()
        given["w"] = given["design_weight"]
        for _ in range(100):
            for margin in margins:
                share = month[margin].value_counts(normalize=True)
                have = given.groupby(margin)["w"].sum() / given["w"].sum()
                given["w"] *= given[margin].map(share / have)
        parts.append(given.assign(w=given["w"] / given["w"].mean()))
    return pd.concat(parts)


@pytest.fixture(scope="module")
def rows():
    return business()


@pytest.fixture(scope="module")
def policy():
    return Policy(weighting={"tolerance": 1e-10, "max_weight": 50, "min_level_answers": 5})


@pytest.fixture(scope="module")
def figures(rows, policy):
    table = SATISFACTION_MONTHLY.run(sums_of(rows), policy, date(2025, 4, 30)).table
    return table.to_pandas().set_index(["month_start_date", "segment_type", "segment_code"])


@pytest.mark.parametrize(
    ("segment", "level"),
    [("all", "all"), ("region_code", "west"), ("plan_code", "s"), ("age_band", "y")],
)
def test_figures_are_those_of_the_answers_one_by_one(rows, policy, figures, segment, level):
    weighted = weighted_one_by_one(rows, policy.weighting.margins)
    of = {}
    for month in MONTHS:
        base = rows[rows["month"] == month]
        own = weighted[weighted["month"] == month]
        if segment != "all":
            own, base = own[own[segment] == level], base[base[segment] == level]
        x, w = own["score"], own["w"]
        mean = (w * x).sum() / w.sum()
        error = np.sqrt((w**2 * (x - mean) ** 2).sum()) / w.sum()
        of[month] = own.assign(part=w * (x - mean) / w.sum())
        found = figures.loc[(month, segment, level)]
        points = 100.0 * ((x >= 9).astype(int) - (x <= 6).astype(int))
        ratio = len(own) / base["is_invited"].sum()
        expected = {
            "invited_count": base["is_invited"].sum(), "response_count": len(own),
            "score_mean": mean, "score_standard_error": error, "score_mean_unweighted": x.mean(),
            "nps": (w * points).sum() / w.sum(), "top_box_ratio": w[x >= 9].sum() / w.sum(),
            "effective_response_count": w.sum() ** 2 / (w**2).sum(),
            "design_effect": len(own) * (w**2).sum() / w.sum() ** 2,
            "bias_low": mean - 2 * (1 - ratio), "bias_high": min(mean + 2 * (1 - ratio), 10),
        }  # fmt: skip
        for name, value in expected.items():
            assert found[name] == pytest.approx(value, rel=1e-6), name
    before, now = (figures.loc[(month, segment, level)] for month in MONTHS)
    change = now["score_mean"] - before["score_mean"]
    pairs = of[MONTHS[1]].merge(of[MONTHS[0]], on="customer", suffixes=("", "_before"))
    shared = (pairs["part"] * pairs["part_before"]).sum()
    error = np.sqrt(
        now["score_standard_error"] ** 2 + before["score_standard_error"] ** 2 - 2 * shared
    )
    assert now["change_from_previous"] == pytest.approx(change, rel=1e-9)
    z = abs(change) / error
    assert shared > 0 or segment == "plan_code"  # hardly anybody has it twice
    assert now["change_p_value"] == pytest.approx(2 * norm.sf(z), rel=1e-5)
    assert np.isnan(before["change_from_previous"]) and np.isnan(before["change_p_value"])


def test_the_weighting_tells_each_level_and_meets_the_customers_shares(rows, policy):
    table = SURVEY_WEIGHTING.run(sums_of(rows), policy, date(2025, 4, 30)).table.to_pandas()
    assert table["is_converged"].all()
    for (month, margin), levels in table.groupby(["month_start_date", "margin"]):
        base = rows[rows["month"] == month][margin].value_counts(normalize=True)
        given = rows[(rows["month"] == month) & rows["score"].notna()].groupby(margin)
        before = given["design_weight"].sum() / given["design_weight"].sum().sum()
        own = levels.set_index("level_code")
        np.testing.assert_allclose(own["population_share"], base[own.index], rtol=1e-9)
        np.testing.assert_allclose(own["sample_share_before"], before[own.index], rtol=1e-9)
        np.testing.assert_allclose(own["sample_share_after"], base[own.index], atol=1e-8)
        assert (own["mean_weight"] <= own["max_weight"]).all()


def test_a_level_that_nobody_answers_for_is_collapsed_and_told(rows, policy):
    silent = rows.copy()
    silent.loc[silent["plan_code"] == "s", "score"] = np.nan
    table = SURVEY_WEIGHTING.run(sums_of(silent), policy, date(2025, 4, 30)).table.to_pandas()
    plans = table[table["margin"] == "plan_code"]
    alone = plans[plans["level_code"] == "s"]
    assert (alone["response_count"] == 0).all() and (alone["population_share"] > 0).all()
    assert alone["is_collapsed"].all() and alone["mean_weight"].isna().all()
    assert plans.groupby("month_start_date")["is_collapsed"].sum().eq(2).all()
    assert table["is_converged"].all()


def test_too_few_passes_are_told_as_not_converged(rows):
    hurried = Policy(weighting={"max_iterations": 1, "tolerance": 1e-9})
    estimate = SURVEY_WEIGHTING.run(sums_of(rows), hurried, date(2025, 4, 30))
    assert not any(estimate.table.column("is_converged").to_pylist())
    assert estimate.diagnostics["waves_not_converged"] == 2


def test_without_invitations_the_bounds_are_the_whole_distance_and_no_ratio_is_told(rows, policy):
    sums = sums_of(rows.assign(is_invited=rows["score"].notna()))
    sums[INVITATIONS] = sums[INVITATIONS].slice(0, 0)
    sums[ANSWERS] = pa.Table.from_pandas(
        sums[ANSWERS].to_pandas().assign(invited_answer_count=0), preserve_index=False
    )
    table = SATISFACTION_MONTHLY.run(sums, policy, date(2025, 4, 30)).table.to_pandas()
    assert (table["invited_count"] == 0).all() and (table["invited_response_count"] == 0).all()
    np.testing.assert_allclose(table["bias_low"], np.maximum(table["score_mean"] - 2, 0))


def test_a_business_without_surveys_has_no_rows(rows, policy):
    empty = {name: table.slice(0, 0) for name, table in sums_of(rows).items()}
    for estimator in (SURVEY_WEIGHTING, SATISFACTION_MONTHLY):
        assert estimator.run(empty, policy, date(2025, 4, 30)).table.num_rows == 0
