import json

import duckdb
import pytest
from gate_candidate import ACCOUNTS_ONLY, CUSTOMERS, FIRST, IDENTIFIERS, MONTHS, READINESS, change
from gate_home import key, make_settings

from saydo.errors import ReleaseRefused
from saydo.gate import gate_marts
from saydo.gate.suites import suite_names


def test_a_sound_candidate_passes_and_its_results_are_kept(candidate):
    (candidate.state / "gate" / ".tmp-marts-1").mkdir(parents=True)  # left by a crash
    summary = gate_marts(candidate)
    assert summary["success"] is True and summary["warnings"] == []
    assert [suite["suite"] for suite in summary["suites"]] == [
        f"marts.{table}" for table in suite_names("marts")
    ]
    assert all(suite["evaluated_count"] > 0 for suite in summary["suites"])
    folder = candidate.state / "gate" / "marts"
    assert json.loads((folder / "summary.json").read_text()) == summary
    for table in suite_names("marts"):
        assert json.loads((folder / f"marts.{table}.json").read_text())["success"] is True
        assert "<html" in (folder / "docs" / f"marts.{table}.html").read_text()
    assert [path.name for path in folder.parent.iterdir()] == ["marts"]
    assert "Gate: accepted" in (folder / "docs" / "index.html").read_text()
    duckdb.connect(str(candidate.warehouse)).close()  # the gate holds no lock any more


def test_a_refusal_says_what_failed_where_and_what_to_do(candidate):
    change(
        candidate,
        f"update {MONTHS} set experience_score = 101 where {FIRST}",
        f"update {IDENTIFIERS} set match_probability = 2 where {FIRST}",
        f"update {READINESS} set match_ratio = 0.98",
    )
    with pytest.raises(ReleaseRefused) as refusal:
        gate_marts(candidate)
    message = str(refusal.value)
    assert (
        "  suite marts.customer_months: expect_column_values_to_be_between(experience_score)\n"
        in (message)
    )
    assert (
        "    observed: 3 of 9 rows (33.33 %)\n    meaning:  experience_score lies outside"
        in message
    )
    assert f"for example: customer_id={CUSTOMERS[0]}, month_start_date=2025-01-01" in message
    assert f"id_type=email, id_key={key(0)[:12]}…, valid_from_at=None" in message
    assert "the last release keeps serving" in message and key(0) not in message
    assert "belong to nobody" not in message  # a warning refuses nothing
    summary = json.loads((candidate.state / "gate" / "marts" / "summary.json").read_text())
    assert summary["success"] is False and summary["failed"] == {"critical": 2, "warning": 1}
    assert "orphan_ratio=0.0200" in summary["warnings"][0]


def test_a_warning_alone_lets_the_candidate_out(candidate):
    change(candidate, f"update {READINESS} set match_ratio = 0.98")
    summary = gate_marts(candidate)
    assert summary["success"] is True and summary["warning_count"] == 1


def test_an_expectation_that_raises_refuses_whatever_its_severity(candidate, replace_suite):
    def rules():
        import great_expectations.expectations as gxe

        query = "select 1 from {batch} where cast(grade as integer) = 1"
        return [
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=query, description="odd", notes="x", severity="warning"
            )
        ]

    replace_suite("marts.data_readiness", rules)
    with pytest.raises(ReleaseRefused, match=r"the expectation itself failed: .*Conversion Error"):
        gate_marts(candidate)


def test_rows_that_are_found_and_cannot_be_shown_refuse_whatever_the_severity(
    candidate, replace_suite
):
    def rules():
        import great_expectations.expectations as gxe

        query = "select cast(grade as integer) as odd from {batch}"
        return [
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=query, description="odd", notes="x", severity="warning"
            )
        ]

    replace_suite("marts.data_readiness", rules)
    with pytest.raises(ReleaseRefused, match=r"the expectation itself failed: .*Conversion Error"):
        gate_marts(candidate)


@pytest.mark.parametrize(("condition", "times"), [("false", 1), ("true", 2)])
def test_a_rule_is_run_once_and_once_more_for_the_rows_that_it_found(
    candidate, replace_suite, condition, times
):
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def rules():
        import great_expectations.expectations as gxe

        query = f"select grade from {{batch}} where {condition} and 'looked' = 'looked'"
        return [
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=query, notes="x", severity="warning"
            )
        ]

    def heard(connection, cursor, statement, *others):
        run.append(statement)

    run = []
    replace_suite("marts.data_readiness", rules)
    event.listen(Engine, "before_cursor_execute", heard)
    try:
        gate_marts(candidate)
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    looks = [sql for sql in run if "'looked'" in sql and not sql.startswith("explain")]
    assert len(looks) == times


def test_a_business_that_has_delivered_its_accounts_alone_passes_without_a_month(candidate):
    change(candidate, *ACCOUNTS_ONLY)
    assert gate_marts(candidate)["success"] is True


EMPTY = [f"delete from marts.{table}" for table in ("data_readiness", "customer_identifiers")]


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (EMPTY[:1], r"marts\.data_readiness: the table has no row, so nothing was checked"),
        (EMPTY[1:], r"marts\.customer_identifiers: the table has no row"),
        (["create table marts.churn_scores as select 1 as a"], r"churn_scores has no suite"),
        (["drop table marts.customer_months"], "no table for the suites of customer_months"),
        (["drop schema marts cascade"], "no table in schema marts: nothing would be checked"),
    ],
)
def test_nothing_to_check_refuses(candidate, statements, message):
    change(candidate, *statements)
    with pytest.raises(ReleaseRefused, match=message):
        gate_marts(candidate)


def test_no_evaluated_expectation_refuses(candidate, monkeypatch):
    import great_expectations as gx

    suite_class = gx.ExpectationSuite
    empty = lambda name, expectations: suite_class(name=name, expectations=[])  # noqa: E731
    monkeypatch.setattr(gx, "ExpectationSuite", empty)
    with pytest.raises(ReleaseRefused, match=r"marts\.customer_months: no expectation was evaluat"):
        gate_marts(candidate)


def test_a_renamed_column_is_told_with_the_nearest_name_and_nothing_is_evaluated(candidate):
    change(candidate, f"alter table {MONTHS} rename experience_score to experience_scores")
    with pytest.raises(ReleaseRefused) as refusal:
        gate_marts(candidate)
    assert "expectations/marts/customer_months.py: expect_column_values_to_be_between" in str(
        refusal.value
    )
    assert "no column 'experience_score'; did you mean 'experience_scores'?" in str(refusal.value)
    assert not (candidate.state / "gate" / "marts").exists()


def test_without_a_candidate_there_is_nothing_to_gate(tmp_path):
    with pytest.raises(ReleaseRefused, match="there is no candidate to check"):
        gate_marts(make_settings(tmp_path / "home"))
