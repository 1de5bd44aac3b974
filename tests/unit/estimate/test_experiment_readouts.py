"""The table of readouts: what is compared with what, and what is refused in which words."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from experiment_worlds import BANDS, World, joined
from scipy.stats import chisquare
from statsmodels.stats.multitest import multipletests

from saydo.config import Policy
from saydo.estimate.experiment_readouts import EXPERIMENT_READOUTS, SEGMENTS, VARIANTS

FIGURES = (
    "mean", "adjusted_mean", "difference", "standard_error", "ci_low", "ci_high", "p_value",
    "adjusted_p_value", "variance_reduction_ratio", "link_estimate", "link_standard_error",
    "link_ci_low", "link_ci_high",
)  # fmt: skip
MONTHS = 3


def run(tables, **rules) -> list[dict]:
    policy = Policy(experiments=rules)
    return EXPERIMENT_READOUTS.run(tables, policy, date(2025, 6, 30)).table.to_pylist()


def one(rows, **known) -> dict:
    (row,) = [row for row in rows if known.items() <= row.items()]
    return row


def world(seed=1, count=4000, names=("control", "treatment"), moves=0.5, direct=0.0, **more):
    """Spending and leaving follow from satisfaction; the experiment moves that, and more."""
    rng = np.random.default_rng(seed)
    variant = rng.choice(names, count)
    treated = (variant != names[0]).astype(float)
    trait = rng.normal(0, 1, count)
    score_before = np.round(6 + trait + rng.normal(0, 1, count), 1)
    score = np.round(6 + trait + moves * treated + rng.normal(0, 1, count), 1)
    spent_before = np.round(60 + 6 * trait + rng.normal(0, 9, count), 2)
    spent = np.round(
        0.8 * spent_before + MONTHS * (2 * (score - 6) + direct * treated)
        + rng.normal(0, 6, count), 2
    )  # fmt: skip
    left = (rng.random(count) < np.clip(0.3 - 0.04 * (score - 6), 0, 1)).astype(float)
    answered = rng.random(count) < 0.7
    known_before = np.where(rng.random(count) < 0.6, score_before, 6.0)
    return World(
        variant,
        {
            "revenue": (spent, spent_before),
            "left": (left, np.zeros(count)),
            "new_services": (rng.poisson(0.2, count).astype(float), np.zeros(count)),
            "satisfaction": (np.where(answered, score, np.nan), known_before),
        },
        BANDS[rng.integers(0, 4, count)],
        **more,
    )


def test_a_golden_experiment_gives_its_golden_row():
    golden = World(
        np.array(["Control"] * 4 + ["treated"] * 4),
        {"left": (np.array([11, 14, 9, 18, 15, 10, 19, 16.0]),
                  np.array([10, 12, 8, 15, 11, 9, 14, 13.0]))},
    )  # fmt: skip
    row = one(run(golden.tables(), min_customers=2), variant_code="treated", metric_code="left")
    assert row["difference"] == pytest.approx(1.2738095238, abs=5e-11)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-0.319834, 2.867453), abs=5e-7)
    assert row["p_value"] == pytest.approx(0.0920610, abs=5e-8)
    assert row["variance_reduction_ratio"] == pytest.approx(0.922867, abs=5e-7)
    assert row["sample_ratio_p_value"] == 1
    assert row["control_variant_code"] == "Control" and row["is_valid"]


def test_revenue_is_told_by_the_month():
    of_three, of_one = (
        one(run(world().tables(), horizon_months=months), metric_code="revenue",
            variant_code="treatment", segment_type="all")
        for months in (3, 1)
    )  # fmt: skip
    for figure in ("mean", "difference", "ci_low", "ci_high", "standard_error"):
        assert of_three[figure] * 3 == pytest.approx(of_one[figure])
    assert of_three["p_value"] == of_one["p_value"]


def test_chances_are_adjusted_over_the_metrics_of_all_customers_and_apart_over_those_of_bands():
    rows = [row for row in run(world().tables()) if row["p_value"] is not None]
    for segment_type, count in (("all", 4), ("latest_satisfaction_band", 16)):
        of_type = [row for row in rows if row["segment_type"] == segment_type]
        assert len(of_type) == count
        judge = multipletests([row["p_value"] for row in of_type], method="fdr_bh")[1]
        assert [row["adjusted_p_value"] for row in of_type] == pytest.approx(judge, rel=1e-9)


def test_everybody_comes_before_the_bands_and_the_bands_are_everybody():
    rows = run(world().tables())
    assert [row["segment_code"] for row in rows[:8]] == ["all"] * 8
    for metric in ("revenue", "satisfaction"):
        of_metric = [
            r for r in rows if (r["metric_code"], r["variant_code"]) == (metric, "control")
        ]
        assert of_metric[0]["customer_count"] == sum(r["customer_count"] for r in of_metric[1:])


def test_each_of_three_variants_is_held_against_the_control():
    three = world(names=("b", "control", "a"))
    rows = [row for row in run(three.tables()) if row["segment_type"] == "all"]
    for metric in ("revenue", "left"):
        after, before = three.metrics[metric]
        theta = np.cov(before, after)[0, 1] / before.var(ddof=1) if before.var() else 0
        adjusted = after - theta * (before - before.mean())
        means = {name: adjusted[three.variant == name].mean() for name in three.names}
        scale = 3 if metric == "revenue" else 1
        for name in ("a", "b"):
            row = one(rows, metric_code=metric, variant_code=name)
            assert row["difference"] * scale == pytest.approx(means[name] - means["control"])
            assert row["adjusted_mean"] * scale == pytest.approx(means[name])
        control = one(rows, metric_code=metric, variant_code="control")
        assert control["is_valid"] and control["difference"] is None


def test_a_link_is_told_where_the_experiment_moved_satisfaction_and_of_everybody_alone():
    rows = run(world(count=20000).tables())
    told = [row for row in rows if row["link_estimate"] is not None]
    assert {(row["link"], row["segment_type"], row["variant_code"]) for row in told} == {
        ("satisfaction_to_revenue", "all", "treatment"),
        ("satisfaction_to_churn", "all", "treatment"),
        ("satisfaction_to_new_service", "all", "treatment"),
    }
    for row, truth in zip(told, (2, -0.04 / MONTHS, 0), strict=True):
        assert row["link_ci_low"] < truth < row["link_ci_high"]
        assert row["link_ci_low"] < row["link_estimate"] < row["link_ci_high"]
    unmoved = run(world(moves=0).tables())
    assert {row["link_estimate"] for row in unmoved} == {None}


def test_an_experiment_that_also_acts_otherwise_is_not_the_link_alone():
    row = one(run(world(count=20000, direct=4).tables()), metric_code="revenue",
              variant_code="treatment", segment_type="all")  # fmt: skip
    assert row["link_ci_low"] > 2


REFUSED = {
    "one variant only (control)": (world(names=("control",)), {}),
    "no variant is called control or holdout or placebo or baseline: name the control of a, b in "
    "experiments.control_variants of policy.yml": (world(names=("a", "b")), {}),
    "41 of 4041 customers are in two variants: correct": (
        world(counts={"two_variant_count": 41}), {},
    ),
    "customers by variant (control": (
        world(), {"planned_shares": {"call": {"control": 1, "treatment": 2}}},
    ),
    "treatment has no share in experiments.planned_shares.call of policy.yml": (
        world(), {"planned_shares": {"call": {"control": 1}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_an_experiment_that_must_not_be_read_says_why_and_has_no_figure(reason):
    tables, rules = REFUSED[reason][0].tables(), REFUSED[reason][1]
    rows = run(tables, **rules)
    assert len(rows) == 5 * 4 * tables[VARIANTS].num_rows
    for row in rows:
        assert not row["is_valid"] and reason in row["why_not"]
        assert {row[figure] for figure in FIGURES} == {None}


def test_of_a_variant_per_customer_the_first_few_are_named():
    rows = run(world(count=300, names=[f"v{n:03}" for n in range(300)]).tables())
    assert {row["is_valid"] for row in rows} == {False}
    assert re.search(r"of (v\d+, ){4}v\d+ and \d+ more in", rows[0]["why_not"])
    assert max(len(row["why_not"]) for row in rows) < 300


def test_the_other_names_of_controls_are_tried_in_order():
    names = ("holdout", "Placebo ", "offer")
    row = one(run(world(names=names).tables()), metric_code="left", variant_code="offer",
              segment_type="all")  # fmt: skip
    assert (row["control_variant_code"], row["is_valid"]) == ("holdout", True)
    row = one(run(world(names=names).tables(), control_variants=["placebo"]), metric_code="left",
              variant_code="offer", segment_type="all")  # fmt: skip
    assert (row["control_variant_code"], row["is_valid"]) == ("Placebo ", True)


def test_the_sample_ratio_is_that_of_all_assigned():
    uneven = world(counts={"assigned_count": 50}).tables()
    counts = pa.array([900, 1000])
    uneven[VARIANTS] = uneven[VARIANTS].set_column(
        uneven[VARIANTS].column_names.index("assigned_count"), "assigned_count", counts
    )
    row = run(uneven)[0]
    assert row["sample_ratio_p_value"] == pytest.approx(chisquare([900, 1000]).pvalue)
    assert row["is_valid"]


def nobody(**counts):
    """An experiment of which nobody can be measured."""
    empty = world(counts={"assigned_count": 0, "pending_count": 0, "first_followed_date": None}
                  | counts)  # fmt: skip
    tables = empty.tables()
    return tables | {SEGMENTS: tables[SEGMENTS].slice(0, 0)}


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({"assignment_count": 7, "unknown_count": 7},
         "none of the 14 assigned identifiers belongs to a customer: see the feed's id_type"),
        ({"assigned_count": 9, "pending_count": 9, "first_followed_date": date(2025, 8, 31)},
         "too early: nobody is measured before 2025-08-31 is over"),
    ],
)  # fmt: skip
def test_where_nobody_is_measured_there_is_a_row_that_says_why(counts, reason):
    rows = run(nobody(**counts))
    assert len(rows) == 2 * 4
    for row in rows:
        assert (row["is_valid"], row["why_not"]) == (False, reason)
        assert {row[figure] for figure in FIGURES} == {None}


def test_of_no_experiment_there_is_no_row():
    assert run({name: table.slice(0, 0) for name, table in world().tables().items()}) == []


def test_what_does_not_vary_and_what_few_did_is_refused_by_the_metric():
    still = world(count=400)
    after, before = (np.zeros(400),) * 2
    scores = np.where(np.arange(400) < 20, still.metrics["satisfaction"][0], np.nan)
    still.metrics = dict(still.metrics) | {
        "left": (after, before), "satisfaction": (scores, before),
    }  # fmt: skip
    rows = [row for row in run(still.tables()) if row["segment_type"] == "all"]
    left = one(rows, metric_code="left", variant_code="treatment")
    assert left["why_not"] == "nothing varies among these customers: there is no interval"
    few = one(rows, metric_code="satisfaction", variant_code="treatment")
    assert few["why_not"].startswith("fewer than 30 customers: treatment has ")
    assert {left["mean"], few["mean"], left["p_value"]} == {None}
    assert one(rows, metric_code="revenue", variant_code="treatment")["is_valid"]


def test_one_faulty_experiment_leaves_the_others_as_they_are():
    good = run(world().tables())
    both = run(joined(world(), world(names=("a", "b"), code="another")))
    assert [row for row in both if row["experiment_code"] == "call"] == good
    assert {row["is_valid"] for row in both if row["experiment_code"] == "another"} == {False}


def test_the_order_of_the_rows_changes_no_digit():
    tables = world().tables()
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in tables.items()}
    assert run(turned) == run(tables)
