import json
import shutil

import duckdb
import pytest
from gate_candidate import CUSTOMERS, write_candidate
from gate_home import PERSONAL, key, make_settings

from saydo.errors import ReleaseRefused
from saydo.gate import gate_marts
from saydo.gate.engine import open_engine
from saydo.gate.suites import load_suites, suite_names

FIRST = f"customer_id = '{CUSTOMERS[0]}'"
SECOND = f"customer_id = '{CUSTOMERS[1]}'"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A candidate that passes; copied for each test."""
    file = tmp_path_factory.mktemp("candidate") / "warehouse.duckdb"
    write_candidate(file)
    return file


@pytest.fixture
def candidate(sound, tmp_path):
    """Settings of a home with a sound candidate."""
    settings = make_settings(tmp_path / "home")
    shutil.copy(sound, settings.warehouse)
    return settings


def change(settings, *statements):
    with duckdb.connect(str(settings.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_sound_candidate_passes_and_its_results_are_kept(candidate):
    before = candidate.warehouse.stat().st_mtime_ns
    (candidate.state / "gate" / ".marts-1").mkdir(parents=True)  # left by a crash
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
    assert summary["candidate_mtime_ns"] == before == candidate.warehouse.stat().st_mtime_ns
    duckdb.connect(str(candidate.warehouse)).close()  # the gate holds no lock any more


MONTHS = "marts.customer_months"
PROFILES = "marts.customer_profiles"
IDENTIFIERS = "marts.customer_identifiers"
READINESS = "marts.data_readiness"
HISTORY = "marts.release_history"
NEVER = "2025-01-01', '2025-01-01"

FAILING = {
    # customer_profiles
    "26 a join that fans out": (
        f"insert into {PROFILES} from {PROFILES} where {FIRST}",
        {
            "expect_column_values_to_be_unique(customer_id)",
            "one profile per resolved customer",
            "recurring revenue of profiles is the closing one of the last month",
            "lifetime revenue of profiles is the revenue of all their months",
        },
    ),
    "27 a join that loses a customer": (
        f"delete from {PROFILES} where {FIRST}",
        {
            "one profile per resolved customer",
            "recurring revenue of profiles is the closing one of the last month",
            "lifetime revenue of profiles is the revenue of all their months",
            "every customer has a profile",
            "every owner has a profile",
        },
    ),
    "a score off its scale": (
        f"update {PROFILES} set latest_satisfaction_score = 95 where {SECOND}",
        {"expect_column_values_to_be_between(latest_satisfaction_score)"},
    ),
    "a band that the score does not earn": (
        f"update {PROFILES} set satisfaction_band = 'neutral' where {FIRST}",
        {"satisfaction_band is the band of latest_satisfaction_score"},
    ),
    "an unknown status": (
        f"update {PROFILES} set customer_status = 'asleep' where {FIRST}",
        {"expect_column_values_to_be_in_set(customer_status)"},
    ),
    "another currency": (
        f"update {PROFILES} set currency_code = 'USD' where {FIRST}",
        {"expect_column_values_to_be_in_set(currency_code)"},
    ),
    "31 a giant component": (
        f"update {PROFILES} set account_count = 51 where {FIRST}",
        {"expect_column_values_to_be_between(account_count)"},
    ),
    "66 an e-mail address": (
        f"update {PROFILES} set region_code = '{PERSONAL}' where {FIRST}",
        {"nothing personal in any column"},
    ),
    "66 a telephone number": (
        f"update {PROFILES} set region_code = '+447911123456' where {FIRST}",
        {"nothing personal in any column"},
    ),
    "66 a national telephone number": (
        f"update {PROFILES} set region_code = '07911123456' where {FIRST}",
        {"nothing personal in any column"},
    ),
    "an experience score off its scale": (
        f"update {PROFILES} set experience_score_90d = 101 where {FIRST}",
        {"expect_column_values_to_be_between(experience_score_90d)"},
    ),
    "no as-of date": (
        f"update {PROFILES} set as_of_date = null where {FIRST}",
        {"expect_column_values_to_not_be_null(as_of_date)"},
    ),
    # customer_months
    "a missing month": (
        f"delete from {MONTHS} where {FIRST} and month_start_date = date '2025-02-01'",
        {
            "months are dense, up to the month of the as-of date",
            "revenue is that of every owned transaction, to the cent",
            "lifetime revenue of profiles is the revenue of all their months",
        },
    ),
    "months that stop early": (
        f"update {PROFILES} set as_of_date = date '2025-04-09'",
        {
            "months are dense, up to the month of the as-of date",
            "recurring revenue of profiles is the closing one of the last month",
        },
    ),
    "a month twice": (
        f"insert into {MONTHS} from {MONTHS} where {FIRST} and month_start_date = '2025-01-01'",
        {
            "expect_compound_columns_to_be_unique(customer_id, month_start_date)",
            "months are dense, up to the month of the as-of date",
            "a month opens with what the month before closed",
            "revenue is that of every owned transaction, to the cent",
            "lifetime revenue of profiles is the revenue of all their months",
        },
    ),
    "recurring revenue from nowhere": (
        f"update {MONTHS} set opening_mrr = 19 where {FIRST} and month_start_date = '2025-02-01'",
        {"a month opens with what the month before closed"},
    ),
    "revenue a cent off": (
        "update intermediate.int_transactions_converted set revenue = 20.01 "
        "where transaction_id = 't00'",
        {
            "revenue is that of every owned transaction, to the cent",
            "revenue in the reporting currency is what was landed, to the cent",
        },
    ),
    "a currency without a rate": (
        "insert into intermediate.int_transactions_converted values "
        f"('t8', 'email', 'x', 'charge', 'JPY', null, false, '{NEVER}')",
        {"every currency has an exchange rate"},
    ),
    "a band without a score": (
        f"update {MONTHS} set satisfaction_score = null where {FIRST}",
        {"satisfaction_band is the band of satisfaction_score"},
    ),
    "months off their scales": (
        f"update {MONTHS} set satisfaction_score = 11, experience_score = -1 where {SECOND}",
        {
            "expect_column_values_to_be_between(satisfaction_score)",
            "expect_column_values_to_be_between(experience_score)",
        },
    ),
    # customer_identifiers
    "28 an identifier with two owners at one time": (
        f"insert into {IDENTIFIERS} select id_type, id_key, '{CUSTOMERS[1]}', evidence, 1, false, "
        f"timestamp '2025-02-01', null from {IDENTIFIERS} where {FIRST}",
        {"an identifier has one owner at a time unless it is shared"},
    ),
    "66 a personal identifier in clear": (
        f"update {IDENTIFIERS} set id_key = '{PERSONAL}' where {FIRST}",
        {"a personal identifier is published as its keyed hash", "nothing personal in any column"},
    ),
    "a span that ends before it begins": (
        f"update {IDENTIFIERS} set valid_from_at = '2025-02-01', valid_to_at = '2025-01-01' "
        f"where {FIRST}",
        {"a span of ownership ends after it begins"},
    ),
    "a probability above one": (
        f"update {IDENTIFIERS} set match_probability = 1.5 where {FIRST}",
        {"expect_column_values_to_be_between(match_probability)"},
    ),
    "an unknown identifier type": (
        f"update {IDENTIFIERS} set id_type = 'fax' where {FIRST}",
        {"expect_column_values_to_be_in_set(id_type)"},
    ),
    # data_readiness
    "25 a few facts without an owner": (
        f"update {READINESS} set match_ratio = 0.98",
        {"warning: at most 0.5% of a source's facts belong to nobody"},
    ),
    "25 many facts without an owner": (
        f"update {READINESS} set match_ratio = 0.9",
        {
            "warning: at most 0.5% of a source's facts belong to nobody",
            "at most 5.0% of a source's facts belong to nobody",
        },
    ),
    "a ratio above one": (
        f"update {READINESS} set coverage_ratio = 1.2, completeness_ratio = -0.1, match_ratio = 2",
        {
            "expect_column_values_to_be_between(completeness_ratio)",
            "expect_column_values_to_be_between(match_ratio)",
            "expect_column_values_to_be_between(coverage_ratio)",
        },
    ),
    "an unknown grade": (
        f"update {READINESS} set grade = 'G'",
        {"expect_column_values_to_be_in_set(grade)"},
    ),
    # release_history
    "two current releases": (
        f"insert into {HISTORY} select 'r' || n, 'hash', true, '2025-01-01', '2025-01-01' "
        "from range(2) as numbers(n)",
        {"one release at most is current"},
    ),
    "a release twice": (
        f"insert into {HISTORY} select 'r', null, false, '2025-01-01', '2025-01-01' from range(2)",
        {
            "expect_column_values_to_be_unique(release_id)",
            "expect_column_values_to_not_be_null(content_hash)",
        },
    ),
}


def findings(settings):
    """Everything that all suites find; a warning is marked."""
    found, texts = set(), ""
    with open_engine(settings.warehouse, settings) as engine:
        tables = suite_names("marts")
        for suite in load_suites("marts", tables, settings.policy, settings.feeds).values():
            for finding in engine.validate(suite, "marts").findings:
                found.add(("" if finding.is_critical else "warning: ") + finding.expectation)
                texts += " ".join([finding.observed, *finding.samples])
    return found, texts


@pytest.mark.parametrize(("statement", "expected"), FAILING.values(), ids=FAILING)
def test_a_fault_fails_its_rule_and_no_other(candidate, statement, expected):
    change(candidate, statement)
    found, texts = findings(candidate)
    assert found == expected
    for personal in (PERSONAL, "7911123456", key(0)):
        assert personal not in texts


def test_every_rule_of_every_suite_has_a_scenario_in_which_it_fails(candidate):
    rules = load_suites("marts", suite_names("marts"), candidate.policy, candidate.feeds)
    from saydo.gate.suites import describe

    described = {describe(rule) for suite in rules.values() for rule in suite.expectations}
    failing = {name.removeprefix("warning: ") for _, names in FAILING.values() for name in names}
    untested = {name for name in described - failing if "not_be_null" not in name}
    assert untested == {"expect_compound_columns_to_be_unique(subject_type, source, feature)"}


def test_what_may_be_shared_may_have_two_owners(candidate):
    change(
        candidate,
        f"insert into {IDENTIFIERS} select id_type, id_key, '{CUSTOMERS[1]}', evidence, 1, true, "
        f"null, null from {IDENTIFIERS} where {FIRST}",
    )
    assert findings(candidate) == (set(), "")


def test_a_recycled_number_may_have_two_owners_one_after_the_other(candidate):
    change(
        candidate,
        f"update {IDENTIFIERS} set valid_to_at = '2025-02-01' where {FIRST}",
        f"insert into {IDENTIFIERS} select id_type, id_key, '{CUSTOMERS[1]}', evidence, 1, false, "
        f"timestamp '2025-02-01', null from {IDENTIFIERS} where {FIRST}",
    )
    assert findings(candidate) == (set(), "")


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
