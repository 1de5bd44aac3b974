"""A customer_id outlives runs: kept, merged and split to the earliest, never reused."""

from __future__ import annotations

import random

import pytest
from world import World


def accounts(world: World, scenario: str, *names: str) -> None:
    """Accounts opened a month after the other, in the order given."""
    for month, name in enumerate(names, start=1):
        world.account(scenario, name, opened_at=f"2024-{month:02}-01")


def link(world: World, scenario: str, *names: str) -> None:
    for name in names:
        world.holds(scenario, name, "loyalty_id", "-".join(names))


@pytest.fixture(scope="module")
def releases(resolve):
    """Three releases of one business."""
    first, second, third = World(), World(), World()
    for world in (first, second, third):
        for scenario in ("kept", "merge", "split", "reassign", "gone"):
            accounts(world, scenario, "a", "b", "c")
    link(first, "kept", "b", "c")
    link(second, "kept", "b", "c")
    link(second, "kept", "a", "b")  # an earlier account joins: the older customer survives
    link(third, "kept", "b", "c")

    link(second, "merge", "a", "c")
    link(third, "merge", "b", "c")

    link(first, "split", "a", "b")
    link(first, "split", "b", "c")
    link(second, "split", "b", "c")
    link(third, "split", "a", "b")
    link(third, "split", "b", "c")

    link(first, "reassign", "b", "c")
    link(second, "reassign", "a", "c")
    link(third, "reassign", "a", "c")

    second.accounts = [a for a in second.accounts if a["account_key"] != "gone/c"]
    return resolve("registry", first, second, third)


def ids(releases, scenario: str) -> list[tuple[str, ...]]:
    return [
        tuple(release.customer.get(f"{scenario}/{name}") for name in "abc") for release in releases
    ]


def changes(release, *customers: str) -> set[tuple]:
    return {
        (row["change_type"], row["from_customer_id"], row["to_customer_id"])
        for row in release.changes
        if {row["from_customer_id"], row["to_customer_id"]} & set(customers)
    }


def test_a_merge_keeps_the_id_of_the_earliest_account(releases):
    before, after, _ = ids(releases, "merge")
    assert len(set(before)) == 3
    assert after == (before[0], before[1], before[0])
    assert changes(releases[1], before[2]) == {("merged", before[2], before[0])}


def test_a_merged_away_id_is_never_given_out_again(releases):
    first, second, third = ids(releases, "merge")
    assert second[2] == first[0]
    assert third == (first[0], first[1], first[1]), "c leaves a and joins b"
    assert first[2] not in set(releases[2].customer.values())


def test_an_earlier_account_that_joins_brings_the_surviving_id(releases):
    first, second, third = ids(releases, "kept")
    assert second == (first[0],) * 3
    assert third[0] == first[0] and third[1] == third[2]
    assert third[1] not in {*first, *second}, "the part without the earliest account is new"
    assert changes(releases[2], third[1]) == {("split", first[0], third[1])}


def test_the_part_with_the_earliest_account_keeps_the_id_when_a_customer_splits(releases):
    first, second, third = ids(releases, "split")
    assert len(set(first)) == 1
    assert second[0] == first[0] and second[1] == second[2] != first[0]
    assert third == (first[0],) * 3, "joined again, the earlier id survives"


def test_an_account_that_moves_to_a_living_customer_is_reassigned(releases):
    first, second, _ = ids(releases, "reassign")
    assert second == (first[0], first[1], first[0])
    assert changes(releases[1], first[1]) == {("reassigned", first[1], first[0])}


def test_an_account_that_is_not_delivered_for_a_while_comes_back_as_itself(releases):
    first, second, third = ids(releases, "gone")
    assert second[2] is None
    assert third == first


def test_each_new_customer_is_a_change(releases):
    created = {r["to_customer_id"] for r in releases[0].changes if r["change_type"] == "created"}
    assert created == set(releases[0].customer.values())


def test_the_registry_is_the_history_of_every_assignment(releases):
    rows = releases[2].home.rows(
        "select customer_id, released_at is null as holds from "
        "intermediate.int_identity_registered where account_key = 'merge/c' order by holds"
    )
    first, second, third = ids(releases, "merge")
    assert {row["customer_id"] for row in rows} == {first[2], second[2], third[2]}
    assert [row["customer_id"] for row in rows if row["holds"]] == [third[2]]


def test_the_order_and_batching_of_deliveries_do_not_change_an_id(dbt, make_home):
    world, rng = World(), random.Random(7)
    names = [f"a{number:02}" for number in range(30)]
    rng.shuffle(names)
    for number, name in enumerate(names):
        world.account("many", name, opened_at=f"2024-{1 + number % 9:02}-01")
    for _ in range(20):
        link(world, "many", *rng.sample(names, 2))
    found = []
    for attempt in range(2):
        home = make_home(f"order{attempt}")
        rows = [("accounts", row) for row in world.accounts]
        rows += [("account_identifiers", row) for row in world.identifiers]
        rng.shuffle(rows)
        cut = len(rows) // 3
        for part in (rows[:cut], rows[cut:], rows[: 2 * cut]):  # the last repeats what came
            for source in ("accounts", "account_identifiers"):
                home.deliver(source, [row for name, row in part if name == source])
        found.append(_resolve(dbt, home))
    assert found[0] == found[1]
    assert len(set(found[0].values())) < 30


def _resolve(dbt, home) -> dict[str, str]:
    from world import IDENTITY, Resolved

    dbt.build_models(home, *IDENTITY)
    return Resolved(home).customer
