import pytest
from gate_home import good_rows, land, status

from saydo.errors import DeliveryRefused
from saydo.gate import check_sources, suites


def test_an_expectation_that_raises_refuses_whatever_its_severity(settings, replace_suite):
    def rules():
        import great_expectations.expectations as gxe

        query = "select 1 from {batch} where cast(_line_number || 'x' as integer) = 1"
        return [
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=query, description="odd", notes="x", severity="warning"
            )
        ]

    replace_suite("sources.transactions", rules)
    batch = land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused, match=r"the expectation itself failed: .*Conversion Error"):
        check_sources(settings)
    assert status(settings, batch) == "refused"


def test_a_source_without_a_suite_is_refused_before_any_batch_is_touched(settings, monkeypatch):
    monkeypatch.setattr(suites, "suite_names", lambda kind: ["accounts"])
    batch = land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused, match=r"sources\.transactions has no suite.*Write expect"):
        check_sources(settings)
    assert status(settings, batch) == "landed"


def test_no_evaluated_expectation_refuses(settings, monkeypatch):
    import great_expectations as gx

    land(settings, "transactions", good_rows("transactions"))
    suite_class = gx.ExpectationSuite
    empty = lambda name, expectations: suite_class(name=name, expectations=[])  # noqa: E731
    monkeypatch.setattr(gx, "ExpectationSuite", empty)
    with pytest.raises(DeliveryRefused, match="no expectation was evaluated"):
        check_sources(settings)


def misspelt_argument():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNull(column="amount", mostlly=0.9, notes="x")]


def misspelt_class():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNul(column="amount", notes="x")]


def misspelt_column():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNull(column="amuont", notes="x")]


def misspelt_query():
    import great_expectations.expectations as gxe

    query = "select amuont from {batch}"
    return [gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, notes="x")]


def no_notes():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNull(column="amount")]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (misspelt_argument, "mostlly"),
        (misspelt_class, "ExpectColumnValuesToNotBeNul"),
        (misspelt_column, "transactions has no column 'amuont'; did you mean 'amount'?"),
        (misspelt_query, 'column "amuont" not found'),
        (no_notes, "has no notes"),
        (list, "holds no expectation"),
    ],
)
def test_a_wrong_rule_fails_before_anything_is_evaluated(settings, replace_suite, rules, expected):
    replace_suite("sources.transactions", rules)
    batch = land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused) as refusal:
        check_sources(settings)
    assert "expectations/sources/transactions.py" in str(refusal.value)
    assert expected in str(refusal.value)
    assert status(settings, batch) == "landed"
    assert not (settings.state / "gate" / "sources").exists()


def test_a_wrong_rule_about_a_mart_already_fails_at_the_first_gate(settings, replace_suite):
    replace_suite("marts.customer_months", misspelt_argument)
    land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused, match=r"expectations/marts/customer_months\.py"):
        check_sources(settings)
