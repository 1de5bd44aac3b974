"""Whatever a gate or landing refuses, readers keep the release they had."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from gate_candidate import ACCOUNTS_ONLY, FIRST, IDENTIFIERS, MONTHS, change
from gate_home import good_rows, land
from mart_faults import FAILING

from saydo.errors import DeliveryRefused, ReleaseRefused
from saydo.gate import check_sources, gate_marts
from saydo.landing import land_all
from saydo.release import current_release_id, publish

AS_OF = date(2025, 3, 9)


@pytest.fixture
def serving(candidate):
    """A home with a release that passed its gate; afterwards it must still be the one served."""
    gate_marts(candidate)
    first = publish(candidate, AS_OF)["release_id"]
    rows = "select count(*) from customer_profiles"
    file = str(candidate.published / "current" / "marts.duckdb")
    with duckdb.connect(file, read_only=True) as reader:
        before = reader.execute(rows).fetchone()
    yield candidate
    assert current_release_id(candidate) == first
    with duckdb.connect(file, read_only=True) as reader:
        assert reader.execute(rows).fetchone() == before


def odd(expression):
    def rules():
        import great_expectations.expectations as gxe

        return [gxe.UnexpectedRowsExpectation(unexpected_rows_query=expression, notes="x")]

    return rules


FAULTS = {
    "26 fan-out": (
        [FAILING["26 a join that fans out"][0]],
        r"expect_column_values_to_be_unique\(customer_id\)",
    ),
    "28 two owners at one time": (
        [FAILING["28 an identifier with two owners at one time"][0]],
        "customer_identifiers",
    ),
    "63 nothing was checked": (
        [f"delete from {IDENTIFIERS}"],
        "the table has no row, so nothing was checked",
    ),
    "63 a table that had rows has none": (
        ACCOUNTS_ONLY,
        r"marts\.customer_months: the table has no row, and 9 in the last release",
    ),
}


@pytest.mark.parametrize(("statements", "message"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_candidate_is_refused_and_cannot_be_published(serving, statements, message):
    change(serving, *statements)
    with pytest.raises(ReleaseRefused, match=message):
        gate_marts(serving)
    with pytest.raises(ReleaseRefused):
        publish(serving, AS_OF)


RULES = {
    "62 an expectation raises": (
        "select 1 from {batch} where cast(customer_id || 'x' as integer) = 1",
        "the expectation itself failed: .*Conversion Error",
    ),
    "64 a misspelt rule": ("select customer_di from {batch}", "customer_di"),
}


@pytest.mark.parametrize(("query", "message"), RULES.values(), ids=RULES)
def test_a_wrong_rule_refuses(serving, replace_suite, query, message):
    change(serving, f"update {MONTHS} set revenue = revenue + 1 where {FIRST}")
    replace_suite("marts.customer_months", odd(query))
    with pytest.raises(ReleaseRefused, match=message):
        gate_marts(serving)
    with pytest.raises(ReleaseRefused):
        publish(serving, AS_OF)


def test_no_evaluated_expectation_refuses_a_delivery(serving, monkeypatch):
    import great_expectations as gx

    suite_class = gx.ExpectationSuite
    monkeypatch.setattr(
        gx, "ExpectationSuite", lambda name, expectations: suite_class(name=name, expectations=[])
    )
    land(serving, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused, match="no expectation was evaluated"):
        check_sources(serving)


def test_a_file_that_leads_out_of_landing_is_refused(serving, tmp_path):
    (tmp_path / "outside.csv").write_text("a,b,c\n1,x@y.z,2025-01-01\n")
    (serving.landing / "erasure").mkdir(parents=True)
    (serving.landing / "erasure" / "in.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(DeliveryRefused, match=r"in\.csv.*leads out of landing/"):
        land_all(serving)
