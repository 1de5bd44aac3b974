import re

import pytest
from action_faults import FAILING as FAILING_ACTIONS
from decision_faults import FAILING as FAILING_DECISIONS
from effect_faults import FAILING as FAILING_EFFECTS
from experiment_faults import FAILING as FAILING_EXPERIMENTS
from gate_candidate import CUSTOMERS, FIRST, IDENTIFIERS, change
from gate_home import PERSONAL, key
from knowing_faults import FAILING as FAILING_KNOWING
from map_faults import FAILING as FAILING_MAP
from mart_faults import FAILING as FAILING_CORE
from metric_faults import FAILING as FAILING_METRICS
from recovery_faults import FAILING as FAILING_RECOVERY
from revenue_faults import FAILING as FAILING_REVENUE
from say_do_faults import FAILING as FAILING_SAY_DO
from segment_faults import FAILING as FAILING_SEGMENTS
from survey_faults import FAILING as FAILING_SURVEY

from saydo.gate.engine import open_engine
from saydo.gate.rules import describe
from saydo.gate.suites import load_suites, suite_names

FAILING = (
    FAILING_CORE | FAILING_REVENUE | FAILING_SURVEY | FAILING_SAY_DO | FAILING_METRICS
    | FAILING_EFFECTS | FAILING_EXPERIMENTS | FAILING_RECOVERY | FAILING_ACTIONS
    | FAILING_SEGMENTS | FAILING_DECISIONS | FAILING_KNOWING | FAILING_MAP
)  # fmt: skip

_CHANGED = re.compile(r"(?:insert into|update|delete from|(?:alter|drop) table) \w+\.(\w+)")
_WORD = re.compile(r"\w+")


def reading(suites, statements):
    """The suites with a rule that reads a table which one of the statements changes."""
    changed = {name for sql in statements for name in _CHANGED.findall(sql)}
    assert changed, f"no table is changed by {statements}"
    read = {
        name: " ".join([name, *(str(rule.configuration.kwargs) for rule in suite.expectations)])
        for name, suite in suites.items()
    }
    return [suites[name] for name, text in read.items() if changed & {*_WORD.findall(text)}]


def findings(settings, *statements):
    """Everything that all suites find once the statements have run; a warning is marked."""
    change(settings, *statements)
    found, texts = set(), ""
    suites = load_suites("marts", suite_names("marts"), settings.policy, settings.feeds)
    with open_engine(settings.warehouse, settings) as engine:
        for suite in reading(suites, statements):
            for finding in engine.validate(suite, "marts").findings:
                found.add(("" if finding.is_critical else "warning: ") + finding.expectation)
                texts += " ".join([finding.observed, *finding.samples])
    return found, texts


@pytest.mark.parametrize(("statement", "expected"), FAILING.values(), ids=FAILING)
def test_a_fault_fails_its_rule_and_no_other(candidate, statement, expected):
    found, texts = findings(candidate, statement)
    assert found == expected
    for personal in (PERSONAL, "7911123456", key(0)):
        assert personal not in texts


def test_every_rule_of_every_suite_has_a_scenario_in_which_it_fails(candidate):
    rules = load_suites("marts", suite_names("marts"), candidate.policy, candidate.feeds)
    described = {describe(rule) for suite in rules.values() for rule in suite.expectations}
    failing = {name.removeprefix("warning: ") for _, names in FAILING.values() for name in names}
    untested = {name for name in described - failing if "not_be_null" not in name}
    assert untested == {"expect_compound_columns_to_be_unique(subject_type, source, feature)"}


def test_what_may_be_shared_may_have_two_owners(candidate):
    shared = (
        f"insert into {IDENTIFIERS} select id_type, id_key, '{CUSTOMERS[1]}', evidence, 1, true, "
        f"null, null from {IDENTIFIERS} where {FIRST}"
    )
    assert findings(candidate, shared) == (set(), "")


def test_a_recycled_number_may_have_two_owners_one_after_the_other(candidate):
    recycled = (
        f"update {IDENTIFIERS} set valid_to_at = '2025-02-01' where {FIRST}",
        f"insert into {IDENTIFIERS} select id_type, id_key, '{CUSTOMERS[1]}', evidence, 1, false, "
        f"timestamp '2025-02-01', null from {IDENTIFIERS} where {FIRST}",
    )
    assert findings(candidate, *recycled) == (set(), "")


@pytest.mark.parametrize(("fractional_count", "is_explained"), [(3, True), (0, False)])
def test_only_parts_of_a_cent_explain_a_difference_of_rounding(
    candidate, fractional_count, is_explained
):
    found, _ = findings(
        candidate,
        "update intermediate.int_transactions_converted set revenue = revenue + 0.004",
        "update staging.stg_transactions__transactions set amount = amount + 0.004",
        "insert into intermediate.int_transactions_summarised_to_customers "
        f"select customer_id, {fractional_count} from marts.customer_profiles",
    )
    assert found == (
        set() if is_explained else {"revenue is that of every owned transaction, to the cent"}
    )
