import json
import subprocess
import sys
from contextvars import Context
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_home import account, customer

from saydo.actions import CREDITS, HAND_OVERS, hand_over, outbox, record_hand_overs
from saydo.actions.store import append, read
from saydo.errors import HomeBusy, SaydoError
from saydo.home_lock import hold_home
from saydo.identity.linkage import PROPOSED_LINKS, decide, links_file, read_decisions
from saydo.landing.ledger import read_entry
from saydo.maintain import erase, releases
from saydo.release import current_release_id, read_manifest
from saydo.release.store import release_ids, releases_dir

NOTHING = {
    "ambiguous": [],
    "raw_row_counts": {},
    "restricted_row_count": 0,
    "quarantine_row_count": 0,
    "customer_counts": {},
}


def customers(home, release_id, table="customer_profiles"):
    folder = releases_dir(home.settings) / release_id
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        rows = connection.execute(f"select distinct customer_id from {table}").fetchall()
    found = {value for (value,) in rows}
    assert found == set(home.read(folder / f"{table}.parquet", "customer_id"))
    return found


def test_without_a_request_nothing_is_touched(home):
    before = {path: path.stat().st_mtime_ns for path in home.settings.home.rglob("*.parquet")}
    assert erase(home.settings) == NOTHING | {"request_count": 0, "account_count": 0}
    assert before == {p: p.stat().st_mtime_ns for p in home.settings.home.rglob("*.parquet")}


def test_a_person_is_erased_from_raw_names_quarantine_and_every_release(home):
    home.ask("r1", "account_id", account(1))
    outcome = erase(home.settings)

    assert outcome == {
        "request_count": 1,
        "account_count": 1,
        "ambiguous": [],
        "raw_row_counts": {"accounts": 1, "transactions": 3, "account_identifiers": 2},
        "restricted_row_count": 2,
        "quarantine_row_count": 2,
        "customer_counts": dict.fromkeys(release_ids(home.settings), 1),
    }
    assert home.left("accounts", "account_key") == sorted([account(2), account(3)])
    assert account(1) not in home.left("account_identifiers", "account_key")
    assert home.left("transactions", "transaction_id") == ["t2", "t5"]
    home.assert_reconciled()
    names = home.settings.restricted / "accounts" / "accounts-1.parquet"
    assert home.read(names, "given_name") == ["Ben"] and names.stat().st_mode & 0o777 == 0o600
    contacts = home.settings.restricted / "account_identifiers" / "account_identifiers-1.parquet"
    assert home.read(contacts, "clear_value") == ["home@example.org"] * 2
    assert contacts.stat().st_mode & 0o777 == 0o600
    quarantined = home.settings.quarantine / "transactions" / "transactions-1.parquet"
    assert home.read(quarantined, "line_number") == [6]
    for release_id in release_ids(home.settings):
        for table in ("customer_profiles", "customer_months", "customer_identifiers"):
            found = customers(home, release_id, table)
            assert customer(1) not in found and len(found) == 39
        folder = releases_dir(home.settings) / release_id
        assert len(home.read(folder / "registry.parquet", "account_key")) == 39
        held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert customer(1).encode() not in held and account(1).encode() not in held
        assert not list(folder.glob(".tmp-*"))
        field = pq.read_schema(folder / "customer_profiles.parquet").field("customer_id")
        assert field.metadata == {b"description": b"The resolved customer."}
        assert (folder / "contracts" / "customer_profiles.odcs.yaml").is_file()


def test_a_person_is_erased_from_proposed_links_and_decisions(home):
    links = links_file(home.settings)
    row = {"match_probability": 0.7, "match_weight": 1.0, "is_doubtful": False}
    pairs = [sorted((account(left), account(right))) for left, right in ((1, 2), (2, 3))]
    home.settings.state.mkdir(parents=True, exist_ok=True)
    table = [row | {"account_key": one, "other_account_key": two} for one, two in pairs]
    pq.write_table(pa.Table.from_pylist(table, PROPOSED_LINKS), links)
    for pair in pairs:
        decide(home.settings, tuple(pair), "accepted", "asked them")
    home.ask("r1", "account_id", account(1))
    erase(home.settings)
    assert home.read(links, "account_key") == [pairs[1][0]]
    assert [[d.account_key, d.other_account_key] for d in read_decisions(home.settings)] == [
        pairs[1]
    ]


def test_the_ledger_tells_how_many_rows_were_erased(home):
    home.ask("r1", "account_id", account(1))
    erase(home.settings)
    batch_id = max(path.stem for path in (home.settings.raw / "_batches").glob("transactions-*"))
    entry = read_entry(home.settings, batch_id)
    assert (entry.loaded_count, entry.filtered_count) == (2, 3)
    assert entry.reason_counts == {"erased": 3}


def test_a_release_says_that_persons_were_erased_and_its_hash_is_of_what_is_left(home):
    before = read_manifest(home.settings)
    home.ask("r1", "account_id", account(1))
    erase(home.settings)
    after = read_manifest(home.settings)
    assert after["release_id"] == before["release_id"] == current_release_id(home.settings)
    assert after["content_hash"] != before["content_hash"]
    assert [note["customer_count"] for note in after["erasures"]] == [1]
    assert after["row_counts"]["customer_profiles"] == after["registry_row_count"] == 39
    page = home.settings.published / "current" / "report" / "index.html"
    assert '<td class="number">39</td>' in page.read_text()


def test_samples_in_gate_results_lose_the_person(home):
    settings = home.settings
    for folder in (settings.state / "gate" / "marts", settings.published / "current" / "gate"):
        (folder / "months.json").write_text(json.dumps({"sample": [customer(1), customer(2)]}))
    home.ask("r1", "account_id", account(1))
    erase(home.settings)
    kept = home.settings.published / "current" / "gate" / "months.json"
    assert json.loads(kept.read_text()) == {"sample": ["[erased]", customer(2)]}
    state = (home.settings.state / "gate" / "marts" / "months.json").read_text()
    assert customer(1) not in state and customer(2) in state


def test_erasing_again_finds_nothing_more(home):
    home.ask("r1", "account_id", account(1))
    erase(home.settings)
    again = erase(home.settings)
    assert again == NOTHING | {"request_count": 1, "account_count": 1}


def test_who_had_a_recycled_number_when_asking_goes_and_who_had_it_before_stays(home):
    home.ask("r1", "msisdn", home.key("msisdn", "447700900001"))
    for _ in range(3):  # a request asked again must not point at the holder before
        outcome = erase(home.settings)
        assert outcome["account_count"] == 1
    assert home.left("accounts", "account_key") == sorted([account(1), account(3)])
    assert home.left("transactions", "transaction_id") == ["t1", "t3", "t4", "t5"]


def test_who_asks_after_leaving_a_number_is_found_and_the_new_holder_keeps_it(home):
    number = home.key("msisdn", "447700900001")
    home.ask("r1", "msisdn", number, day="2024-02-01")
    erase(home.settings)
    assert home.left("accounts", "account_key") == sorted([account(2), account(3)])
    assert home.left("transactions", "transaction_id") == ["t2", "t5"]
    # What ties the request to its account stays, so that a later delivery is suppressed.
    keys = home.left("account_identifiers", "account_key")
    assert keys == sorted([account(1), account(2), account(2), account(3)])


def test_an_identifier_that_customers_share_erases_nobody_and_is_told(home):
    home.ask("r1", "email", home.key("email", "home@example.org"))
    outcome = erase(home.settings)
    assert outcome == NOTHING | {"ambiguous": ["r1"], "request_count": 1, "account_count": 0}
    assert len(home.left("accounts", "account_key")) == 3


def test_a_request_delivered_again_by_account_is_no_longer_ambiguous(home):
    home.ask("r1", "email", home.key("email", "home@example.org"))
    assert erase(home.settings)["ambiguous"] == ["r1"]
    home.ask("r1", "account_id", account(2))
    outcome = erase(home.settings)
    assert (outcome["ambiguous"], outcome["account_count"]) == ([], 1)
    assert home.left("accounts", "account_key") == sorted([account(1), account(3)])


def test_an_identifier_no_account_ever_held_is_erased_itself(home):
    stray = home.key("cookie_id", "stray")
    home.land("transactions", [home.charge("t9", "cookie_id", stray, "2024-01-01")], "2024-01")
    home.ask("r1", "cookie_id", stray)
    assert erase(home.settings)["raw_row_counts"] == {"transactions": 1}
    assert "t9" not in home.left("transactions", "transaction_id")


def test_a_request_that_the_gate_has_not_accepted_erases_nobody(home):
    home.ask("r1", "account_id", account(1), status="landed")
    assert erase(home.settings)["request_count"] == 0
    assert len(home.left("accounts", "account_key")) == 3


def test_an_erased_person_delivered_again_is_erased_again(home):
    home.ask("r1", "account_id", account(1))
    erase(home.settings)
    home.land("accounts", [{"account_key": account(1), "opened_at": "2020-01-01"}])
    assert erase(home.settings)["raw_row_counts"] == {"accounts": 1}
    home.assert_reconciled()


@pytest.mark.parametrize("step", ["replace_json", "_forget_in_files", "write_report"])
def test_an_erasure_that_was_interrupted_is_finished_by_the_next(home, monkeypatch, step):
    home.ask("r1", "account_id", account(1))

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(releases, step, stop)
        with pytest.raises(KeyboardInterrupt):
            erase(home.settings)
    erase(home.settings)
    for release_id in release_ids(home.settings):
        assert customer(1) not in customers(home, release_id)
        folder = releases_dir(home.settings) / release_id
        assert len(home.read(folder / "registry.parquet", "account_key")) == 39
    assert home.left("transactions", "transaction_id") == ["t2", "t5"]
    home.assert_reconciled()


def test_lost_rows_are_not_explained_as_erased(home):
    home.ask("r1", "account_id", account(1))
    batch_id = max(path.stem for path in (home.settings.raw / "_batches").glob("transactions-*"))
    entry = home.settings.raw / "_batches" / f"{batch_id}.json"
    changed = json.loads(entry.read_text()) | {"loaded_count": 9, "delivered_count": 10}
    entry.write_text(json.dumps(changed))
    with pytest.raises(SaydoError, match="should hold 9 rows and holds 5"):
        erase(home.settings)


def test_the_candidate_goes_with_the_person(home):
    home.ask("r1", "account_id", account(1))
    tables = home.settings.spark_tables
    (tables / "intermediate" / "int_people").mkdir(parents=True)
    (tables / "managed" / "intermediate.db" / "int_facts__new").mkdir(parents=True)
    assert home.settings.engine == "duckdb"  # Spark was, before
    erase(home.settings)
    assert not home.settings.warehouse.exists()
    assert not tables.exists()


def test_a_candidate_being_built_stops_the_erasure_before_it_begins(home):
    home.ask("r1", "account_id", account(1))
    build = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", build, str(home.settings.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as builder:
        builder.stdout.readline()
        with pytest.raises(SaydoError, match="is being built"):
            erase(home.settings)
        builder.communicate(b"\n")
    assert len(home.left("accounts", "account_key")) == 3
    assert customer(1) in customers(home, current_release_id(home.settings))
    assert erase(home.settings)["raw_row_counts"]["accounts"] == 1


def test_no_erasure_beside_a_publish(home):
    with hold_home(home.settings, "a publish"), pytest.raises(HomeBusy):
        Context().run(erase, home.settings)


def test_a_person_is_erased_from_decisions_on_credits_and_what_was_handed_over(home):
    rows = [
        dict.fromkeys(CREDITS.schema.names)
        | {"decision_id": f"d{n}", "decided_for": customer(n), "account_key": account(n),
           "decision": "credit", "credit_amount": Decimal(2), "release_id": "r"}
        for n in (1, 2)
    ]  # fmt: skip
    append(home.settings, CREDITS, "r", rows)
    store = home.settings.restricted / "accounts" / "ids-1.parquet"
    home.write(store, f"select '{account(1)}' as account_key, 'AC-1' as account_id")
    hand_over(home.settings)
    record_hand_overs(home.settings)
    (file,) = outbox(home.settings).glob("*.csv")
    assert "AC-1" in file.read_text()

    home.ask("r1", "account_id", account(1))
    erase(home.settings)

    assert read(home.settings, CREDITS).column("decision_id").to_pylist() == ["d2"]
    assert read(home.settings, HAND_OVERS).num_rows == 0
    assert "AC-1" not in file.read_text()
    manifest = json.loads(file.with_suffix(".json").read_text())
    assert (manifest["row_count"], manifest["recalled_decision_ids"]) == (0, ["d1"])
