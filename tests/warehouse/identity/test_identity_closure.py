"""Transitive closure: to the fixpoint, in few rounds, and the same as a graph library finds."""

from __future__ import annotations

import random

import networkx as nx
import pytest
from world import IDENTITY, World

CHAIN = 5_000


def random_graphs() -> list[list[tuple[str, str]]]:
    """Graphs of different density, from scattered pairs to one large component."""
    graphs = []
    for number, edge_count in enumerate((30, 90, 150, 300)):
        rng = random.Random(number)
        nodes = [f"g{number}/n{node:03}" for node in range(200)]
        graphs.append([tuple(rng.sample(nodes, 2)) for _ in range(edge_count)])
    return graphs


@pytest.fixture(scope="module")
def edges() -> list[tuple[str, str]]:
    chain = [(f"chain/n{at:05}", f"chain/n{at + 1:05}") for at in range(CHAIN - 1)]
    ring = [(f"ring/n{at:02}", f"ring/n{(at + 1) % 40:02}") for at in range(40)]
    return [*chain, *ring, *(edge for graph in random_graphs() for edge in graph)]


@pytest.fixture(scope="module")
def clustered(dbt, make_home, edges):
    world = World()
    for number, edge in enumerate(edges):
        for account in edge:
            world.identifiers.append(
                {"account_key": account, "id_type": "loyalty_id", "id_key": f"e{number}"}
            )
    home = make_home("closure")
    home.deliver("account_identifiers", world.identifiers)
    dbt.build_models(home, *IDENTITY)
    rows = home.rows("select account_key, component_key from intermediate.int_accounts_clustered")
    settled = [
        message
        for message in dbt.messages
        if message.startswith("int_accounts_clustered settled after")
    ]
    return {row["account_key"]: row["component_key"] for row in rows}, settled


def test_components_are_those_that_networkx_finds(clustered, edges):
    components, _ = clustered
    expected = {
        account: min(component)
        for component in nx.connected_components(nx.Graph(edges))
        for account in component
    }
    assert components == expected


def test_a_chain_of_five_thousand_settles_within_twenty_rounds(clustered):
    components, settled = clustered
    assert components[f"chain/n{CHAIN - 1:05}"] == "chain/n00000"
    (message,) = settled
    assert 2 <= int(message.split("after ")[1].split()[0]) <= 20
