"""When a source is said to find fewer owners, or to have facts of nobody: many draws at once."""

from __future__ import annotations

import random

import duckdb
import pytest

from expectations.marts import data_readiness
from saydo.config import Feeds, Policy

POLICY = Policy()
OWNED_LESS = f"to within {POLICY.gate.max_match_ratio_fall:.1%}"
OF_NOBODY = f"at most {POLICY.gate.max_orphan_ratio:.1%}"
DRAWS = 1500


@pytest.fixture
def failing():
    """Rows of the rule whose description says so, over (source, feature, facts, then, now)."""

    def ask(rule: str, features: list[tuple[str, str, int, float, float]]) -> list[dict]:
        with duckdb.connect() as connection:
            connection.execute(
                "create schema marts; create schema staging; create schema intermediate;"
                "create table told (source varchar, feature varchar, row_count bigint, "
                "published double, match_ratio decimal(9, 4))"
            )
            connection.executemany("insert into told values (?, ?, ?, ?, ?)", features)
            connection.execute(
                "create view marts.data_readiness as select *, row_count as loaded_count from told;"
                "create view staging.stg_operations__published_readiness as "
                "select source, feature, cast(published as decimal(9, 4)) as match_ratio from told;"
                "create view intermediate.int_features_graded as select * from told;"
                "create view intermediate.int_orphans_counted_to_sources as select distinct "
                "source, 120 as orphan_count, 20 as unknown_count, 100 as early_count from told"
            )
            (query,) = [
                expectation.unexpected_rows_query
                for expectation in data_readiness.suite(POLICY, Feeds(feeds=[]))
                if rule in (expectation.description or "")
            ]
            found = connection.execute(query.format(batch="(from marts.data_readiness) as told"))
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return ask


def owned(rng: random.Random, facts: int, orphan_ratio: float) -> float:
    return sum(rng.random() >= orphan_ratio for _ in range(facts)) / facts


@pytest.mark.parametrize("facts", [5, 30, 100, 300])
@pytest.mark.parametrize("orphan_ratio", [0.0, 0.01, 0.05])
def test_chance_alone_is_no_fall_however_small_the_source(failing, facts, orphan_ratio):
    rng = random.Random(facts)
    draws = [
        (f"s{n}", "x", facts, owned(rng, facts, orphan_ratio), owned(rng, facts, orphan_ratio))
        for n in range(DRAWS)
    ]
    assert len(failing(OWNED_LESS, draws)) <= DRAWS / 300


@pytest.mark.parametrize(("facts", "now"), [(30, 0.5), (100, 0.8), (1000, 0.95), (10**7, 0.965)])
def test_a_real_fall_is_one_in_a_source_of_any_size(failing, facts, now):
    assert failing(OWNED_LESS, [("s", "x", facts, 0.99, now)])


def test_within_the_tolerance_it_is_no_fall_however_large_the_source(failing):
    assert failing(OWNED_LESS, [("s", "x", 10**9, 1, 0.981)]) == []
    assert failing(OWNED_LESS, [("answers", "x", 30, 1, 29 / 30)]) == []


def test_a_source_is_told_once_with_its_worst_feature_and_why_its_facts_are_nobodys(failing):
    features = [("usage", f"measure_{n}", 180, 1, 0.4) for n in range(9)]
    (row,) = failing(OF_NOBODY, [*features, ("usage", "usage", 180, 1, 0.3333)])
    assert (row["source"], float(row["orphan_ratio"])) == ("usage", 0.6667)
    assert (row["orphan_count"], row["early_count"], row["unknown_count"]) == (120, 100, 20)
    (fallen,) = failing(OWNED_LESS, features)
    assert (fallen["feature_count"], float(fallen["fall"])) == (9, 0.6)
