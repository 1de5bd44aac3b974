"""What a person decides is kept, replaced by a later word, and free of contradictions."""

from __future__ import annotations

import pytest

from saydo.errors import ConfigError
from saydo.identity.linkage import decide, decisions_hash, read_decisions
from saydo.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path)


def decided(settings: Settings) -> list[tuple[str, ...]]:
    return [
        (d.account_key, d.other_account_key, d.decision, d.reason) for d in read_decisions(settings)
    ]


def test_a_later_decision_about_the_pair_replaces_the_earlier(settings):
    decide(settings, ("b", "a"), "accepted", "same passport")
    decide(settings, ("c", "a"), "rejected", "father and son")
    before = decisions_hash(settings)
    decide(settings, ("a", "b"), "rejected", " the passport was another's ")
    assert decided(settings) == [
        ("a", "b", "rejected", "the passport was another's"),
        ("a", "c", "rejected", "father and son"),
    ]
    assert decisions_hash(settings) != before
    assert read_decisions(settings)[0].decided_at.endswith("+00:00")


@pytest.mark.parametrize(("pair", "reason"), [(("a", "b"), " "), (("a", "a"), "itself")])
def test_a_decision_needs_a_reason_and_two_accounts(settings, pair, reason):
    with pytest.raises(ConfigError):
        decide(settings, pair, "accepted", reason)
    assert read_decisions(settings) == []
    assert decisions_hash(settings) == ""


def test_accepted_pairs_may_not_join_a_rejected_one_over_any_steps(settings):
    decide(settings, ("a", "d"), "rejected", "twins")
    decide(settings, ("a", "b"), "accepted", "x")
    decide(settings, ("b", "c"), "accepted", "x")
    with pytest.raises(ConfigError, match="a and d cannot be rejected while accepted pairs join"):
        decide(settings, ("c", "d"), "accepted", "x")
    assert len(read_decisions(settings)) == 3
    decide(settings, ("b", "c"), "rejected", "a typing error")
    decide(settings, ("c", "d"), "accepted", "x")
    with pytest.raises(ConfigError):
        decide(settings, ("c", "b"), "accepted", "x")
