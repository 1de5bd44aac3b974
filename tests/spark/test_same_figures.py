"""What DuckDB and Spark publish of one delivery is the same, row for row and bit for bit.

One process for all: the Java of the first session stays warm for the others. Two further seeds are
built on a cluster (test_cluster) and day by day (test_day_by_day).
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from engines import two_homes

from saydo.build.dbt import invoke
from saydo.build.variables import rule_variables
from saydo.config import Feeds, Policy
from saydo.release.database import REGISTRY
from saydo.settings import PROJECT
from saydo.simulate import simulate

# As dbt_project.yml has it for whoever parses the project alone.
RUN = {
    "as_of_date": "2024-12-31",
    "as_of_end_at": "2025-01-01 00:00:00",
    "follows_failure": False,
}
ACCEPTANCE = PROJECT / "tests" / "acceptance"
THIRD_PARTY = PROJECT.parent / "shared" / "data"


def third_party(name: str) -> list[Path]:
    """The delivered files, or skip: they are not part of the project."""
    folder = THIRD_PARTY / name
    if not folder.is_dir():
        pytest.skip(f"needs the third-party files of {name!r} in shared/data beside the checkout")
    return sorted(folder.glob("*.csv"))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory, spark_file):
    """A simulated business, built on both with every data test."""
    both = two_homes(tmp_path_factory.mktemp("simulated"), spark_file)
    both.deliver(lambda landing: simulate(landing, customers=1_000, months=6, seed=1))
    both.build()
    return both


def test_a_simulated_business_is_released_with_the_same_content(simulated):
    assert simulated.differences() == []
    ours, theirs = simulated.publish()
    assert ours == theirs


def test_the_rules_of_the_models_hold_on_spark(simulated):
    # Rows are made up, for the default configuration; their types are those of the tables, which
    # are built.
    feeds = Feeds(feeds=[])
    variables = rule_variables(feeds, feeds.all_kpis, Policy()) | RUN
    selected = ["test", "--select", "test_type:unit"]
    results = invoke(simulated.spark, selected, variables, "unit tests")
    failed = {result.name: result.message for result in results if result.status != "pass"}
    assert results and not failed


@pytest.mark.usefixtures("without_data_tests")
@pytest.mark.parametrize("name", ["olist", "ibm_telco"])
def test_deliveries_of_others_give_the_same_figures(engines, name):
    files = third_party(name)
    both = engines(feeds_file=ACCEPTANCE / name / "feeds.yml")
    both.deliver(lambda landing: [shutil.copy(file, landing) for file in files])
    both.build()
    assert both.differences() == []


@pytest.mark.usefixtures("without_data_tests")
def test_persons_found_by_likeness_are_the_same(engines):
    files = third_party("febrl")
    folder = ACCEPTANCE / "febrl"
    both = engines(feeds_file=folder / "feeds.yml", policy_file=folder / "policy.yml")
    both.deliver(lambda landing: [shutil.copy(file, landing) for file in files])
    both.build(date(2024, 12, 31), layers=("staging", "identity"))
    assert both.differences(REGISTRY, ("intermediate", "int_accounts_resolved")) == []
