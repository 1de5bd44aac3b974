"""Who holds an identifier, and when: accounts and spans of each named scenario, by its name."""

from __future__ import annotations

from scenario_worlds import ANA, BEN
from world import World

MANY_HANDS_NUMBER = "+44 7700 900456"


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


def shared_for_a_while(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **BEN)
    world.holds(name, "a", "email", "post", **{"from": "2024-01-01"})
    world.holds(name, "b", "email", "post", **{"from": "2024-03-01", "to": "2024-05-01"})


def ported_number(world: World, name: str) -> None:
    for account in "ab":
        world.account(name, account, **ANA)
        world.holds(name, account, "email", "post")
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01", "to": "2024-03-01"})
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-03-01"})


def one_account_two_persons(world: World, name: str) -> None:
    world.account(name, "a", updated_at="2024-01-01", **ANA)
    world.account(name, "a", updated_at="2024-03-01", **BEN)
    world.account(name, "x", **ANA)
    world.holds(name, "a", "email", "anas", **{"from": "2024-01-01", "to": "2024-03-01"})
    world.holds(name, "a", "email", "bens", **{"from": "2024-03-01"})
    world.holds(name, "x", "email", "anas", **{"from": "2024-01-01"})


def same_day_hand_over(world: World, name: str) -> None:
    for account in "ab":
        world.account(name, account, **ANA)
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01", "to": "2024-03-01 10:00"})
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-03-01 10:00"})


def open_ended_overlap(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **BEN)
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-01-01"})
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-03-01"})


def phantom_gap(world: World, name: str) -> None:
    world.account(name, "a")
    for begin, end in (("01-01", "03-01"), ("03-01", "05-01"), ("04-01", "06-01")):
        span = {"from": f"2024-{begin}", "to": f"2024-{end}"}
        world.holds(name, "a", "msisdn", "number", **span)


def no_begin(world: World, name: str) -> None:
    world.account(name, "a", opened_at="2024-02-03")
    world.holds(name, "a", "msisdn", "number")
    world.holds(name, "x", "order_id", "order")  # an account known by its identifier alone


def equal_spans(world: World, name: str) -> None:
    for account in "abc":
        world.account(name, account, **ANA)
        for value in ("post", "old"):
            span = {"from": "2024-01-01"} | ({"to": "2024-03-01"} if value == "old" else {})
            world.holds(name, account, "email", value, **span)


def never_reassigned(world: World, name: str) -> None:
    world.account(name, "a", opened_at="2024-02-03")
    world.holds(name, "a", "loyalty_id", "card")
    world.holds(name, "a", "loyalty_id", "given_back", **{"to": "2024-02-03"})


def in_turn_without_begins(world: World, name: str) -> None:
    world.account(name, "a", opened_at="2024-01-01")
    world.account(name, "b", opened_at="2024-05-01")
    world.account(name, "c")
    world.holds(name, "a", "loyalty_id", "card", **{"to": "2024-03-01"})
    world.holds(name, "b", "loyalty_id", "card", **{"to": "2024-06-01"})
    world.holds(name, "c", "loyalty_id", "card", **{"from": "2024-08-01"})


def together_without_begins(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", opened_at="2024-04-01", **BEN)
    for account in "ab":
        world.holds(name, account, "email", "post")


def ends_before_it_begins(world: World, name: str) -> None:
    for account in "ab":
        world.account(name, account)
    world.holds(name, "a", "msisdn", "number", **{"from": "2024-05-01", "to": "2024-03-01"})
    world.holds(name, "b", "msisdn", "number", **{"from": "2024-01-01"})


def not_yet(world: World, name: str) -> None:
    for account in "ab":
        world.account(name, account)
    world.holds(name, "a", "loyalty_id", "card", **{"from": "2024-01-01"})
    world.holds(name, "b", "loyalty_id", "card", **{"from": "2025-06-01"})  # after the as-of day


def many_hands(world: World, name: str) -> None:
    for month, account in enumerate("abcd", start=1):
        world.account(name, account, **ANA)
        span = {"from": f"2024-{month:02}-01", "to": f"2024-{month:02}-20"}
        world.holds_clear(name, account, "msisdn", MANY_HANDS_NUMBER, **span)
