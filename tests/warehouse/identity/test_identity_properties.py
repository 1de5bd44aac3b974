"""240 random histories over three releases against an oracle; any order of deliveries."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import duckdb
import pytest
import random_histories
from identity_oracle import EVER, NEVER, Known, Register, groups, owner
from window_ties import windows_tied_in
from world import IDENTITY

from saydo.release.content import table_columns, table_hash

TABLES = ("int_accounts_resolved", "int_identifiers_resolved", "int_customers_resolved",
          "int_accounts_linked", "int_identity_registered")  # fmt: skip

REGISTERED = "select customer_id from intermediate.int_identity_registered"


@pytest.fixture(scope="module")
def worlds():
    return random_histories.worlds()


@pytest.fixture(scope="module")
def releases(resolve, worlds):
    return resolve("histories", *worlds)


@pytest.fixture
def on_threads(dbt, monkeypatch):
    """Have the engine work on so many threads, and dbt on as many models."""
    return lambda count: monkeypatch.setattr(dbt, "threads", count)


@pytest.fixture(scope="module")
def known(worlds):
    return [Known(world.accounts, world.identifiers) for world in worlds]


def together(customer: dict[str, str]) -> set[frozenset[str]]:
    members: dict[str, set[str]] = {}
    for account, customer_id in customer.items():
        members.setdefault(customer_id, set()).add(account)
    return {frozenset(accounts) for accounts in members.values()}


@pytest.mark.parametrize("number", range(random_histories.RELEASES))
def test_persons_are_those_of_the_oracle(releases, known, number):
    expected = {frozenset(group) for group in groups(known[number])}
    assert together(releases[number].customer) == expected


@pytest.mark.parametrize("number", range(random_histories.RELEASES))
def test_at_every_moment_an_identifier_has_the_one_owner_of_the_oracle(releases, known, number):
    facts, customer = known[number], releases[number].customer
    owned = defaultdict(list)
    for row in releases[number].owned:
        owned[row["id_type"], row["id_key"]].append(row)
    compared = Counter()
    for identifier, holders in facts.spans.items():
        edges = {edge for spans in holders.values() for span in spans for edge in span} - {NEVER}
        before = {edge - timedelta(hours=1) for edge in edges - {EVER}}
        for at in {datetime(1990, 1, 1), *before, *edges} if holders else ():
            owners = {
                row["customer_id"]
                for row in owned[identifier]
                if (row["valid_from_at"] or EVER) <= at < (row["valid_to_at"] or NEVER)
            }
            expected = owner(facts, identifier, at, customer)
            assert owners == ({expected} if expected else set()), (identifier, at)
            is_past = all(at < begin for spans in holders.values() for begin, _ in spans)
            compared[is_past, bool(expected)] += 1
    assert all(compared[case] > 50 for case in [(True, True), (True, False), (False, True)])
    assert compared[False, False] > 50


def test_the_histories_meet_what_the_rules_are_about(releases):
    home = releases[-1].home
    verdicts = home.rows(
        "select verdict, count(*) as n from intermediate.int_accounts_linked group by 1"
    )
    assert {row["verdict"]: row["n"] > 20 for row in verdicts} == {
        "linked": True, "contradicted": True, "uncorroborated": True,
    }  # fmt: skip
    for condition in ("is_over_limit and not is_placeholder", "is_placeholder"):
        assert home.rows(f"select 1 from intermediate.int_identifiers_counted where {condition}")
    assert home.rows(
        "select 1 from intermediate.int_identifiers_resolved where quarantined_until_at is not null"
    )
    assert home.rows("select 1 from intermediate.int_accounts_grouped where is_merge_refused")
    changes = Counter(row["change_type"] for release in releases for row in release.changes)
    assert all(changes[kind] > 3 for kind in ("created", "merged", "split", "reassigned")), changes


def test_ids_are_those_of_the_oracle_over_all_releases(releases, known):
    register = Register()
    for release, facts in zip(releases, known, strict=True):
        assert release.customer == register.release(facts)


def test_who_stays_together_keeps_the_id_and_a_new_id_was_never_used(releases):
    used: set[str] = set()
    for before, after in pairwise(releases):
        used |= set(before.customer.values())
        same = together(before.customer) & together(after.customer)
        assert len(same) > 500
        for accounts in same:
            (old,), (new,) = ({r.customer[a] for a in accounts} for r in (before, after))
            assert old == new
        minted = {
            row["to_customer_id"]
            for row in after.changes
            if row["change_type"] in ("created", "split")
        }
        assert minted and not minted & used


def test_every_id_that_is_gone_is_in_the_log(releases):
    for before, after in pairwise(releases):
        held = {
            row["customer_id"] for row in after.home.rows(f"{REGISTERED} where released_at is null")
        }
        gone = set(before.customer.values()) - set(after.customer.values()) - held
        told = {row["from_customer_id"] for row in after.changes}
        assert gone <= told


@pytest.fixture(scope="module")
def in_one_delivery() -> dict[str, str]:
    """Hashes of what the first release's rows come to, once they are known."""
    return {}


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_shuffled_split_and_repeated_deliveries_give_the_same_ids_and_the_same_hash(
    dbt, make_home, releases, worlds, in_one_delivery, on_threads, threads
):
    rng = random.Random(threads)
    on_threads(threads)
    rows = [("accounts", row) for row in worlds[0].accounts]
    rows += [("account_identifiers", row) for row in worlds[0].identifiers]
    home = make_home(f"on{threads}")
    parts = [rows]  # once at once, in order
    if threads > 1:
        rng.shuffle(rows)
        cuts = sorted(rng.sample(range(len(rows)), 4))
        parts = [rows[i:j] for i, j in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
        parts += [rng.sample(rows, len(rows) // 3)]  # some come again
    for part in parts:
        for source in ("accounts", "account_identifiers"):
            home.deliver(source, [row for name, row in part if name == source])
    dbt.build_models(home, *IDENTITY)
    assert {row["customer_id"] for row in home.rows(REGISTERED)} == set(
        releases[0].customer.values()
    )
    assert hashes(home) == (in_one_delivery or hashes(home))
    in_one_delivery.update(hashes(home))


def test_no_rows_tie_in_the_order_of_a_window(dbt, releases):
    dbt.turn_to(releases[-1].home)
    # Of the flips of one day some are the same in every column: any of them is the first.
    flips = {"int_identity_registered: rownumber"}
    assert windows_tied_in(releases[-1].home, releases[-1].compiled) <= flips


def hashes(home) -> dict[str, str]:
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        return {
            name: table_hash(
                connection, "warehouse", "intermediate", name,
                table_columns(connection, "warehouse", "intermediate", name),
            )
            for name in TABLES
        }  # fmt: skip
