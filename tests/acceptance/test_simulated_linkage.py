"""The simulated business with mistakes and linkage on: found, decided, nothing in clear.

Of each second account given name, birth date, surname and address are wrong with 15% each, and as
often a letter of the e-mail is, or two digits of the number are.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest
import yaml
from whole_business import Business, account_keys, run_all

from saydo.identity.linkage import decide, pending
from saydo.settings import PROJECT, Settings
from saydo.simulate import simulate

# Names and addresses as the simulator writes them, unlike anything else in a home.
CLEAR = re.compile(
    rb"Muhammad|Siobhan|Jean-Luc|MacDonald|Richardson|ZZ\d\d \d{6}|Station Road"
    rb"|@[a-z]+\.example|\b447\d{9}\b"
)


@pytest.fixture(scope="module")
def telco(tmp_path_factory) -> Business:
    folder = tmp_path_factory.mktemp("linked")
    policy = yaml.safe_load((PROJECT / "config" / "policy.yml").read_text())
    policy["linkage"]["is_on"] = True
    (folder / "policy.yml").write_text(yaml.safe_dump(policy))
    settings = Settings(
        home=folder / "home",
        policy_file=folder / "policy.yml",
        memory_limit="2GB",
        pseudonym_key="simulated linkage",  # the pairs a model is trained on follow the keys
    )
    simulate(settings.landing, customers=4_000, months=2, seed=3, mistakes=0.15)
    return Business(settings, run_all(settings))


def pairs(groups: dict[str, str]) -> set[tuple[str, str]]:
    """Every pair of accounts of one group."""
    members: dict[str, list[str]] = defaultdict(list)
    for account, group in groups.items():
        members[group].append(account)
    return {
        pair
        for together in members.values()
        for pair in itertools.combinations(sorted(together), 2)
    }


@pytest.fixture(scope="module")
def truth(telco) -> dict:
    return json.loads((telco.settings.landing / "truth.json").read_text())


@pytest.fixture(scope="module")
def person_of(telco, truth) -> dict[str, str]:
    person_of = {
        account: person
        for person, accounts in truth["persons_accounts"].items()
        for account in accounts
    }
    keys = account_keys(telco.settings, list(person_of))
    return {keys[account]: person for account, person in person_of.items()}


def customer_of(business: Business) -> dict[str, str]:
    return dict(
        business.rows(
            "select account_key, customer_id from warehouse.intermediate.int_accounts_resolved"
        )
    )


def test_linkage_finds_nearly_all_that_identifiers_cannot_and_joins_no_two_persons(
    telco, truth, person_of
):
    assert len(truth["mistakes"]) > 200
    found = customer_of(telco)
    true_pairs = pairs({account: person_of[account] for account in found})
    clusters = dict(
        telco.rows(
            "select account_key, component_key from warehouse.intermediate.int_accounts_clustered"
        )
    )
    alone, linked = pairs(clusters), pairs(found)
    assert len(true_pairs) > 400
    assert linked - true_pairs == set()
    assert len(alone & true_pairs) / len(true_pairs) < 0.98  # some share nothing at all
    assert len(linked & true_pairs) / len(true_pairs) >= 0.98


def test_neither_twins_nor_who_had_a_number_before_are_taken_for_one(telco, truth, person_of):
    customers = defaultdict(set)
    for account, customer in customer_of(telco).items():
        customers[person_of[account]].add(customer)
    recycled = [[span["person"] for span in one["spans"]] for one in truth["recycled_numbers"]]
    households = [
        pair
        for email in truth["household_emails"]
        for pair in itertools.combinations(email["persons"], 2)
    ]
    assert len(truth["twins"]) >= 15 and len(recycled) >= 3 and len(households) > 200
    for one, other in truth["twins"] + recycled + households:
        assert customers[one].isdisjoint(customers[other]), (one, other)


def test_the_release_says_what_rests_on_likeness(telco):
    rows = dict(
        telco.rows("select evidence, min(match_probability) from customer_identifiers group by 1")
    )
    assert rows.keys() == {"anchor", "declared", "probabilistic"}
    assert rows["anchor"] == rows["declared"] == 1
    assert 0.9 <= rows["probabilistic"] < 1


def test_nothing_in_clear_is_kept_outside_landing_and_the_restricted_store(telco):
    home = telco.settings.home
    assert any(CLEAR.search(file.read_bytes()) for file in (home / "landing" / "crm").glob("*.csv"))
    contacts = duckdb.execute(
        "select distinct clear_value from read_parquet(?)",
        [str(home / "restricted" / "account_identifiers" / "*.parquet")],
    ).fetchall()
    assert len(contacts) > 4_000
    assert all(CLEAR.search(value.encode()) for (value,) in contacts)
    kept = [
        file
        for file in home.rglob("*")
        if file.is_file()
        and file.relative_to(home).parts[0] not in ("landing", "restricted")
        and file.name != "truth.json"
    ]
    places = {file.relative_to(home).parts[0] for file in kept}
    assert {"state", "raw", "published", "warehouse.duckdb"} <= places
    assert [str(file) for file in kept if CLEAR.search(file.read_bytes())] == []


def test_decisions_move_customers_as_a_build_from_nothing_would(telco):
    settings = telco.settings
    before = customer_of(telco)
    waiting = pending(settings)
    assert {proposal.reason for proposal in waiting} >= {"may be two persons of one household"}
    twins = waiting[0]
    assert twins.likeness["birth date"] == "same" or twins.likeness["given name"] == "same"
    [wrong, *_] = telco.rows(
        "select account_key, other_account_key from warehouse.intermediate.int_links_judged "
        "where is_linked order by all"
    )
    decide(settings, (twins.account_key, twins.other_account_key), "accepted", "asked them")
    decide(settings, wrong, "rejected", "asked them")
    again = run_all(settings)
    after = customer_of(telco)
    assert before[twins.account_key] != before[twins.other_account_key]
    assert after[twins.account_key] == after[twins.other_account_key]
    assert before[wrong[0]] == before[wrong[1]]
    assert after[wrong[0]] != after[wrong[1]]
    assert len(pending(settings)) < len(waiting)
    reviewed = telco.rows(
        "select count(*), min(match_probability) from customer_identifiers "
        "where evidence = 'reviewed'"
    )
    assert reviewed[0][0] > 0
    assert reviewed[0][1] == 1

    # The same release from nothing: history moved with the accounts, to the row.
    _rebuild_from_nothing(settings, telco.folder)
    assert run_all(settings)["content_hash"] == again["content_hash"]


def _rebuild_from_nothing(settings: Settings, current: Path) -> None:
    """The registry of the release stays: it says which ids the customers had."""
    assert (current / "registry.parquet").is_file()
    settings.warehouse.unlink()
    shutil.rmtree(settings.state / "build")
