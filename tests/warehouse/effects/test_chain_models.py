"""The models of the chain: what they sum is the panel's, and nothing of the future is in it."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyfixest
import pytest
from panel_oracle import KPIS, pair_weights, panel_of
from pyfixest.demeaners import MapDemeaner

from bench.chain_models import chain_sums, compiled_chain, load_months, run_chain
from bench.chain_worlds import World, plant
from saydo.config import Policy
from saydo.estimate.chain.regression import fit, pooled_moments, within_moments
from saydo.estimate.chain.sums import read_samples
from saydo.settings import Settings

WORLD = World(customers=900, months=10, churn_below=-0.03)
FUTURE = ("next_revenue", "next_new_service_count", "leaves_next", "next_experience_score",
          "later_experience_score")  # fmt: skip
MOVED = ("satisfaction_score", "experience_score", "revenue", "new_service_count", *KPIS)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The models' SQL as of the last day of the world, and as of the middle of its last month."""
    settings = Settings(home=tmp_path_factory.mktemp("chain"), pseudonym_key="test")
    days = (WORLD.as_of, WORLD.as_of.replace(day=15))
    return {day: compiled_chain(settings, day) for day in days}


@pytest.fixture(scope="module")
def months() -> pa.Table:
    """Planted months, some of which are missing what a source has not delivered."""
    return plant(5, WORLD)


def built(folder, months: pa.Table, sql: dict[str, str], threads: int = 2):
    connection = duckdb.connect(str(folder / "warehouse.duckdb"), config={"threads": threads})
    load_months(connection, months)
    run_chain(connection, sql)
    return connection


@pytest.fixture(scope="module")
def sums(tmp_path_factory, months, compiled):
    with built(tmp_path_factory.mktemp("sums"), months, compiled[WORLD.as_of]) as connection:
        yield chain_sums(connection)


@pytest.fixture(scope="module")
def panel(months) -> pd.DataFrame:
    return panel_of(months, WORLD.as_of.isoformat())


EXACT = MapDemeaner(fixef_tol=1e-12)
REGRESSIONS = [
    ("satisfaction", "satisfaction", ("service", "service_before")),
    ("satisfaction_leads", "satisfaction", ("service", "service_before", "service_after")),
    ("spending", "revenue", ("below", "above", "service")),
    ("spending", "new_services", ("below", "above", "service")),
    ("spending_leads", "revenue",
     ("below", "above", "service", "service_after", "service_later")),
    ("parts", "satisfaction", tuple(KPIS)),
    ("spending_parts", "revenue", ("below", "above", *KPIS)),
]  # fmt: skip


def judged(panel: pd.DataFrame, outcome: str, regressors: tuple[str, ...], fixed: str, **more):
    return pyfixest.feols(
        f"{outcome} ~ {' + '.join(regressors)} | {fixed}", panel,
        fixef_rm="none", demeaner=EXACT, **more,
    ).coef()[list(regressors)].to_numpy()  # fmt: skip


def summed(sample, outcome: str, regressors: tuple[str, ...], moments) -> np.ndarray:
    return fit(moments(sample), outcome, {name: (name,) for name in regressors}).coefficients[0]


@pytest.mark.parametrize(("code", "outcome", "regressors"), REGRESSIONS)
def test_effects_from_the_sums_are_those_of_the_panel(sums, panel, code, outcome, regressors):
    sample = read_samples(sums)[code, "all", "all"]
    rows = panel.dropna(subset=list(sample.variables))
    assert sample.observations.sum() == len(rows)
    assert sample.customers.sum() == rows["customer_id"].nunique()
    within = summed(sample, outcome, regressors, within_moments)
    assert within == pytest.approx(
        judged(rows, outcome, regressors, "customer_id + month"), 1e-6, 1e-9
    )
    pooled = summed(sample, outcome, regressors, pooled_moments)
    assert pooled == pytest.approx(judged(rows, outcome, regressors, "month"), 1e-6, 1e-9)


@pytest.mark.parametrize(("number", "tilt"), list(enumerate(Policy().chain.selection_tilts, 1)))
def test_tilted_rows_stand_for_those_who_stayed_silent(sums, panel, number, tilt):
    regressors = ("service", "service_before")
    rows = panel.dropna(subset=["satisfaction", *regressors]).copy()
    rows["weight"] = pair_weights(rows, tilt, panel.attrs["silent_odds"])
    sample = read_samples(sums)[f"satisfaction_tilted_{number}", "all", "all"]
    found = summed(sample, "satisfaction", regressors, within_moments)
    expected = judged(rows, "satisfaction", regressors, "customer_id + month", weights="weight")
    assert found == pytest.approx(expected, 1e-6)


def test_who_may_leave_is_at_risk_until_he_does(sums, panel):
    sample = read_samples(sums)["churn", "all", "all"]
    rows = panel.dropna(subset=["churned", "service"])
    churned = sample.variables.index("churned")
    assert sample.observations.sum() == len(rows)
    assert sample.raw[:, churned, churned].sum() == pytest.approx(rows["churned"].sum())


def test_segments_of_one_type_add_up_to_everybody(sums):
    samples = read_samples(sums)
    everybody = samples["spending", "all", "all"]
    for kind in Policy().chain.segments:
        parts = [s for (code, k, _), s in samples.items() if (code, k) == ("spending", kind)]
        assert len(parts) > 1
        assert sum(part.customers.sum() for part in parts) == everybody.customers.sum()
        assert sum(part.within.sum(0) for part in parts) == pytest.approx(everybody.within.sum(0))


def test_sums_are_the_same_to_the_last_bit_in_any_order_and_on_any_threads(
    tmp_path, months, compiled, sums
):
    shuffled = months.take(pa.array(np.random.default_rng(3).permutation(len(months))))
    with built(tmp_path, shuffled, compiled[WORLD.as_of], threads=4) as connection:
        again = chain_sums(connection)
    assert {name: table.equals(sums[name]) for name, table in again.items()} == dict.fromkeys(
        sums, True
    )


def aligned(folder, months: pa.Table, sql: dict[str, str]) -> pd.DataFrame:
    with built(folder, months, sql) as connection:
        rows = connection.execute("select * from intermediate.int_chain_months_aligned").df()
    return rows.set_index(["customer_id", "month_start_date"]).sort_index()


def test_moving_a_later_fact_changes_no_earlier_row(tmp_path_factory, months, compiled):
    """A row's own columns know its month at most; what followed knows two months more."""
    before = aligned(tmp_path_factory.mktemp("b"), months, compiled[WORLD.as_of])
    month_starts = sorted(months["month_start_date"].unique().to_pylist())
    changed_from = month_starts[6]
    frame = months.to_pandas()
    later = frame["month_start_date"] >= changed_from
    rng = np.random.default_rng(4)
    for column in MOVED:
        frame[column] = frame[column] * np.where(later, rng.uniform(0.5, 1.5), 1)
    gone = later & (rng.random(len(frame)) < 0.5)
    frame.loc[gone, "closing_mrr"] = 0
    frame.loc[later & (rng.random(len(frame)) < 0.2), "satisfaction_score"] = np.nan
    after = aligned(
        tmp_path_factory.mktemp("a"), pa.Table.from_pandas(frame), compiled[WORLD.as_of]
    )
    own = [name for name in before.columns if name not in FUTURE]
    month = before.index.get_level_values("month_start_date")
    earlier = before.index[month < pd.Timestamp(changed_from)]
    assert before.loc[earlier, own].compare(after.loc[earlier, own]).empty
    settled = before.index[month < pd.Timestamp(month_starts[4])]
    assert before.loc[settled].compare(after.loc[settled]).empty
    assert not before.loc[earlier].compare(after.loc[earlier]).empty  # the change can be seen


def test_partial_months_take_no_part(tmp_path_factory, months, compiled):
    whole, cut = (aligned(tmp_path_factory.mktemp("p"), months, sql) for sql in compiled.values())
    last = pd.Timestamp(WORLD.as_of.replace(day=1))
    at_last = whole.index.get_level_values("month_start_date") == last
    assert not whole.loc[at_last, "is_partial"].all() and cut.loc[at_last, "is_partial"].all()
    before_last = whole.index.get_level_values("month_start_date") == last - pd.DateOffset(months=1)
    assert whole.loc[before_last, "leaves_next"].notna().any()
    assert cut.loc[before_last, ["leaves_next", "next_revenue"]].isna().all(axis=None)
    frame = months.to_pandas().set_index(["customer_id", "month_start_date"])
    moved = (frame["opening_mrr"] > 0) != (frame["closing_mrr"] > 0)
    known = moved.reindex(pd.MultiIndex.from_arrays(
        [whole.index.get_level_values(0), whole.index.get_level_values(1).date]
    ))  # fmt: skip
    assert (whole["is_partial"].to_numpy() == known.to_numpy()).all()
