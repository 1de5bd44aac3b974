"""Links that names and addresses propose: which join customers, which wait, and what says so."""

from __future__ import annotations

import pytest
from proposed_worlds import LINKING, UNSURE, accounts, card, proposal
from typer.testing import CliRunner
from world import IDENTITY, LANDING, Resolved, World

from saydo.cli.app import app, out
from saydo.identity.linkage import COMPARED_ACCOUNTS, PROPOSED_LINKS


@pytest.fixture(scope="module")
def built(dbt, make_home):
    """Scenarios in one build: what each links, and the judged pairs by scenario."""
    world, links = World(), []
    for scenario in ("sure", "unsure", "doubtful", "rejected", "accepted", "forgotten"):
        accounts(world, scenario, "ab")
    links += [
        proposal("sure", "a", "b", 0.95),
        proposal("unsure", "a", "b", UNSURE),
        proposal("doubtful", "a", "b", is_doubtful=True),
        proposal("rejected", "a", "b", decision="rejected"),
        proposal("accepted", "a", "b", UNSURE, is_doubtful=True, decision="accepted"),
        # Accepted, and no longer proposed by the model.
        proposal("forgotten", "a", "b", None, match_weight=None, decision="accepted"),
    ]
    accounts(world, "shared", "ab")
    card(world, "shared", "a", "b")
    links.append(proposal("shared", "a", "b", 0.95))

    # Two persons of one household: their e-mail links nobody, and nor may likeness.
    for scenario in ("contradicted", "overruled", "around"):
        world.account(scenario, "a", given_name_key="ann", birth_date_key="1")
        world.account(scenario, "b", given_name_key="bob", birth_date_key="2")
        world.account(scenario, "c")
        for name in "ab":
            world.holds(scenario, name, "email", "home")
    links += [
        proposal("contradicted", "a", "b"),
        proposal("overruled", "a", "b", decision="accepted"),
        proposal("around", "a", "c"),
        proposal("around", "b", "c"),
    ]
    accounts(world, "kept_apart", "abc")
    links += [
        proposal("kept_apart", "a", "b"),
        proposal("kept_apart", "b", "c"),
        proposal("kept_apart", "a", "c", decision="rejected"),
    ]
    # One e-mail, and what hashes call other names and dates: likeness tells how far apart.
    likenesses = []
    for scenario, given, born in (
        ("mistyped", "alike", "same"),
        ("both_mistyped", "alike", "alike"),
        ("twins", "unlike", "same"),
        ("namesakes", "same", "unlike"),
        ("unseen", None, None),
    ):
        same = given == "same", born == "same"
        for number, name in enumerate("ab"):
            world.account(
                scenario, name,
                given_name_key="ann" if same[0] else f"ann{number}",
                birth_date_key="1" if same[1] else f"1{number}",
            )  # fmt: skip
            world.holds(scenario, name, "email", "home")
        if given:
            likenesses.append(
                {"account_key": f"{scenario}/a", "other_account_key": f"{scenario}/b",
                 "given_name_likeness": given, "birth_date_likeness": born,
                 "email_likeness": "alike" if scenario == "mistyped" else "same",
                 "phone_likeness": "unlike"}
            )  # fmt: skip
    # Identifiers make two clusters; the proposal joins them, each with its own numbers.
    accounts(world, "clusters", "abcd")
    card(world, "clusters", "a", "b")
    card(world, "clusters", "c", "d")
    world.holds("clusters", "a", "msisdn", "number")
    links.append(proposal("clusters", "b", "d", 0.93))

    accounts(world, "weakest", "abc")
    links += [proposal("weakest", "a", "b", 0.999), proposal("weakest", "b", "c", 0.91)]

    crowd = [f"n{number:02}" for number in range(51)]
    for name in crowd:
        world.account("crowd", name)
    links += [proposal("crowd", "n00", name) for name in crowd[1:]]

    home = make_home("proposals")
    home.deliver("accounts", world.accounts)
    home.deliver("account_identifiers", world.identifiers)
    home.write_state("proposed_links", links, PROPOSED_LINKS)
    home.write_state("compared_accounts", likenesses, COMPARED_ACCOUNTS)
    dbt.build_models(home, *IDENTITY, policy=LINKING)
    return Resolved(home)


def verdicts(built, scenario: str) -> dict[str, str]:
    return {
        row["account_key"][-1] + row["other_account_key"][-1]: row["verdict"]
        for row in built.home.rows("select * from intermediate.int_links_judged")
        if row["account_key"].startswith(f"{scenario}/")
    }


def evidence(built, scenario: str) -> dict[tuple[str, str], tuple[str, float]]:
    """(kind, value) to what the ownership rests on."""
    return {
        (row["id_type"], row["id_key"].split("/")[1]): (
            row["evidence"],
            float(row["match_probability"]),
        )
        for row in built.home.rows("select * from intermediate.int_identifiers_resolved")
        if row["id_key"].startswith(f"{scenario}/")
    }


ONE, TWO = {frozenset("ab")}, {frozenset("a"), frozenset("b")}


@pytest.mark.parametrize(
    ("scenario", "groups", "verdict"),
    [
        ("sure", ONE, "linked"),
        ("unsure", TWO, "unsure"),
        ("doubtful", TWO, "doubtful"),
        ("rejected", TWO, "rejected"),
        ("accepted", ONE, "linked"),
        ("forgotten", ONE, "linked"),
    ],
)
def test_a_proposal_does_what_its_probability_or_a_person_says(built, scenario, groups, verdict):
    assert built.groups(scenario) == groups
    assert verdicts(built, scenario) == {"ab": verdict}


def test_what_an_identifier_links_is_not_proposed(built):
    assert built.groups("shared") == ONE
    assert verdicts(built, "shared") == {}
    assert set(evidence(built, "shared").values()) == {("anchor", 1), ("declared", 1)}


def test_what_contradicts_a_shared_identifier_vetoes_the_proposal(built):
    assert built.groups("contradicted") == {frozenset("a"), frozenset("b"), frozenset("c")}
    assert verdicts(built, "contradicted") == {"ab": "contradicted"}


def test_a_person_overrules_the_contradiction(built):
    assert built.groups("overruled") == {frozenset("ab"), frozenset("c")}


def test_two_that_are_kept_apart_are_not_joined_by_way_of_a_third(built):
    assert len(built.groups("around")) == 3
    assert verdicts(built, "around") == {"ac": "contradicted", "bc": "contradicted"}
    assert len(built.groups("kept_apart")) == 3
    assert verdicts(built, "kept_apart") == {
        "ab": "contradicted", "bc": "contradicted", "ac": "rejected",
    }  # fmt: skip


def test_ownership_through_a_proposal_says_so_and_how_likely_it_is(built):
    assert built.groups("clusters") == {frozenset("abcd")}
    assert evidence(built, "clusters") == {
        ("account_id", "a"): ("anchor", 1),
        ("account_id", "b"): ("anchor", 1),
        ("loyalty_id", "a-b"): ("declared", 1),
        ("msisdn", "number"): ("declared", 1),
        ("account_id", "c"): ("probabilistic", 0.93),
        ("account_id", "d"): ("probabilistic", 0.93),
        ("loyalty_id", "c-d"): ("probabilistic", 0.93),
    }


def test_a_reviewed_link_is_certain_and_says_that_a_person_decided(built):
    assert evidence(built, "accepted")["account_id", "b"] == ("reviewed", 1)


def test_a_customer_is_as_likely_as_its_weakest_link(built):
    assert evidence(built, "weakest") == {
        ("account_id", "a"): ("anchor", 1),
        ("account_id", "b"): ("probabilistic", 0.91),
        ("account_id", "c"): ("probabilistic", 0.91),
    }


def test_proposals_make_no_customer_larger_than_a_person_may_be(dbt, built):
    assert {len(group) for group in built.groups("crowd")} == {1}
    assert set(evidence(built, "crowd").values()) == {("anchor", 1)}
    test = "int_accounts_grouped__no_group_is_larger_than_a_person"
    assert dbt(built.home, "test", test, policy=LINKING) == {test: "fail"}


@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [
        ("mistyped", "linked"),
        ("both_mistyped", "uncorroborated"),
        ("twins", "contradicted"),
        ("namesakes", "contradicted"),
        ("unseen", "contradicted"),  # without clear text the hashes tell
    ],
)
def test_likeness_and_not_equality_says_what_contradicts(built, scenario, verdict):
    rows = built.home.rows("select * from intermediate.int_accounts_linked")
    assert [row["verdict"] for row in rows if row["account_key"] == f"{scenario}/a"] == [verdict]


@pytest.fixture
def told(built, monkeypatch, tmp_path):
    """What `saydo identity explain` prints of the customer of an account."""
    policy = tmp_path / "policy.yml"
    policy.write_text("linkage: {is_on: true}\n")
    monkeypatch.setenv("SAYDO_POLICY_FILE", str(policy))
    monkeypatch.setattr(out, "width", 200)  # what it prints is not cut to a terminal
    monkeypatch.setenv("SAYDO_PSEUDONYM_KEY", LANDING.pseudonym_key.get_secret_value())

    def run(scenario: str, account: str = "a") -> str:
        customer = built.customer[f"{scenario}/{account}"]
        home = str(built.home.root)
        done = CliRunner().invoke(app, ["identity", "explain", customer, "--home", home])
        assert done.exit_code == 0, done.output
        return done.output

    return run


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("sure", "#2 with #1: alike in name, birth date or address, probability 0.950"),
        ("accepted", "#2 with #1: a person decided that they are one"),
        ("unsure", "alike with probability 0.700, for saydo identity review"),
        ("doubtful", "alike with probability 0.990, one plain difference"),
        ("rejected", "a person decided that they are two"),
        ("contradicted", "identifiers, or a decision, keep their groups apart"),
        ("crowd", "their group is too large for one person"),
        ("mistyped", "it may be shared; birth date agrees; given name, e-mail much alike"),
        ("twins", "given name differs, though birth date agrees"),
    ],
)
def test_what_likeness_came_to_is_explained(told, scenario, words):
    assert words in told(scenario, "n00" if scenario == "crowd" else "a")


def test_linkage_switched_off_is_not_built_and_not_told(dbt, make_home, monkeypatch):
    home = make_home("linkage_off")
    home.deliver("accounts", [{"account_key": f"off/{n}", "opened_at": "2024-01-01"} for n in "ab"])
    home.write_state("proposed_links", [proposal("off", "a", "b")], PROPOSED_LINKS)
    dbt.build_models(home, *IDENTITY, policy=LINKING)
    assert Resolved(home).groups("off") == ONE
    statuses = dbt(home, "run", *IDENTITY)
    assert "int_links_judged" not in statuses and set(statuses.values()) == {"success"}
    assert Resolved(home).groups("off") == TWO
    monkeypatch.setenv("SAYDO_PSEUDONYM_KEY", LANDING.pseudonym_key.get_secret_value())
    words = ("explain", Resolved(home).customer["off/a"], "--home", str(home.root))
    done = CliRunner().invoke(app, ["identity", *words])
    assert done.exit_code == 0 and "alike" not in done.output
