"""Links proposed from made-up people: right, the same in any order, and of account keys alone."""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import sys
from collections import defaultdict
from datetime import date

import pyarrow.parquet as pq
import pytest
from made_up_people import ANN, BEN, People, few, make_home, write_people

from saydo.errors import ConfigError, SaydoError
from saydo.identity.linkage import (
    compared_file,
    decide,
    forget_accounts,
    links_file,
    propose_links,
)
from saydo.identity.linkage import links as links_module
from saydo.settings import Settings

HOUSEHOLDS = 2_400


@pytest.fixture(autouse=True, scope="module")
def a_smaller_sample():
    """A tenth of the pairs says enough of so few names, in a tenth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("saydo.identity.linkage.training.SAMPLED_PAIRS", 200_000)
        yield


@pytest.fixture(scope="module")
def people() -> People:
    return People().fill(HOUSEHOLDS)


@pytest.fixture(scope="module")
def home(people, tmp_path_factory) -> Settings:
    settings = make_home(tmp_path_factory.mktemp("linkage"), people)
    assert propose_links(settings)
    return settings


def rows(settings: Settings) -> list[dict]:
    return pq.read_table(links_file(settings)).to_pylist()


def accepted(settings: Settings) -> set[tuple[str, str]]:
    return {
        (row["account_key"], row["other_account_key"])
        for row in rows(settings)
        if (row["match_probability"] or 0) >= 0.9 and not row["is_doubtful"]
    }


def true_pairs(people: People) -> set[tuple[str, str]]:
    together = defaultdict(list)
    for account, person in people.person.items():
        together[person].append(account)
    return {pair for keys in together.values() for pair in itertools.combinations(sorted(keys), 2)}


def test_accounts_of_one_person_are_linked_and_of_two_are_not(home, people):
    found, truth = accepted(home), true_pairs(people)
    assert len(truth) > 500
    assert len(found & truth) / len(truth) >= 0.97
    assert len(found & truth) / len(found) >= 0.999


def test_no_two_persons_of_a_household_are_linked(home, people):
    assert len(people.household.values()) > len(set(people.household.values())) + 700
    assert {
        pair
        for pair in accepted(home)
        if people.household[pair[0]] == people.household[pair[1]]
        and people.person[pair[0]] != people.person[pair[1]]
    } == set()


def test_the_order_of_accounts_and_their_files_changes_nothing(home, people, tmp_path):
    shuffled = make_home(tmp_path, people, shuffle=5)
    split = [row | {"batch": f"crm-{number % 3}"} for number, row in enumerate(people.rows)]
    for file in (shuffled.restricted / "accounts").iterdir():
        file.unlink()
    write_people(shuffled, split[::-1])
    propose_links(shuffled)
    assert rows(shuffled) == rows(home)
    assert model_files(shuffled).keys() == model_files(home).keys()


def model_files(settings: Settings) -> dict[str, dict]:
    folder = settings.state / "linkage"
    return {file.name: json.loads(file.read_text()) for file in folder.glob("model-*.json")}


def test_a_stored_model_is_used_again_and_named_in_every_row(home, people, tmp_path, monkeypatch):
    ((name, content),) = model_files(home).items()
    assert {f"model-{row['model_version']}.json" for row in rows(home)} == {name}
    assert content["account_count"] == len(people.rows)
    again = make_home(tmp_path, People(seed=2).fill(HOUSEHOLDS // 2))
    (again.state / "linkage").mkdir(parents=True)
    (again.state / "linkage" / name).write_text((home.state / "linkage" / name).read_text())
    monkeypatch.setattr("saydo.identity.linkage.training.train", None)
    propose_links(again)
    assert {f"model-{row['model_version']}.json" for row in rows(again)} == {name}


def test_a_model_holds_no_value_of_anybody(home, people):
    ((_, content),) = model_files(home).items()
    texts = [text for text in json.dumps(content).split('"') if text.isalpha()]
    values = {str(row[name]) for row in people.rows for name in ("given_name", "family_name")}
    assert values.isdisjoint(texts)
    assert content.keys() == {
        "specification", "account_count", "matches_per_account", "housemates_per_account", "shares",
    }  # fmt: skip
    assert content["housemates_per_account"] > 0.1  # every third household is of two
    for name in ("email", "phone"):  # what is the same or unlike says nothing, what is alike little
        same, *alike, unlike = content["shares"][name]
        assert same[0] == same[1] and unlike[0] == unlike[1]
        assert all(chance <= match <= 100 * chance for match, chance in alike)
    for levels in content["shares"].values():
        assert all(0 < share <= 1 for level in levels for share in level)


def test_no_clear_value_is_outside_the_restricted_store_or_in_the_log(people, tmp_path, caplog):
    settings = make_home(tmp_path, people)
    with caplog.at_level(1):
        propose_links(settings)
    words = {
        str(row[name])
        for row in people.rows
        for name in ("given_name", "family_name", "street", "postcode", "birth_date")
        if row[name]
    } | {email for row in people.rows for email in row["emails"]}
    outside = [
        file
        for file in tmp_path.rglob("*")
        if file.is_file() and not file.is_relative_to(settings.restricted)
    ]
    assert links_file(settings) in outside
    for file in outside:
        content = file.read_bytes()
        assert not [w for w in words if len(w) >= 6 and w.encode() in content], file
    assert f"{len(people.rows):,} accounts compared" in caplog.text
    assert not [w for w in words if w in caplog.text]
    assert logging.getLogger("splink").level > logging.CRITICAL
    assert {f.name for f in settings.restricted.iterdir()} == {
        "account_identifiers", "accounts", "linkage",
    }  # fmt: skip


def test_an_unexpected_error_is_told_without_its_text(tmp_path, monkeypatch):
    def fail(*_):
        raise ValueError("Belanda Corfi, 12 Mino Road")

    monkeypatch.setattr(links_module, "load_people", fail)
    with pytest.raises(SaydoError, match=r"failed with ValueError in links\._compare") as caught:
        propose_links(make_home(tmp_path, People().fill(2)))
    assert "Belanda" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_the_newest_version_of_an_account_counts(tmp_path):
    settings = few(
        tmp_path, ("a", "crm-1", 1, ANN), ("b", "crm-1", 1, BEN), ("b", "crm-1", 2, ANN),
        ("c", "crm-1", 1, ANN), ("c", "crm-2", 3, BEN),
    )  # fmt: skip
    propose_links(settings)
    assert accepted(settings) == {("a", "b")}


def test_an_account_that_staging_leaves_out_is_not_compared(tmp_path):
    settings = few(
        tmp_path, ("a", "crm-1", 1, ANN), ("b", "crm-1", 1, ANN), ("gone", "crm-2", 1, ANN),
        staged=[0, 1],
    )  # fmt: skip
    propose_links(settings)
    assert accepted(settings) == {("a", "b")}


@pytest.mark.parametrize(
    ("other", "is_linked"),
    [
        ({}, True),
        ({"given_name": "ÁNN", "family_name": " poe ", "street": "Old Road, 1"}, True),
        ({"given_name": "Poe", "family_name": "Ann"}, True),
        ({"given_name": "Zoltan"}, False),  # twins
        ({"birth_date": date(2009, 11, 23)}, False),  # named after a parent
        ({"given_name": "Zoltan", "birth_date": date(2009, 11, 23)}, False),
        ({"given_name": "Ann", "birth_date": None}, True),
        ({"given_name": "Anna", "birth_date": None}, False),  # a sister, as like as not
        ({"given_name": "Anna"}, True),
        ({"given_name": None, "birth_date": None}, False),  # nothing of the person itself
        ({"street": "9 New Lane", "postcode": "X7", "city": "York"}, True),
    ],
)
def test_few_accounts_are_judged_by_the_built_in_shares(tmp_path, other, is_linked):
    settings = few(tmp_path, ("a", "crm-1", 1, ANN), ("b", "crm-1", 1, ANN | other))
    propose_links(settings)
    assert accepted(settings) == ({("a", "b")} if is_linked else set())
    assert model_files(settings) == {}


def test_decisions_are_written_beside_the_proposals_and_outlive_them(tmp_path):
    settings = few(
        tmp_path, ("a", "crm-1", 1, ANN), ("b", "crm-1", 1, ANN),
        ("c", "crm-1", 1, BEN | {"family_name": "Other", "postcode": "Z", "street": "3 Far Row"}),
    )  # fmt: skip
    decide(settings, ("b", "a"), "rejected", "two persons")
    decide(settings, ("c", "a"), "accepted", "a new name")
    decide(settings, ("a", "unknown"), "accepted", "its file was withdrawn")
    assert propose_links(settings)
    found = {(r["account_key"], r["other_account_key"]): r for r in rows(settings)}
    assert found.keys() == {("a", "b"), ("a", "c")}
    assert found["a", "b"]["decision"] == "rejected"
    assert found["a", "c"]["decision"] == "accepted"
    assert found["a", "c"]["match_probability"] is None
    assert not propose_links(settings), "nothing is new"


def test_an_erased_account_leaves_proposals_levels_and_decisions(tmp_path):
    versions = [(key, "crm-1", 1, ANN) for key in ("a", "b", "c")]
    settings = few(tmp_path, *versions)
    decide(settings, ("a", "b"), "accepted", "seen together")
    decide(settings, ("b", "c"), "accepted", "seen together")
    propose_links(settings)
    for _ in range(2):
        forget_accounts(settings, {"a"})
    kept = [links_file(settings), links_module.levels_file(settings), compared_file(settings)]
    for file in kept:
        table = pq.read_table(file)
        assert set(table["account_key"].to_pylist() + table["other_account_key"].to_pylist()) == {
            "b", "c",
        }  # fmt: skip
    assert kept[1].stat().st_mode & 0o077 == 0
    decisions = json.loads((settings.state / "linkage" / "decisions.json").read_text())
    assert [(d["account_key"], d["other_account_key"]) for d in decisions] == [("b", "c")]


def test_a_value_that_too_many_share_proposes_nobody(tmp_path):
    crowd = {"given_name": None, "family_name": None, "street": None, "postcode": None}
    placeholder = ANN | crowd | {"birth_date": date(1900, 1, 1)}
    versions = [(f"n{n}", "crm-1", 1, placeholder) for n in range(12)]
    settings = few(tmp_path / "few", *versions)
    propose_links(settings)
    assert rows(settings), "within the limit they are compared"
    settings = few(tmp_path / "capped", *versions)
    (tmp_path / "capped" / "policy.yml").write_text(
        "linkage: {is_on: true, max_block_accounts: 11}"
    )
    propose_links(settings)
    assert rows(settings) == []


def test_without_splink_the_switch_is_a_configuration_error(tmp_path, monkeypatch):
    from saydo.build import check_configuration

    settings = make_home(tmp_path, People())
    monkeypatch.setattr(links_module.importlib.util, "find_spec", lambda _: None)
    for check in (check_configuration, propose_links):
        with pytest.raises(ConfigError, match=r"pip install 'saydo\[linkage\]'"):
            check(settings)


def test_switched_off_nothing_of_splink_is_imported():
    code = (
        "import sys, saydo.build, saydo.cli; from saydo.settings import Settings; "
        "from saydo.build import check_configuration; check_configuration(Settings()); "
        "from saydo.identity.linkage import propose_links; assert not propose_links(Settings()); "
        "sys.exit('splink' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
