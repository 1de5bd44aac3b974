"""What proposals, decisions and cards join, held against a graph library."""

from __future__ import annotations

import itertools
import random

import networkx as nx
from proposed_worlds import LINKING, accounts, card, proposal
from world import IDENTITY, Resolved, World

from saydo.identity.linkage import PROPOSED_LINKS

NAMES = "abcdef"


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
