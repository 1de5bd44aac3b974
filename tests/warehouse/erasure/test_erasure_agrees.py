"""Whom a build leaves out, whom erasing deletes, and an oracle: the same, over random worlds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import duckdb
import erasure_worlds
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from erasure_oracle import Oracle, that_count
from erasure_worlds import FILES, ZONE, Worlds

from saydo.landing.ledger import Batch, read_entry, write_entry
from saydo.maintain import erase, scope
from saydo.settings import Settings

FACTS = {
    "transactions": ("stg_transactions__transactions", "occurred_at", ("transaction_id",)),
    "network_usage_daily": ("stg_network__usage_daily", "usage_date", ("id_type", "id_key")),
    "network_sessions": ("stg_network__sessions", "started_at", ("session_id",)),
    "relationships": ("stg_interactions__relationships", "since_at", ("to_id_type", "to_id_key")),
}
OF_ONE = [source for source in FACTS if source != "relationships"]
STAGING = (
    "path:models/staging/identity",
    "+stg_transactions__transactions",
    "+stg_network__usage_daily",
    "+stg_network__sessions",
    "+stg_interactions__relationships",
)
LANDED_AT = 1_735_689_600_000_000  # the beginning of 2025, in microseconds
ZONED = {"business_timezone": ZONE}


@dataclass
class Seen:
    """What the home holds at one time: accounts and facts of staging, by whole rows."""

    accounts: set[str]
    facts: dict[str, set[tuple]]  # source to rows (id_type, id_key, time, …)


def fact(source: str, row: dict) -> tuple:
    _, event, key = FACTS[source]
    names = dict.fromkeys(("id_type", "id_key", event, *key))
    return tuple(row[name] for name in names)


def staged(home) -> Seen:
    accounts = home.rows(
        "select account_key from staging.stg_identity__accounts union "
        "select account_key from staging.stg_identity__account_identifiers"
    )
    return Seen(
        {row["account_key"] for row in accounts},
        {
            source: {fact(source, row) for row in home.rows(f"select * from staging.{model}")}
            for source, (model, *_) in FACTS.items()
        },
    )


def enter(settings: Settings, home) -> None:
    """The ledger that the batches of a small home come from."""
    for batch in home.batches:
        told = {name: value for name, value in batch.items() if name in Batch.model_fields}
        changed = {
            "landed_at": "2025-01-01T00:00:00+00:00", "reason_counts": {}, "warnings": [],
            "months": batch["months"].split(","), "sequence": LANDED_AT + batch["sequence"],
        }  # fmt: skip
        write_entry(settings, Batch(**(told | changed)))


def in_raw(home, source: str, batches: list[str]) -> set[tuple]:
    """Rows of batches that raw holds now."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "from read_parquet(?, hive_partitioning = false, union_by_name = true) "
            "where list_contains(?, _batch_id)",
            [str(home.root / "raw" / source / "batch=*" / "month=*" / "data.parquet"), batches],
        )
        names = [column[0] for column in rows.description]
        held = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        return {(row["_batch_id"], *fact(source, row)) for row in held}


@dataclass
class Story:
    """One home before anybody asked, when asked, and erased; and the oracle that knows it all."""

    worlds: Worlds
    oracle: Oracle
    before: Seen
    hidden: Seen
    outcome: dict
    named: dict[str, set[str]]  # request to accounts, as erasing recorded them
    deleted: dict[str, set[tuple]]
    kept: dict[str, set[tuple]]
    episodes: list[dict]
    owners: list[dict]
    again: dict


@pytest.fixture(scope="module")
def story(dbt, make_home, tmp_path_factory) -> Story:
    worlds = erasure_worlds.make()
    home = make_home("erasure")
    for source, files in FILES.items():
        for number, (feed, status, delivery, day) in enumerate(files):
            held = "landed" if source == "erasure_requests" else status
            rows = worlds.rows(source, number)
            batch = {"status": held, "delivery": delivery, "snapshot_date": day}
            home.deliver(source, rows, feed=feed, **batch)
    dbt.build_models(home, *STAGING, "+int_identifiers_resolved", **ZONED)
    before = staged(home)
    episodes = home.rows("select * from intermediate.int_identifiers_spanned")
    owners = home.rows(
        "select owned.*, accounts.accounts from intermediate.int_identifiers_resolved as owned "
        "inner join (select customer_id, list(account_key) as accounts "
        "from intermediate.int_accounts_resolved group by all) as accounts using (customer_id) "
        "where not is_shared"
    )
    asked = [batch for batch in home.batches if batch["source"] == "erasure_requests"]
    for batch, (_, status, *_) in zip(asked, FILES["erasure_requests"], strict=True):
        batch["status"] = status
    home._write_batches()
    dbt.build_models(home, *STAGING, **ZONED)
    hidden = staged(home)

    folder = tmp_path_factory.mktemp("erasing")
    (folder / "feeds.yml").write_text(f"business: {{timezone: {ZONE}}}\nfeeds: []\n")
    (folder / "policy.yml").write_text("{}\n")
    settings = Settings(
        home=home.root, feeds_file=folder / "feeds.yml", policy_file=folder / "policy.yml",
        memory_limit="1GB", threads=2,
    )  # fmt: skip
    enter(settings, home)
    registry = [{"account_key": a, "customer_id": c} for a, c in worlds.customers.items()]
    pq.write_table(pa.Table.from_pylist(registry), folder / "registry.parquet")
    batches = {
        source: [b["batch_id"] for b in home.batches
                 if (b["source"], b["status"]) == (source, "accepted")]
        for source in FACTS
    }  # fmt: skip
    held = {source: in_raw(home, source, batches[source]) for source in FACTS}
    with pytest.MonkeyPatch.context() as patched:
        # The registry of a release that need not be published for this.
        patched.setattr(scope, "previous_registry", lambda _: folder / "registry.parquet")
        outcome = erase(settings)
        left = {source: in_raw(home, source, batches[source]) for source in FACTS}
        answers = pq.read_table(settings.state / "erasures.parquet").to_pylist()
        again = erase(settings)
    for batch in home.batches:
        entry = read_entry(settings, batch["batch_id"])
        assert entry.loaded_count + entry.filtered_count == entry.delivered_count
    named = defaultdict(set)
    for row in answers:
        named[row["request_id"]].add(row["account_key"])
    return Story(
        worlds, Oracle(worlds), before, hidden, outcome, dict(named),
        {source: held[source] - left[source] for source in FACTS}, left, episodes, owners, again,
    )  # fmt: skip


def world(text: str) -> str:
    return text.split("/")[0]


def test_the_accounts_that_a_build_leaves_out_are_the_oracles(story):
    assert story.before.accounts - story.hidden.accounts == story.oracle.hidden & (
        story.before.accounts
    )
    assert len(story.oracle.hidden) > 200


def test_erasing_names_the_accounts_of_the_oracle_and_tells_the_same_requests_as_ambiguous(story):
    oracle = story.oracle
    expected = {
        name: accounts
        for name, accounts in oracle.meant.items()
        if accounts and name not in oracle.ambiguous
    }
    assert story.named == expected
    assert set(story.outcome["ambiguous"]) == oracle.ambiguous
    assert len(expected) > 150 and len(oracle.ambiguous) > 30
    assert sum(len(accounts) > 1 for accounts in expected.values()) > 5  # of one customer


def test_where_nothing_is_ambiguous_a_build_and_erasing_agree_on_accounts_and_facts(story):
    unsure = {world(name) for name in story.oracle.ambiguous}
    left_out = {a for a in story.before.accounts - story.hidden.accounts if world(a) not in unsure}
    named = {a for accounts in story.named.values() for a in accounts if world(a) not in unsure}
    assert left_out == named & story.before.accounts
    for source in FACTS:
        gone = {row for row in story.before.facts[source] - story.hidden.facts[source]
                if world(row[1]) not in unsure}  # fmt: skip
        deleted = {row[1:] for row in story.deleted[source] if world(row[2]) not in unsure}
        # Of a row that was corrected raw holds both versions; staging has the newer one.
        assert gone == deleted & story.before.facts[source]
        assert len(gone) > 100


def is_any_end_theirs(oracle: Oracle, accounts: set[str], source: str, row: tuple) -> bool:
    """Whether a fact names one of the accounts; a relation names somebody on either end."""
    ends = [row[:2], row[3:5]] if source == "relationships" else [row[:2]]
    return any(oracle.is_theirs(accounts, end, row[2]) for end in ends)


@pytest.mark.parametrize("source", FACTS)
def test_facts_are_left_out_and_deleted_as_the_oracle_says(story, source):
    oracle = story.oracle
    for row in story.before.facts[source]:
        is_hidden = row not in story.hidden.facts[source]
        assert is_hidden == is_any_end_theirs(oracle, oracle.hidden, source, row), row
    for rows, is_deleted in ((story.deleted[source], True), (story.kept[source], False)):
        for row in rows:
            assert is_deleted == is_any_end_theirs(oracle, oracle.named, source, row[1:]), row
    assert {fact(source, row) for row in that_count(story.worlds, source)} == (
        story.before.facts[source]
    )


def test_what_one_account_holds_by_identity_is_that_accounts_request(story):
    compared = 0
    holders = defaultdict(list)
    for row in story.episodes:
        holders[row["id_type"], row["id_key"]].append(row)
    for request in story.oracle.requests:
        if request["id_type"] == "account_id" or request["request_id"] not in story.named:
            continue
        when_asked = {
            row["account_key"]
            for row in holders[request["id_type"], request["id_key"]]
            if row["valid_from_at"] <= request["requested_at"] < row["valid_to_at"]
        }
        if len(when_asked) == 1:
            compared += 1
            assert story.named[request["request_id"]] == when_asked
    assert compared > 80


@pytest.mark.parametrize("source", OF_ONE)
def test_no_fact_of_a_customer_is_deleted_of_whom_nothing_was_asked(story, source):
    """By ownership as identity decided it before anybody asked: instants and days alike."""
    named = set().union(*story.named.values())
    unit = "date" if source == "network_usage_daily" else "at"
    owned = defaultdict(list)
    for row in story.owners:
        owned[row["id_type"], row["id_key"]].append(row)
    others, compared = [], 0
    for _, id_type, id_key, at, *_ in story.deleted[source]:
        for owner in owned[id_type, id_key]:
            begin, end = owner[f"valid_from_{unit}"], owner[f"valid_to_{unit}"]
            if (begin is None or begin <= at) and (end is None or at < end):
                compared += 1
                if not named & {*owner["accounts"], id_key}:  # or a request named that very id
                    others.append((id_type, id_key, at, owner))
    assert not others and compared > 300, others


def test_erasing_again_deletes_nothing_more(story):
    assert story.again["raw_row_counts"] == {}
    assert set(story.again["ambiguous"]) == set(story.outcome["ambiguous"])
