"""What becomes of customers over releases: named scenarios, four releases of one business."""

from __future__ import annotations

import pytest
from small_home import CARRIED
from world import IDENTITY, Resolved, World

from saydo.config import Policy
from saydo.config.policy import IdentityPolicy

NAMES = (
    "late_ownership", "late_earlier_account", "corrected", "withdrawn", "flips", "unseen",
    "erased", "erased_alone", "untouched",
)  # fmt: skip
CARD = "loyalty_id"


def link(world: World, scenario: str, *names: str, value: str = "card", **span: str) -> None:
    for name in names:
        world.holds(scenario, name, CARD, value, **span)


def worlds() -> tuple[World, ...]:
    """Four releases; each delivers everything that is known then."""
    first, second, third, fourth = releases = tuple(World() for _ in range(4))
    for number, world in enumerate(releases):
        for scenario in NAMES:
            for month, name in enumerate("abc", start=1):
                if (scenario, name) == ("late_earlier_account", "a") and number == 0:
                    continue
                if (scenario, name, number) == ("unseen", "b", 1):
                    continue
                world.account(scenario, name, opened_at=f"2024-{month:02}-01")
        link(world, "untouched", "a", "c")
        link(world, "unseen", "b", "c") if number != 1 else link(world, "unseen", "c")
        link(world, "erased", "a", "b")
    for world in releases[1:]:
        link(world, "late_ownership", "a", "c", **{"from": "2024-01-15"})
        link(world, "late_earlier_account", "a", "c")
        world.forgets("erased", "a")
        world.forgets("erased_alone", "c")
    link(second, "corrected", "a", "c")
    for world in (third, fourth):
        link(world, "corrected", "a", **{"to": "2024-06-01"})
        link(world, "corrected", "c", **{"from": "2024-09-01"})
    link(second, "withdrawn", "a", "c")
    third.input_changes.append({"change_type": "withdrawn"})
    link(first, "flips", "a", "b")
    link(third, "flips", "a", "b")
    for world in releases[1:]:
        link(world, "unseen", "a", "c", value="other card")
    return releases


@pytest.fixture(scope="module")
def releases(resolve) -> list[Resolved]:
    return resolve("releases", *worlds())


def ids(releases, scenario: str) -> list[tuple[str | None, ...]]:
    return [
        tuple(release.customer.get(f"{scenario}/{name}") for name in "abc") for release in releases
    ]


def told(release, *customers: str | None) -> set[tuple]:
    """(change, from, to, cause) of one release that name one of these customers."""
    return {
        (row["change_type"], row["from_customer_id"], row["to_customer_id"], row["reason"])
        for row in release.changes
        if {row["from_customer_id"], row["to_customer_id"]} & set(customers) - {None}
    }


def test_a_late_ownership_row_merges_two_customers_into_the_earlier(releases):
    before, after, *later = ids(releases, "late_ownership")
    assert after == (before[0], before[1], before[0]) and set(later) == {after}
    assert told(releases[1], before[2]) == {
        ("merged", before[2], before[0], "loyalty_id:linked"),
    }


def test_an_account_that_opened_earlier_and_arrives_later_takes_the_id_that_is_there(releases):
    before, after, *_ = ids(releases, "late_earlier_account")
    assert before == (None, before[1], before[2])
    assert after == (before[2], before[1], before[2])
    assert told(releases[1], before[2]) == set(), "nothing became of a customer"


def test_a_wrong_merge_that_is_corrected_gives_a_new_id_and_not_the_old(releases):
    before, merged, parted, last = ids(releases, "corrected")
    assert merged == (before[0], before[1], before[0])
    assert parted[:2] == before[:2] and parted[2] not in (before[0], before[2])
    assert told(releases[2], parted[2]) == {
        ("split", before[0], parted[2], "links:none_left, inputs:withdrawn"),
    }
    assert last == parted


def test_a_merge_whose_batch_was_withdrawn_is_undone_and_says_so(releases):
    before, merged, parted, _ = ids(releases, "withdrawn")
    assert merged[2] == before[0] != parted[2]
    assert told(releases[2], parted[2]) == {
        ("split", before[0], parted[2], "links:none_left, inputs:withdrawn"),
    }


def test_a_customer_that_splits_and_joins_on_one_day_keeps_the_registry_sound(dbt, releases):
    first, second, third, fourth = ids(releases, "flips")
    assert first[0] == first[1] == second[0] == third[0] == third[1] == fourth[0]
    assert len({first[1], second[1], fourth[1]}) == 3, "each part is new"
    rows = releases[3].home.rows(
        "select assignment_number from intermediate.int_identity_registered "
        "where account_key = 'flips/b' order by all"
    )
    assert [row["assignment_number"] for row in rows] == [1, 2, 3, 4]
    statuses = dbt(
        releases[3].home, "test", "int_identity_registered", "int_identity_changes_logged"
    )
    assert set(statuses.values()) == {"pass"}


def test_a_customer_with_an_account_that_is_not_delivered_is_not_merged_away(releases):
    first, second, third, _ = ids(releases, "unseen")
    assert first[1] == first[2] != first[0]
    assert second == (first[0], None, first[0])
    assert {change for change, *_ in told(releases[1], first[1])} == {"reassigned"}
    assert third == (first[0],) * 3, "it comes back, and is the one that both cards join"
    assert {change for change, *_ in told(releases[2], first[1])} == {"merged"}


def test_an_erased_person_delivered_again_stays_away_and_leaves_no_trace(releases):
    first, *later = ids(releases, "erased_alone")
    assert set(later) == {(first[0], first[1], None)}
    assert not told_by_log(releases[3], first[2])
    assert told_by_log(releases[3], first[0])
    assert first[2] in releases[1].forgotten, "the gate knows why it is gone"
    assert first[2] not in releases[2].forgotten, "and by then nothing knows that it ever was"


def test_of_a_person_with_an_erased_account_the_other_keeps_the_id(releases):
    first, *later = ids(releases, "erased")
    assert first[0] == first[1]
    assert set(later) == {(None, first[0], first[2])}


def told_by_log(release, customer: str) -> list[str]:
    rows = release.home.rows(
        "select change_type from intermediate.int_identity_changes_logged "
        f"where '{customer}' in (from_customer_id, to_customer_id)"
    )
    return [row["change_type"] for row in rows]


def test_the_log_holds_every_change_of_every_release(releases):
    home = releases[3].home
    rows = home.rows(
        "select release_id, change_type, from_customer_id, to_customer_id "
        "from intermediate.int_identity_changes_logged"
    )
    gone = set(ids(releases[:1], "erased_alone")[0][2:])
    for number, release in enumerate(releases, start=1):
        logged = {tuple(row.values())[1:] for row in rows if row["release_id"] == f"r{number}"}
        detected = {
            (row["change_type"], row["from_customer_id"], row["to_customer_id"])
            for row in release.changes
            if row["to_customer_id"] not in gone
        }
        assert (logged if number < 4 else _unpublished(rows)) == detected


def _unpublished(rows) -> set[tuple]:
    return {tuple(row.values())[1:] for row in rows if row["release_id"] is None}


def test_who_is_not_touched_is_not_told_again(releases):
    assert len(set(ids(releases, "untouched"))) == 1
    customer = ids(releases, "untouched")[0][0]
    assert told_by_log(releases[3], customer) == ["created"]


@pytest.fixture(scope="module")
def again(dbt, make_home, releases):
    """Build a release's deliveries in a new home, with the state that another release left."""

    def run(name: str, world: World, state: Resolved | None) -> Resolved:
        home = make_home(name)
        if state is not None:
            for table, schema in CARRIED.items():
                home.write_state(table, state.state[table], schema)
        for source, rows in (
            ("account_identifiers", world.identifiers[::-1]),
            ("accounts", world.accounts[::-1]),
            ("erasure_requests", world.erasures),
        ):
            for part in range(3):  # other files, in another order
                home.deliver(source, rows[part::3])
        dbt.build_models(home, *IDENTITY)
        return Resolved(home)

    return run


def test_a_restored_release_gives_the_ids_again_that_it_gave(releases, again):
    """Back to the first release, and the deliveries of the second once more."""
    restored = again("restored", worlds()[1], releases[0])
    assert restored.customer == releases[1].customer


def test_landing_everything_anew_keeps_every_id(releases, again):
    relanded = again("relanded", worlds()[3], releases[3])
    assert relanded.customer == releases[3].customer
    changes = relanded.home.rows("select * from intermediate.int_identity_changes_detected")
    assert changes == [], "nothing became of anybody"


def test_a_stricter_policy_parts_what_only_an_email_joined(resolve):
    first, second = World(), World()
    for world in (first, second):
        for month, name in enumerate("ab", start=1):
            world.account("policy", name, opened_at=f"2024-{month:02}-01")
            world.holds("policy", name, "email", "post")
    strict = Policy(identity=IdentityPolicy(link_without_attributes=False))
    second.variables = {"policy": strict.model_dump(mode="json")}
    second.input_changes = [{"change_type": "configuration"}]
    before, after = resolve("policy", first, second)
    joined, parted = before.customer["policy/a"], after.customer["policy/b"]
    assert joined == before.customer["policy/b"] == after.customer["policy/a"] != parted
    assert told(after, parted) == {
        ("split", joined, parted, "email:uncorroborated, inputs:configuration")
    }
