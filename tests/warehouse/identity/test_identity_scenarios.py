"""Who is one person, and who is not: one named scenario a test, all resolved in one build."""

from __future__ import annotations

import pytest
from world import World

ANA = {"given_name_key": "ana", "birth_date_key": "ana's", "birth_year": 1980}
BEN = {"given_name_key": "ben", "birth_date_key": "ben's", "birth_year": 1955}


def one(*names: str) -> frozenset[str]:
    return frozenset(names)


def chain(world: World, name: str) -> None:
    for account in "abcd":
        world.account(name, account)
    for left, right in ("ab", "bc", "cd"):
        for account in (left, right):
            world.holds(name, account, "loyalty_id", left + right)


def fan_in(world: World, name: str) -> None:
    for account in "abcd":
        world.account(name, account)
        world.holds(name, account, "loyalty_id", "card")


def diamond(world: World, name: str) -> None:
    for account in "abcd":
        world.account(name, account)
    for left, right in ("ab", "ac", "bd", "cd"):
        for account in (left, right):
            world.holds(name, account, "panel_id", left + right)


def household_email(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **BEN)
    for account in "ab":
        world.holds(name, account, "email", "family")


def one_name_missing(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", given_name_key="ana")
    world.account(name, "c")  # nothing known: nothing corroborates
    for account in "abc":
        world.holds(name, account, "email", "post")


def no_attributes(world: World, name: str) -> None:
    for account in "ab":
        world.account(name, account)
        world.holds(name, account, "email", "post")


def recycled_with_gap(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **ANA)  # agreeing attributes: only time keeps them apart
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01", "to": "2024-03-01"})
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-06-01"})


def recycled_without_gap(world: World, name: str) -> None:
    world.account(name, "a")
    world.account(name, "b")
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01", "to": "2024-03-01"})
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-03-01"})


def back_to_first(world: World, name: str) -> None:
    for account in "ab":
        world.account(name, account)
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01", "to": "2024-03-01"})
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-03-01", "to": "2024-05-01"})
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-05-01"})


def quarantine(world: World, name: str) -> None:
    for account in "abc":
        world.account(name, account)
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01", "to": "2024-03-01"})
    # b and c overlap for ten days only, all of them inside the thirty days after the hand-over.
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-03-01", "to": "2024-03-11"})
    world.holds(name, "c", "msisdn", "number", **{"from": "2024-03-01"})


def after_quarantine(world: World, name: str) -> None:
    for account in "abc":
        world.account(name, account)
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01", "to": "2024-03-01"})
    for account in "bc":
        world.holds(name, account, "msisdn", "number", **{"from": "2024-03-01"})


def sim_swap(world: World, name: str) -> None:
    world.account(name, "a")
    world.holds(name, "a", "imsi", "old", **{"to": "2024-04-01"})
    world.holds(name, "a", "imsi", "new", **{"from": "2024-04-01"})


def shop_phone(world: World, name: str) -> None:
    for number in range(7):
        account = f"a{number}"
        world.account(name, account, given_name_key=f"name {number}")
        world.holds(name, account, "msisdn", "shop")


def same_person_often(world: World, name: str) -> None:
    for number in range(8):  # more accounts than max_customers, one holder
        world.account(name, f"a{number}", **ANA)
        world.holds(name, f"a{number}", "email", "post")


def exclusive_contradicted(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **BEN)
    for account in "ab":
        world.holds(name, account, "imsi", "card")


def by_identifiers_alone(world: World, name: str) -> None:
    for account, order in (("a", "order 1"), ("a", "order 2"), ("b", "order 3")):
        world.holds(name, account, "order_id", order)
    for account in "ab":
        world.holds(name, account, "panel_id", "person")


def old_account_number(world: World, name: str) -> None:
    world.account(name, "a")
    world.account(name, "b")
    world.holds(name, "b", "account_id", "a")  # b was a once: the anchor joins them


def shared_for_a_while(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **BEN)
    world.holds(name, "a", "email", "post", **{"from": "2024-01-01"})
    world.holds(name, "b", "email", "post", **{"from": "2024-03-01", "to": "2024-05-01"})


def giant(world: World, name: str) -> None:
    for number in range(60):
        world.account(name, f"a{number:02}")
        for link in (number, number + 1):
            world.holds(name, f"a{number:02}", "loyalty_id", f"card {link}")


SCENARIOS = [
    chain, fan_in, diamond, household_email, one_name_missing, no_attributes, recycled_with_gap,
    recycled_without_gap, back_to_first, quarantine, after_quarantine, sim_swap, shop_phone,
    same_person_often, exclusive_contradicted, by_identifiers_alone, old_account_number,
    shared_for_a_while, giant,
]  # fmt: skip


@pytest.fixture(scope="module")
def resolved(resolve):
    world = World()
    for scenario in SCENARIOS:
        scenario(world, scenario.__name__)
    return resolve("scenarios", world)[0]


def test_a_chain_of_links_is_one_person_to_its_end(resolved):
    assert resolved.groups("chain") == {one("a", "b", "c", "d")}


def test_a_value_that_many_share_exclusively_is_one_person(resolved):
    assert resolved.groups("fan_in") == {one("a", "b", "c", "d")}


def test_a_diamond_is_one_person(resolved):
    assert resolved.groups("diamond") == {one("a", "b", "c", "d")}


def test_a_household_email_with_different_names_joins_nobody_and_owns_nothing(resolved):
    assert resolved.groups("household_email") == {one("a"), one("b")}
    assert resolved.spans("household_email", "family") == [(None, "01-01", None)] * 2
    assert not resolved.row("household_email", "a")["is_identity_disputed"]


def test_what_both_have_must_agree_and_something_must(resolved):
    assert resolved.groups("one_name_missing") == {one("a", "b"), one("c")}


def test_without_any_attribute_a_shareable_identifier_links_by_default(resolved):
    assert resolved.groups("no_attributes") == {one("a", "b")}


def test_a_recycled_number_joins_nobody_and_belongs_to_nobody_in_the_gap(resolved):
    assert resolved.groups("recycled_with_gap") == {one("a"), one("b")}
    assert resolved.spans("recycled_with_gap", "number") == [
        ("a", "01-01", "03-01"),
        ("b", "06-01", None),
    ]


def test_a_hand_over_at_the_same_instant_is_no_overlap(resolved):
    assert resolved.groups("recycled_without_gap") == {one("a"), one("b")}
    assert resolved.spans("recycled_without_gap", "number") == [
        ("a", "01-01", "03-01"),
        ("b", "03-01", None),
    ]


def test_a_number_that_comes_back_belongs_to_its_first_owner_twice(resolved):
    assert resolved.groups("back_to_first") == {one("a"), one("b")}
    assert resolved.spans("back_to_first", "number") == [
        ("a", "01-01", "03-01"),
        ("b", "03-01", "05-01"),
        ("a", "05-01", None),
    ]


def test_a_reassigned_number_links_nobody_in_quarantine(resolved):
    assert resolved.groups("quarantine") == {one("a"), one("b"), one("c")}


def test_a_reassigned_number_links_again_after_quarantine(resolved):
    assert resolved.groups("after_quarantine") == {one("a"), one("b", "c")}
    (row,) = resolved.home.rows(
        "select quarantined_until_at from intermediate.int_identifiers_resolved "
        "where id_key = 'after_quarantine/number' and quarantined_until_at is not null"
    )
    assert f"{row['quarantined_until_at']:%Y-%m-%d}" == "2024-03-31"


def test_a_sim_swap_is_one_person_with_two_cards(resolved):
    assert resolved.spans("sim_swap", "old") == [("a", "01-01", "04-01")]
    assert resolved.spans("sim_swap", "new") == [("a", "04-01", None)]


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


def test_an_identifier_is_its_owners_before_and_after_it_was_shared(resolved):
    assert resolved.spans("shared_for_a_while", "post") == [
        ("a", "01-01", "03-01"),
        (None, "03-01", "05-01"),
        (None, "03-01", "05-01"),
        ("a", "05-01", None),
    ]


def test_a_cluster_larger_than_a_person_is_left_apart_and_flagged(resolved):
    assert len(resolved.groups("giant")) == 60
    assert resolved.row("giant", "a00")["is_identity_disputed"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("int_identifiers_resolved__an_identifier_has_one_owner_at_a_time", "pass"),
        ("int_identifiers_resolved__an_exclusive_identifier_is_not_disputed", "fail"),
        ("int_accounts_grouped__no_group_is_larger_than_a_person", "fail"),
        ("int_groups_identified__no_two_groups_share_a_customer_id", "pass"),
        ("int_identity_registered__an_account_has_one_customer", "pass"),
    ],
)
def test_a_dispute_and_a_giant_refuse_the_release_and_nothing_else_does(statuses, name, status):
    assert statuses[name] == status


@pytest.fixture(scope="module")
def statuses(dbt, resolved):
    return dbt(resolved.home, "test", "path:models/intermediate/identity,test_type:data")
