"""Who is one person: accounts and identifiers of each named scenario, by its name."""

from __future__ import annotations

from world import World

ANA = {"given_name_key": "ana", "birth_date_key": "ana's", "birth_year": 1980}
BEN = {"given_name_key": "ben", "birth_date_key": "ben's", "birth_year": 1955}


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


def giant(world: World, name: str) -> None:
    for number in range(60):
        world.account(name, f"a{number:02}")
        for link in (number, number + 1):
            world.holds(name, f"a{number:02}", "loyalty_id", f"card {link}")


def two_accounts_one_person(world: World, name: str) -> None:
    for account in "ab":
        world.account(name, account, **ANA)
        world.holds(name, account, "email", "post")


def twins(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **ANA | {"given_name_key": "eva"})
    for account in "ab":
        world.holds(name, account, "email", "family")


def twins_one_name_missing(world: World, name: str) -> None:
    world.account(name, "a", **ANA)
    world.account(name, "b", **ANA | {"given_name_key": None})
    for account in "ab":
        world.holds(name, account, "email", "family")


def twins_and_a_nameless_account(world: World, name: str) -> None:
    twins(world, name)
    world.account(name, "c", **ANA | {"given_name_key": None})
    world.holds(name, "c", "email", "family")


def conflicting_anchors(world: World, name: str) -> None:
    world.account(name, "old", **ANA)
    world.account(name, "b", **ANA)
    world.account(name, "c", **BEN)
    for account in "bc":
        world.holds(name, account, "account_id", "old")


def person(number: int) -> dict[str, str]:
    return {"given_name_key": f"name {number}", "birth_date_key": f"day {number}"}


def placeholder_email(world: World, name: str) -> None:
    """Never held by two at one time, so no limit on sharing sees it."""
    for number in range(24):
        world.account(name, f"a{number:02}", **person(number))
        month, day = 1 + number // 2, 1 + 14 * (number % 2)
        span = {"from": f"2024-{month:02}-{day:02}", "to": f"2024-{month:02}-{day + 13:02}"}
        world.holds(name, f"a{number:02}", "email", "none", **span)
    world.account(name, "x", **person(23))  # the last one's other account
    world.holds(name, "x", "email", "none", **{"from": "2024-12-15"})


def placeholder_card(world: World, name: str) -> None:
    for number in range(24):
        world.account(name, f"a{number:02}", **person(number) | {"birth_year": 1970 + number % 2})
        world.holds(name, f"a{number:02}", "imsi", "zeros")


def written_differently(world: World, name: str) -> None:
    emails = ("Ana.Lima@Post.example", " ana.lima@post.EXAMPLE ", "ana.lima@post.example")
    phones = ("+44 (0)7700 900123", "0044 7700 900123", "447700900123")
    for number in range(3):
        for kind, values in (("email", emails), ("msisdn", phones)):
            world.account(name, f"{kind}{number}", **ANA)
            world.holds_clear(name, f"{kind}{number}", kind, values[number])


def zero_padding(world: World, name: str) -> None:
    for account, card in (("a", "0012345"), ("b", "12345"), ("c", "0012345")):
        world.account(name, account)
        world.holds_clear(name, account, "loyalty_id", card)


def ties(world: World, name: str) -> None:
    for account in "cab":
        world.account(name, account)
        world.holds(name, account, "loyalty_id", "card")
