"""How the model is trained: shares of levels learnt from the accounts themselves."""

from __future__ import annotations

import math
from typing import Any

import duckdb

from saydo.identity.linkage import comparisons as compared
from saydo.identity.linkage.households import Shares, housemates_in
from saydo.identity.linkage.model import (
    ASSUMED_HOUSEMATES,
    ASSUMED_MATCHES,
    DIGITS,
    FEWEST_ACCOUNTS,
    SAMPLED_PAIRS,
    Model,
    untrained,
)
from saydo.identity.linkage.scoring import linker

_SEED = 1
_LEAST_SHARE = 1e-4  # what was never seen among matches is rare, not impossible
_MOST_ALIKE = 100  # times as frequent among one person's: names and e-mails are not independent


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
    shares = _learnt(learner.misc.save_model_to_json(), start, 1 / pair_count)
    found = housemates_in(connection, shares)
    housemates = account_count * ASSUMED_HOUSEMATES if found is None else found
    matches = float(account_count) * ASSUMED_MATCHES
    for columns, count in agreeing.items():
        matches = count / math.prod(
            shares[column][0][0] * _known_share(connection, column) ** 2 for column in columns
        )
    return Model(
        start.specification,
        account_count,
        float(f"{max(matches, 1) / account_count:.{DIGITS}g}"),
        float(f"{max(housemates, 1) / account_count:.{DIGITS}g}"),
        shares,
    )


def _known_share(connection: duckdb.DuckDBPyConnection, column: str) -> float:
    """The share of accounts of which it is known."""
    [(share,)] = connection.execute(f"select count({column}) / count(*) from people").fetchall()
    return float(share)


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


def _learnt(content: dict[str, Any], start: Model, least_chance: float) -> Shares:
    """The shares in Splink's own description of a model; a level no pair had keeps its own."""
    learnt: Shares = {}
    for described in content["comparisons"]:
        name = described["output_column_name"]
        levels = [
            level for level in described["comparison_levels"] if not level.get("is_null_level")
        ]
        learnt[name] = [
            (
                _kept(_number(level.get("m_probability"), built_in[0]), _LEAST_SHARE),
                _kept(_number(level.get("u_probability"), built_in[1]), least_chance),
            )
            for level, built_in in zip(levels, start.shares[name], strict=True)
        ]
    for comparison in compared.COMPARISONS:
        if comparison.only_alike:
            built_in = start.shares[comparison.name]
            alike = zip(learnt[comparison.name][1:-1], built_in[1:-1], strict=True)
            learnt[comparison.name][1:-1] = [_alike(*shares) for shares in alike]
            learnt[comparison.name][0], learnt[comparison.name][-1] = built_in[0], built_in[-1]
    return learnt


def _alike(learnt: tuple[float, float], built_in: tuple[float, float]) -> tuple[float, float]:
    """Never against one person, and not far for it: chance is as frequent as built in at least."""
    chance = max(learnt[1], built_in[1])
    return float(f"{min(max(learnt[0], chance), _MOST_ALIKE * chance):.{DIGITS}g}"), chance


def _number(told: Any, otherwise: float) -> float:
    """A share, or what is to be taken where Splink says in words that it saw none."""
    return told if isinstance(told, float) else otherwise


def _kept(share: float, least: float) -> float:
    return float(f"{max(share, least):.{DIGITS}g}")
