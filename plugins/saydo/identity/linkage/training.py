"""How the model is trained: shares of levels learnt from the accounts themselves."""

from __future__ import annotations

import math
from typing import Any

import duckdb

from saydo.identity.linkage import comparisons as compared
from saydo.identity.linkage.model import (
    ASSUMED_MATCHES,
    DIGITS,
    FEWEST_ACCOUNTS,
    HOUSEHOLD_SHARE,
    SAMPLED_PAIRS,
    Model,
    untrained,
)
from saydo.identity.linkage.scoring import linker

_SEED = 1
_LEAST_SHARE = 1e-4  # what was never seen among matches is rare, not impossible
_FEWEST_NEIGHBOURS = 100


def train(connection: duckdb.DuckDBPyConnection, account_count: int) -> Model:
    """Learn a model from `people`: the same accounts, in whatever order, give the same one.

    The share of a level among any two accounts is counted in a sample of pairs (by a hash of the
    account keys), its share among one person's by expectation maximisation from the built-in ones.
    """
    from splink.internals.exceptions import EMTrainingException

    start = untrained()
    if account_count < FEWEST_ACCOUNTS:
        return start
    learner = linker(connection, start, account_count, with_frequencies=False)
    learner.training.estimate_u_using_random_sampling(
        max_pairs=SAMPLED_PAIRS, seed=_SEED, min_count_per_level=None, num_chunks=1
    )
    agreeing: dict[tuple[str, ...], float] = {}  # pairs that are one person's, by training columns
    for block, columns in compared.TRAINING_BLOCKS.items():
        try:
            taught = learner.training.estimate_parameters_using_expectation_maximisation(
                _training_rule(block, columns),
                max_pairs=SAMPLED_PAIRS,
                record_sample_proportion=1.0,
            )
        except EMTrainingException:  # no pair agrees so far: what it would teach stays as built in
            continue
        share = taught.core_model_settings.probability_two_random_records_match
        agreeing[columns] = share * _agreeing_pair_count(connection, block, columns)
    pair_count = min(SAMPLED_PAIRS, account_count * (account_count - 1) / 2)
    shares = _learnt(learner.misc.save_model_to_json(), 1 / pair_count)
    matches = float(account_count) * ASSUMED_MATCHES
    for columns, count in agreeing.items():
        matches = count / math.prod(shares[column][0][0] for column in columns)
    return Model(
        start.specification,
        account_count,
        float(f"{max(matches, 1) / account_count:.{DIGITS}g}"),
        _has_households(connection),
        shares,
    )


def _training_rule(block: str, columns: tuple[str, ...]) -> str:
    """Pairs of a block that agree on the columns."""
    return " and ".join(f"l.{column} = r.{column}" for column in (block, *columns))


def _agreeing_pair_count(
    connection: duckdb.DuckDBPyConnection, block: str, columns: tuple[str, ...]
) -> int:
    [(count,)] = connection.execute(
        "select coalesce(sum(members * (members - 1) // 2), 0) from (select count(*) as members "
        f"from people where {block} is not null group by {', '.join(columns)})"
    ).fetchall()
    return int(count)


def _learnt(content: dict[str, Any], least_chance: float) -> dict[str, list[tuple[float, float]]]:
    """The shares in Splink's own description of a model."""
    return {
        described["output_column_name"]: [
            (
                _kept(level.get("m_probability"), _LEAST_SHARE),
                _kept(level.get("u_probability"), least_chance),
            )
            for level in described["comparison_levels"]
            if not level.get("is_null_level")
        ]
        for described in content["comparisons"]
    }


def _kept(share: float | None, least: float) -> float:
    return float(f"{max(share or 0.0, least):.{DIGITS}g}")


def _has_households(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether accounts of one family name and address are often plainly different persons'.

    Taken for granted where there are too few such accounts to tell.
    """
    [(pair_count, different_count)] = connection.execute(
        "select count(*), count(*) filter (where "
        "jaro_winkler_similarity(l.given_name, r.given_name) < 0.7 "
        "and damerau_levenshtein(l.birth_date, r.birth_date) > 1) "
        "from people as l join people as r on l.account_key < r.account_key "
        "and l.block_family = r.block_family and l.street = r.street "
        "where l.given_name is not null and r.given_name is not null "
        "and l.birth_date is not null and r.birth_date is not null"
    ).fetchall()
    return pair_count < _FEWEST_NEIGHBOURS or different_count > HOUSEHOLD_SHARE * pair_count
