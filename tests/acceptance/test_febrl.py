"""Records of persons with typing errors, and no identifier in common: a cleaner set, a noisier one.

The rules know neither; what a record says of its person is read off its id, for the score alone.
"""

from __future__ import annotations

import csv
import itertools
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from whole_business import HERE, account_keys

from saydo.build import build_layer, prepare
from saydo.gate import check_sources
from saydo.landing import land_all
from saydo.settings import Settings

RECORDS, TRUE_PAIRS = 5_000, 6_538
NOISY_RECORDS, NOISY_TRUE_PAIRS = 10_000, 13_556
AS_OF = date(2024, 12, 31)


def build(settings: Settings) -> None:
    """As far as identity: a set without a single fact has nothing to publish."""
    land_all(settings)
    check_sources(settings)
    prepare(settings, AS_OF)
    for layer in ("staging", "identity"):
        build_layer(settings, layer, AS_OF)


def linking(delivered: Settings, feeds_file: Path) -> Settings:
    settings = Settings(
        home=delivered.home,
        feeds_file=feeds_file,
        policy_file=HERE / "febrl" / "policy.yml",
        memory_limit="2GB",
        pseudonym_key="febrl acceptance set",  # the pairs a model is trained on follow the keys
    )
    build(settings)
    return settings


@pytest.fixture(scope="module")
def settings(deliver) -> Settings:
    delivered = deliver("febrl")
    return linking(delivered, delivered.feeds_file)


@pytest.fixture(scope="module")
def records(settings) -> list[dict[str, str]]:
    with (settings.landing / "dataset3.csv").open(newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return warehouse.execute(sql).fetchall()


@pytest.fixture(scope="module")
def customer_of(settings, records) -> dict[str, str]:
    return customers(settings, [record["rec_id"] for record in records])


def customers(settings: Settings, ids: list[str]) -> dict[str, str]:
    """rec_id to customer. The id says whose a record is; Saydo saw it hashed, as a mere anchor."""
    resolved = dict(
        rows(settings, "select account_key, customer_id from intermediate.int_accounts_resolved")
    )
    return {one: resolved[key] for one, key in account_keys(settings, ids).items()}


def pairs(groups: dict[str, str]) -> set[tuple[str, str]]:
    """Every pair of records of one group."""
    members: dict[str, list[str]] = defaultdict(list)
    for record, group in groups.items():
        members[group].append(record)
    return {
        (left, right)
        for together in members.values()
        for left, right in itertools.combinations(sorted(together), 2)
    }


def score(
    customer_of: dict[str, str], person_of: dict[str, str], count: int
) -> tuple[float, float]:
    """Precision and recall over the pairs of records."""
    truth, found = pairs(person_of), pairs(customer_of)
    assert len(truth) == count
    return len(found & truth) / len(found), len(found & truth) / len(truth)


def test_records_become_persons_with_few_misses_and_fewer_errors(customer_of):
    assert len(customer_of) == RECORDS
    person_of = {record: record.split("-")[1] for record in customer_of}
    precision, recall = score(customer_of, person_of, TRUE_PAIRS)
    assert precision >= 0.99, (precision, recall)
    assert 2 * precision * recall / (precision + recall) >= 0.98, (precision, recall)


def test_noise_in_every_attribute_hides_a_quarter_of_the_pairs_and_joins_next_to_nobody(
    deliver, tmp_path
):
    delivered = deliver("febrl")
    feeds = delivered.feeds_file.read_text().replace("dataset3.csv", "dataset_C.csv")
    (tmp_path / "feeds.yml").write_text(feeds)
    settings = linking(delivered, tmp_path / "feeds.yml")
    with (settings.landing / "dataset_C.csv").open(newline="") as file:
        ids = [record["rec_id"] for record in csv.DictReader(file)]
    assert len(ids) == NOISY_RECORDS
    person_of = {one: str(int(one) // 10) for one in ids}
    precision, recall = score(customers(settings, ids), person_of, NOISY_TRUE_PAIRS)
    assert precision >= 0.998, (precision, recall)
    assert recall >= 0.74, (precision, recall)


def test_an_identifier_says_that_it_rests_on_likeness(settings, customer_of):
    told = {
        evidence: (count, least, most)
        for evidence, count, least, most in rows(
            settings,
            "select evidence, count(*), min(match_probability), max(match_probability) "
            "from intermediate.int_identifiers_resolved group by evidence",
        )
    }
    assert told.keys() == {"anchor", "probabilistic"}
    customers = len(set(customer_of.values()))
    assert told["anchor"] == (customers, 1, 1)
    count, least, most = told["probabilistic"]
    assert count == RECORDS - customers
    assert 0.9 <= least <= most <= 1


def test_no_name_leaves_the_restricted_store(settings, records):
    words = {
        word.encode()
        for record in records
        for name in ("given_name", "surname", "suburb", "address_1")
        # Long enough not to be a piece of a hash or of the project's own words.
        if len(word := (record[name] or "").strip()) >= 9
    }
    assert len(words) > 1_000
    kept = [
        file
        for place in ("state", "raw", "quarantine")
        for file in (settings.home / place).rglob("*")
        if file.is_file()
    ] + [settings.warehouse]
    contents = {file.relative_to(settings.home).as_posix(): file.read_bytes() for file in kept}
    assert {"state/proposed_links.parquet", "warehouse.duckdb"} <= contents.keys()
    assert any(name.startswith("state/linkage/model-") for name in contents)
    assert {
        (name, word) for name, content in contents.items() for word in words if word in content
    } == set()
    restricted = [f for f in settings.restricted.rglob("*") if f.is_file()]
    assert {f.relative_to(settings.restricted).parts[0] for f in restricted} == {
        "accounts", "linkage",
    }  # fmt: skip
    assert all(f.stat().st_mode & 0o077 == 0 for f in restricted)


def test_a_second_build_proposes_the_same_with_the_stored_model(settings, customer_of):
    file = settings.state / "proposed_links.parquet"
    models = settings.state / "linkage"
    before = pq.read_table(file), sorted(models.iterdir())
    build(settings)
    assert pq.read_table(file).equals(before[0])
    assert sorted(models.iterdir()) == before[1]
    assert len(before[1]) == 1
