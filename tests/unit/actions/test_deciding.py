"""Deciding on credits: each rule, and that nothing is decided twice, whatever the order of runs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saydo.actions import Candidate, Earlier, arm_of, decide, policy_hash
from saydo.config.recovery import RecoveryPolicy

KEY = b"a key of the tests"
NOW = datetime(2025, 3, 10, 4)
DAY = date(2025, 3, 9)
ALL = RecoveryPolicy(holdout_share=0, budget_per_run=1_000_000)


def candidate(customer: str = "c_1", **known) -> Candidate:
    values = {
        "customer_id": customer, "account_key": f"a_{customer}", "incident_id": "i_1",
        "incident_date": DAY, "fault_minutes": Decimal(90), "is_measured": True,
        "credit_amount": Decimal("2.50"), "currency_code": "GBP", "satisfaction_band": "fan",
        "has_consent": True, "release_id": "r20250310040000-00000000",
    }  # fmt: skip
    return Candidate(**(values | known))


def as_earlier(rows) -> list[Earlier]:
    return [
        Earlier(row["decided_for"], row["incident_date"], row["decision"], row["decided_at"])
        for row in rows
    ]


def told(rows) -> dict:
    return {(row["decided_for"], row["incident_date"]): row["decision"] for row in rows}


def test_an_affected_customer_is_credited_and_the_decision_says_on_what():
    (row,) = decide([candidate()], [], ALL, KEY, NOW)
    assert row["decision"] == "credit" and row["reason"] is None
    assert (row["policy_code"], row["policy_version"], row["decided_at"]) == ("recovery", 1, NOW)
    assert row["credit_amount"] == Decimal("2.50") and row["account_key"] == "a_c_1"


@pytest.mark.parametrize(
    ("known", "before", "decision"),
    [
        ({"fault_minutes": Decimal("59.9")}, [], "too_small"),
        ({"fault_minutes": Decimal(60)}, [], "credit"),
        ({"has_consent": False}, [], "no_consent"),
        ({}, [("credit", 29)], "too_recent"),
        ({}, [("holdout", 29)], "too_recent"),
        ({}, [("credit", 30)], "credit"),
        ({}, [("too_small", 1), ("capped", 1)], "credit"),
        ({}, [("credit", 40), ("credit", 80), ("holdout", 120), ("credit", 364)], "capped"),
        ({}, [("credit", 40), ("credit", 80), ("holdout", 120), ("credit", 365)], "credit"),
    ],
)
def test_consent_minutes_and_caps_are_decisions_with_reasons(known, before, decision):
    earlier = [
        Earlier("c_1", DAY - timedelta(days=days), what, NOW - timedelta(days=days))
        for what, days in before
    ]
    (row,) = decide([candidate(**known)], earlier, ALL, KEY, NOW)
    assert row["decision"] == decision
    assert (row["reason"] is None) == (decision == "credit")


def test_the_budget_goes_to_the_most_affected_and_ends_for_both_arms():
    policy = ALL.model_copy(update={"budget_per_run": 5, "holdout_share": 0.5})
    people = [
        candidate(f"c_{n}", fault_minutes=Decimal(300 - n), credit_amount=Decimal(2))
        for n in range(20)
    ]
    rows = decide(reversed(people), [], policy, KEY, NOW)
    assert [row["decided_for"] for row in rows] == [f"c_{n}" for n in range(20)]
    spent = [row["decision"] for row in rows]
    cut = spent.index("capped")
    assert set(spent[cut:]) == {"capped"} and spent[:cut].count("credit") == 2
    assert {arm_of(policy, row["decided_for"], KEY) for row in rows[cut:]} == {"credit", "holdout"}


def test_the_holdout_is_the_share_asked_for_and_stays_with_its_version():
    policy = RecoveryPolicy(holdout_share=0.2)
    people = [f"c_{n}" for n in range(20_000)]
    held = {person for person in people if arm_of(policy, person, KEY) == "holdout"}
    assert 0.19 < len(held) / len(people) < 0.21
    assert held == {person for person in people if arm_of(policy, person, KEY) == "holdout"}
    larger = policy.model_copy(update={"holdout_share": 0.4})
    assert held < {person for person in people if arm_of(larger, person, KEY) == "holdout"}
    second = policy.model_copy(update={"version": 2})
    again = {person for person in people if arm_of(second, person, KEY) == "holdout"}
    assert len(held & again) / len(held) == pytest.approx(0.2, abs=0.03)
    assert all(arm_of(ALL, person, KEY) == "credit" for person in people)


def test_a_policy_is_named_by_what_it_says_and_not_by_where_decisions_go():
    policy = RecoveryPolicy()
    assert policy_hash(policy) == policy_hash(policy.model_copy(update={"version": 9}))
    sent = {"kind": "webhook", "connection_id": "billing"}
    assert policy_hash(policy) == policy_hash(RecoveryPolicy(destinations=[sent]))
    assert policy_hash(policy) != policy_hash(RecoveryPolicy(factor=6))


faults = st.lists(
    st.builds(
        candidate,
        st.sampled_from([f"c_{n}" for n in range(6)]),
        incident_date=st.integers(0, 6).map(lambda n: DAY - timedelta(days=n)),
        fault_minutes=st.integers(1, 1440).map(Decimal),
        credit_amount=st.integers(100, 2000).map(lambda cents: Decimal(cents) / 100),
        has_consent=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda one: (one.customer_id, one.incident_date),
)


@settings(max_examples=150, deadline=None)
@given(faults, st.lists(st.integers(0, 3), min_size=30, max_size=30), st.integers(0, 40))
def test_runs_in_any_order_decide_each_day_once_within_budget_and_caps(people, runs, budget):
    policy = RecoveryPolicy(
        budget_per_run=budget, holdout_share=0.3, days_between_credits=2, max_credits_per_year=2
    )
    rows = []
    for run in range(4):
        # What came by then, also what was decided: late files, retries and backfills tell it again.
        known = [one for one, at in zip(people, runs, strict=False) if at <= run]
        now = NOW + timedelta(days=run)
        made = decide(known, as_earlier(rows), policy, KEY, now)
        assert decide(known, as_earlier([*rows, *made]), policy, KEY, now) == []
        spent = sum(Fraction(r["credit_amount"]) for r in made if r["decision"] == "credit")
        assert spent <= budget
        rows += made
    assert len(told(rows)) == len(rows) == len(people)
    assert len({row["decision_id"] for row in rows}) == len(rows)
    for person in {row["decided_for"] for row in rows}:
        mine = [row for row in rows if row["decided_for"] == person]
        assigned = [row for row in mine if row["decision"] in ("credit", "holdout")]
        assert len(assigned) <= 2
        assert {row["decision"] for row in assigned} <= {arm_of(policy, person, KEY)}
