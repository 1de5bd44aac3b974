"""Links that names and addresses propose: which join customers, which wait, and what says so."""

from __future__ import annotations

import itertools
import random

import networkx as nx
import pytest
from typer.testing import CliRunner
from world import IDENTITY, LANDING, Resolved, World

from saydo.cli.app import app, out
from saydo.config import Policy
from saydo.identity.linkage import COMPARED_ACCOUNTS, PROPOSED_LINKS

SURE, UNSURE = 0.99, 0.7
NAMES = "abcdef"
LINKING = Policy(linkage={"is_on": True}).model_dump(mode="json")


def proposal(scenario: str, left: str, right: str, probability: float | None = SURE, **more):
    first, second = sorted((f"{scenario}/{left}", f"{scenario}/{right}"))
    return {
        "account_key": first, "other_account_key": second, "match_probability": probability,
        "match_weight": 7.0, "is_doubtful": False, "decision": None, "model_version": "m",
    } | more  # fmt: skip


def accounts(world: World, scenario: str, names: str) -> None:
    for month, name in enumerate(names, start=1):
        world.account(scenario, name, opened_at=f"2024-{month:02}-01")


def card(world: World, scenario: str, *names: str) -> None:
    """An identifier that links them."""
    for name in names:
        world.holds(scenario, name, "loyalty_id", "-".join(names))


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
                 "given_name_likeness": given, "birth_date_likeness": born}
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


def expected(links, decided, cards) -> set[frozenset[str]]:
    """Groups by a graph library: cards join; sure links join what no rejected pair is in."""
    cards_graph = nx.Graph(cards)
    cards_graph.add_nodes_from(NAMES)
    cluster = {n: min(c) for c in nx.connected_components(cards_graph) for n in c}
    across = {p for p in links if cluster[p[0]] != cluster[p[1]]}
    rejected = {p for p in across if decided.get(p) == "rejected"}
    accepted = {p for p in across if decided.get(p) == "accepted"}
    proposed = nx.Graph((cluster[a], cluster[b]) for a, b in across - rejected)
    whole = {n: i for i, c in enumerate(nx.connected_components(proposed)) for n in c}
    spoilt = {
        whole[cluster[a]]
        for a, b in rejected
        if cluster[a] in whole and whole[cluster[a]] == whole.get(cluster[b])
    }
    kept = {p for p in across - rejected - accepted if whole[cluster[p[0]]] not in spoilt}
    graph = nx.Graph([*cards, *kept, *accepted])
    graph.add_nodes_from(NAMES)
    return {frozenset(component) for component in nx.connected_components(graph)}


def random_case(rng: random.Random) -> tuple[set, dict, set]:
    """Sure proposals, what was decided of them, and pairs that a card joins."""
    every = list(itertools.combinations(NAMES, 2))
    proposed = set(rng.sample(every, rng.randint(1, 6)))
    doomed = [pair for pair in sorted(proposed) if rng.random() < 0.3]
    decided = {pair: rng.choice(("accepted", "rejected")) for pair in doomed}
    return proposed, decided, set(rng.sample(every, rng.randint(0, 2)))


def test_random_businesses_group_as_a_graph_library_says(dbt, make_home):
    rng = random.Random(7)
    cases = [random_case(rng) for _ in range(200)]
    world, links = World(), []
    for number, (proposed, decided, cards) in enumerate(cases):
        scenario = f"random{number}"
        accounts(world, scenario, NAMES)
        for pair in sorted(cards):
            card(world, scenario, *pair)
        links += [
            proposal(scenario, *pair, decision=decided.get(pair)) for pair in sorted(proposed)
        ]
    home = make_home("random_proposals")
    home.deliver("accounts", world.accounts)
    home.deliver("account_identifiers", world.identifiers)
    home.write_state("proposed_links", links, PROPOSED_LINKS)
    dbt.build_models(home, *IDENTITY, policy=LINKING)
    built = Resolved(home)
    for number, (proposed, decided, cards) in enumerate(cases):
        assert built.groups(f"random{number}") == expected(proposed, decided, cards), (
            proposed, decided, cards,
        )  # fmt: skip
    spoilt = [case for case in cases if expected(*case) != expected(case[0], {}, case[2])]
    assert len(spoilt) > 50, "too few decisions that matter"


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
        ("mistyped", "it may be shared; birth date agrees; given name much alike"),
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
