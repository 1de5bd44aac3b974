"""The example of docs/identity.md: a recycled number, a shared e-mail, a card that merges two."""

from __future__ import annotations

import pytest
from world import World

ANA = {"given_name_key": "ana", "birth_date_key": "1980-02-03"}
BEN = {"given_name_key": "ben", "birth_date_key": "1978-07-07"}
CLEO = {"given_name_key": "cleo", "birth_date_key": "1990-05-05"}


def release(has_card: bool) -> World:
    world = World()
    world.account("example", "A1", opened_at="2024-01-10", **ANA)
    world.account("example", "A2", opened_at="2024-02-01", **BEN)
    world.account("example", "A3", opened_at="2024-04-01", **ANA)
    world.account("example", "A4", opened_at="2024-06-01", **CLEO)
    world.holds("example", "A1", "msisdn", "01", **{"from": "2024-01-10", "to": "2024-03-01"})
    world.holds("example", "A4", "msisdn", "01", **{"from": "2024-06-01"})
    for name, day in (("A1", "2024-01-10"), ("A2", "2024-02-01")):
        world.holds("example", name, "email", "home@", **{"from": day})
    world.holds("example", "A1", "loyalty_id", "77", **{"from": "2024-01-10"})
    if has_card:
        world.holds("example", "A3", "loyalty_id", "77", **{"from": "2024-04-01"})
        world.input_changes.append({"change_type": "delivered"})
    return world


@pytest.fixture(scope="module")
def releases(resolve):
    return resolve("example", release(has_card=False), release(has_card=True))


def test_the_number_is_two_customers_in_turn_and_nobodys_in_between(releases):
    assert releases[1].spans("example", "01") == [("A1", "01-10", "03-01"), ("A4", "06-01", None)]
    (row,) = releases[1].home.rows(
        "select quarantined_until_at from intermediate.int_identifiers_resolved "
        "where id_key = 'example/01' and quarantined_until_at is not null"
    )
    assert f"{row['quarantined_until_at']:%m-%d}" == "07-01"


def test_the_households_email_parts_two_and_is_nobodys_once_both_have_it(releases):
    assert releases[1].spans("example", "home@") == [
        ("A1", "01-10", "02-01"), (None, "02-01", None), (None, "02-01", None),
    ]  # fmt: skip
    (pair,) = releases[1].home.rows(
        "select verdict from intermediate.int_accounts_linked where id_key = 'example/home@'"
    )
    assert pair["verdict"] == "contradicted"


def test_the_card_merges_two_customers_into_the_earlier_and_says_why(releases):
    before, after = (release.customer for release in releases)
    assert before["example/A3"] != before["example/A1"] == after["example/A1"]
    assert after["example/A3"] == after["example/A1"]
    assert releases[1].changes == [
        {
            "change_type": "merged", "from_customer_id": before["example/A3"],
            "to_customer_id": before["example/A1"], "account_count": 1,
            "reason": "loyalty_id:linked, inputs:delivered",
        }
    ]  # fmt: skip
    assert releases[1].spans("example", "77") == [("A1", "01-10", None)]
