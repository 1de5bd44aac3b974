"""Who is one person, and who is not: one named scenario a test, all resolved in one build."""

from __future__ import annotations

import hashlib

import pytest
from world import one

from saydo.build.dbt import NodeResult
from saydo.build.failures import found_by
from saydo.settings import Settings


def test_a_chain_of_links_is_one_person_to_its_end(resolved):
    assert resolved.groups("chain") == {one("a", "b", "c", "d")}


def test_a_value_that_many_share_exclusively_is_one_person(resolved):
    assert resolved.groups("fan_in") == {one("a", "b", "c", "d")}


def test_a_diamond_is_one_person(resolved):
    assert resolved.groups("diamond") == {one("a", "b", "c", "d")}


def test_a_household_email_with_different_names_joins_nobody_and_owns_nothing(resolved):
    assert resolved.groups("household_email") == {one("a"), one("b")}
    assert resolved.spans("household_email", "family") == [(None, None, None)] * 2
    assert not resolved.row("household_email", "a")["is_identity_disputed"]


def test_what_both_have_must_agree_and_something_must(resolved):
    assert resolved.groups("one_name_missing") == {one("a", "b"), one("c")}


def test_without_any_attribute_a_shareable_identifier_links_by_default(resolved):
    assert resolved.groups("no_attributes") == {one("a", "b")}


def test_a_shops_phone_joins_nobody_and_owns_nothing(resolved):
    assert len(resolved.groups("shop_phone")) == 7
    assert {span[0] for span in resolved.spans("shop_phone", "shop")} == {None}


def test_one_person_may_have_more_accounts_than_a_value_may_have_persons(resolved):
    assert len(resolved.groups("same_person_often")) == 1


def test_what_only_one_may_hold_disputes_two_different_persons(resolved):
    assert resolved.groups("exclusive_contradicted") == {one("a"), one("b")}
    assert resolved.row("exclusive_contradicted", "a")["is_identity_disputed"]
    assert {span[0] for span in resolved.spans("exclusive_contradicted", "card")} == {None}


def test_accounts_known_by_their_identifiers_alone_exist_and_link(resolved):
    assert resolved.groups("by_identifiers_alone") == {one("a", "b")}
    assert resolved.spans("by_identifiers_alone", "order 1") == [("a", None, None)]
    assert resolved.row("by_identifiers_alone", "a")["account_count"] == 2


def test_an_account_id_that_another_account_had_joins_them(resolved):
    assert resolved.groups("old_account_number") == {one("a", "b")}


def test_two_accounts_of_a_person_join_where_what_is_known_of_them_agrees(resolved):
    assert resolved.groups("two_accounts_one_person") == {one("a", "b")}


def test_twins_share_an_email_and_a_birth_date_and_stay_two(resolved):
    assert resolved.groups("twins") == {one("a"), one("b")}


def test_of_twins_one_without_a_name_is_taken_for_the_other(resolved):
    """The rule asks for one attribute that agrees and none that differs: the birth date is one."""
    assert resolved.groups("twins_one_name_missing") == {one("a", "b")}


def test_twins_that_a_nameless_account_joins_are_disputed(resolved):
    assert resolved.groups("twins_and_a_nameless_account") == {one("a", "b", "c")}
    assert resolved.row("twins_and_a_nameless_account", "a")["is_identity_disputed"]


def test_an_account_id_that_two_different_persons_claim_is_disputed(resolved):
    assert resolved.groups("conflicting_anchors") == {one("old", "b"), one("c")}
    for account in "bc":
        assert resolved.row("conflicting_anchors", account)["is_identity_disputed"]


def test_a_placeholder_is_learnt_though_nobody_holds_it_together(resolved):
    assert len(resolved.groups("placeholder_email")) == 25, "not even one person's two accounts"
    assert {owner for owner, _, _ in resolved.spans("placeholder_email", "none")} == {None}
    (learnt,) = resolved.learnt("placeholder_email")
    assert (learnt["account_count"], learnt["person_count"]) == (25, 24)
    assert learnt["person_count"] >= 10 * learnt["usual_account_count"]


def test_a_placeholder_card_links_nobody_and_is_nobodys_dispute(resolved):
    assert len(resolved.groups("placeholder_card")) == 24
    assert not resolved.row("placeholder_card", "a00")["is_identity_disputed"]
    assert [row["person_count"] for row in resolved.learnt("placeholder_card")] == [24]


def test_only_values_of_very_many_persons_are_learnt(resolved):
    learnt = resolved.home.rows("select id_key from intermediate.int_placeholders_learnt")
    assert {row["id_key"] for row in learnt} == {"placeholder_email/none", "placeholder_card/zeros"}


def test_case_blanks_and_formats_do_not_make_another_identifier(resolved):
    assert resolved.groups("written_differently") == {
        one("email0", "email1", "email2"),
        one("msisdn0", "msisdn1", "msisdn2"),
    }


def test_leading_zeros_make_another_identifier(resolved):
    assert resolved.groups("zero_padding") == {one("a", "c"), one("b")}


def test_of_accounts_opened_together_the_smallest_key_founds_the_customer(resolved):
    assert resolved.groups("ties") == {one("a", "b", "c")}
    founder = hashlib.md5(b"ties/a:0", usedforsecurity=False).hexdigest()
    assert resolved.customer["ties/c"] == f"c_{founder[:16]}"


def test_a_cluster_larger_than_a_person_is_left_apart_and_flagged(resolved):
    assert len(resolved.groups("giant")) == 60
    assert resolved.row("giant", "a00")["is_identity_disputed"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("int_identifiers_resolved__an_identifier_has_one_owner_at_a_time", "pass"),
        ("int_identifiers_resolved__an_exclusive_identifier_is_not_disputed", "fail"),
        ("int_identifiers_counted__no_exclusive_identifier_is_over_the_limit", "pass"),
        ("int_accounts_grouped__no_group_is_larger_than_a_person", "fail"),
        ("int_accounts_resolved__no_two_groups_share_a_customer_id", "pass"),
        ("int_identity_registered__an_account_has_one_customer", "pass"),
    ],
)
def test_a_dispute_and_a_giant_refuse_the_release_and_nothing_else_does(statuses, name, status):
    assert statuses[name] == status


def test_a_giant_is_refused_with_the_identifiers_that_glue_it(dbt, resolved, statuses):
    name = "int_accounts_grouped__no_group_is_larger_than_a_person"
    assert statuses[name] == "fail"
    (compiled,) = (dbt.folder / "target" / "compiled").rglob(f"{name}.sql")
    result = NodeResult(name, "test", "fail", 0.0, None, str(compiled), None)
    found = found_by(Settings(home=resolved.home.root), result).split("; ")
    assert found[0] == (
        "id_type=loyalty_id, key_prefix=giant/card, glued_account_count=2, cluster_account_count=60"
    )


@pytest.fixture(scope="module")
def statuses(dbt, resolved):
    return dbt(resolved.home, "test", "path:models/intermediate/identity,test_type:data")
