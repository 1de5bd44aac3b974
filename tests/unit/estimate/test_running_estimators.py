"""How estimators run: on the candidate's sums, into files that marts read."""

from __future__ import annotations

import json
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saydo.errors import SaydoError
from saydo.estimate import Estimate, Estimator, empty_estimates, run_estimators, running
from saydo.settings import Settings

DAY = date(2025, 3, 30)
SCHEMA = pa.schema([("band", pa.string()), ("mean", pa.float64())])


def means(sums, policy, as_of) -> Estimate:
    rows = sums["int_answers_summed"].to_pylist()
    found = [{"mean": row["total"] / row["count"], "band": row["band"]} for row in rows]
    return Estimate(pa.Table.from_pylist(found), {"bands": len(found), "day": as_of.day})


@pytest.fixture
def settings(tmp_path, monkeypatch):
    estimator = Estimator("means", ("int_answers_summed",), SCHEMA, means)
    monkeypatch.setattr(running, "ESTIMATORS", (estimator,))
    settings = Settings(home=tmp_path)
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("create schema intermediate")
        warehouse.execute(
            "create table intermediate.int_answers_summed as "
            "select * from (values ('b', 3, 2), ('a', 8, 2)) as t(band, total, count)"
        )
    return settings


def read(settings):
    return pq.read_table(settings.state / "estimates" / "means.parquet")


def test_an_estimator_leaves_its_table_and_what_it_was_made_from(settings):
    (done,) = run_estimators(settings, DAY, "k")
    assert (done.name, done.row_count) == ("means", 2)
    assert read(settings).schema == SCHEMA
    assert read(settings).to_pylist() == [{"band": "a", "mean": 4.0}, {"band": "b", "mean": 1.5}]
    told = json.loads((settings.state / "estimates" / "means.json").read_text())
    assert (told["inputs_key"], told["as_of_date"]) == ("k", "2025-03-30")
    assert told["diagnostics"] == {"bands": 2, "day": 30} and set(told["versions"]) >= {"numpy"}


def test_sums_that_the_build_has_not_made_are_named(settings):
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("drop table intermediate.int_answers_summed")
    with pytest.raises(SaydoError, match=r"means reads what the build has not made.*int_answers"):
        list(run_estimators(settings, DAY, "k"))


def test_before_the_first_estimate_marts_find_an_empty_table_and_later_the_last_one(settings):
    empty_estimates(settings)
    assert read(settings).schema == SCHEMA and read(settings).num_rows == 0
    list(run_estimators(settings, DAY, "k"))
    empty_estimates(settings)
    assert read(settings).num_rows == 2
